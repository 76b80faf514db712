import { accessTokenEndpoint } from './access-token-endpoint.js'
import { authorizationPages } from './authorization-pages.js'
import { installationPages } from './installation-pages.js'
import { manifestPages } from './manifest-pages.js'
import type { PageRequest } from './page-request.js'
import { servePage } from './repository-pages.js'

/** Serves the pages of the web site: those with forms, by which Apps are created, installed and authorized, and the others. Null if there is no such page. */
export async function servePages(asked: PageRequest): Promise<Response | null> {
  for (const serve of [manifestPages, installationPages, authorizationPages, accessTokenEndpoint]) {
    const response = serve(asked)
    if (response !== null) return response
  }
  if (asked.request.method !== 'GET' && asked.request.method !== 'HEAD') return null
  return servePage(asked.world, asked.path, new URL(asked.request.url).search)
}

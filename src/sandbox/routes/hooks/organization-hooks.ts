import type { Answer } from '../../http/answer.js'
import { failure, notFound } from '../../http/answer.js'
import type { Call, GeneralRoute, Method } from '../../http/call.js'
import type { HookEndpoint } from './hook-endpoints.js'
import { hookEndpoints } from './hook-endpoints.js'

/** Webhooks of organizations. */
export const organizationHookRoutes: GeneralRoute[] = hookEndpoints.map((endpoint) => ({
  method: endpoint.method,
  path: `/orgs/{org}${endpoint.path}`,
  handle: (call) => handle(call, endpoint),
}))

function handle(call: Call, endpoint: HookEndpoint): Answer | Promise<Answer> {
  const organization = call.world.directory.account(call.params.org ?? '')
  if (organization?.type !== 'Organization') return notFound()
  const refused = refusal(call, endpoint.method)
  return refused ?? endpoint.handle(call, { type: 'organization', id: organization.id })
}

/** A token with permissions of its own needs `organization_hooks` for all repositories (`*`). */
function refusal({ actor }: Call, method: Method): Answer | null {
  if (actor === null) return failure(401, 'Requires authentication')
  if (actor.token.grants === null) return null
  const level = method === 'GET' ? 'read' : 'write'
  const grant = actor.token.grants['*']
  const held = grant === undefined || grant === 'none' ? undefined : grant.organization_hooks
  if (held === 'write' || held === level) return null
  return failure(403, 'Resource not accessible by personal access token', {
    'x-accepted-github-permissions': `organization_hooks=${level}`,
  })
}

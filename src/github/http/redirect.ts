import { toRepository } from '../api/payload.js'
import type { HttpAnswer } from './answer.js'

/** The target of a redirect. */
export type Redirect =
  | { kind: 'none' }
  /** `/repositories/{id}/…`: GitHub redirects the old name of a repository to this path. */
  | { kind: 'renamed'; ask: { path: string; parameters: Record<string, never> }; toFullName: (body: unknown) => string }
  /** Any other address. It must never receive the token. */
  | { kind: 'elsewhere'; url: URL }
  | { kind: 'unreadable' }

/** Reads a 3xx answer (REST "Follow redirects": 301, 302 and 307, with `Location`). */
export function readRedirect(answer: Pick<HttpAnswer, 'status' | 'headers'>, apiUrl: string): Redirect {
  if (answer.status < 300 || answer.status > 399) return { kind: 'none' }
  const { location } = answer.headers
  const url = location === undefined ? null : parseUrl(location, apiUrl)
  if (url === null) return { kind: 'unreadable' }
  const api = new URL(apiUrl)
  const id = /^\/repositories\/(\d+)(?:\/|$)/u.exec(below(api.pathname, url.pathname))?.[1]
  if (url.origin !== api.origin || id === undefined) return { kind: 'elsewhere', url }
  return {
    kind: 'renamed',
    ask: { path: `/repositories/${id}`, parameters: {} },
    toFullName: (body) => toRepository(body).fullName,
  }
}

function parseUrl(location: string, base: string): URL | null {
  try {
    return new URL(location, base)
  } catch {
    // The header is not an address: the caller reports it.
    return null
  }
}

function below(root: string, path: string): string {
  const prefix = root.endsWith('/') ? root.slice(0, -1) : root
  return path.startsWith(prefix) ? path.slice(prefix.length) : ''
}

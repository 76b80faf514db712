import type { Context } from 'hono'
import type { HttpEnv } from '../http-env.js'

/** `name:port` that the request was sent to. */
export function hostOf(c: Context<HttpEnv>): string {
  return c.req.header('host') ?? new URL(c.req.url).host
}

/** The address of this service as the browser has it, without a path. */
export function ownOrigin(c: Context<HttpEnv>, publicUrl: string | null): string {
  return publicUrl === null ? `http://${hostOf(c)}` : new URL(publicUrl).origin
}

/** Whether a form was sent by a page of this service, as far as the browser says: `Origin`, or `Sec-Fetch-Site` without it. */
export function isOwnForm(c: Context<HttpEnv>, publicUrl: string | null): boolean {
  const origin = c.req.header('origin')
  if (origin !== undefined) return origin === ownOrigin(c, publicUrl) || origin === `http://${hostOf(c)}`
  const site = c.req.header('sec-fetch-site')
  return site === undefined || site === 'same-origin' || site === 'none'
}

/** The address that the request comes from, as the server of Node reports it. */
export function addressOf(c: Context<HttpEnv>): string {
  return incomingOf(c).socket?.remoteAddress ?? 'unknown'
}

/** Path and query exactly as the sender wrote them: reading a URL may change how characters are escaped. */
export function pathAsSent(c: Context<HttpEnv>): string {
  const { pathname, search } = new URL(c.req.url)
  return incomingOf(c).url ?? `${pathname}${search}`
}

/** The request of Node; empty in a test without a server. */
function incomingOf(c: Context<HttpEnv>): { url?: string; socket?: { remoteAddress?: string } } {
  const { incoming } = (c.env ?? {}) as { incoming?: { url?: string; socket?: { remoteAddress?: string } } }
  return incoming ?? {}
}

import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { HttpEnv } from '../http-env.js'
import { sessionMs } from './sessions.js'

/** Browsers take a cookie with `__Host-` only over https, for this host and for every path. */
function nameOf(isSecure: boolean): string {
  return isSecure ? '__Host-orch' : 'orch'
}

function attributes(isSecure: boolean) {
  return { httpOnly: true, sameSite: 'Lax', secure: isSecure, path: '/' } as const
}

export function isHttps(publicUrl: string | null): boolean {
  return publicUrl !== null && new URL(publicUrl).protocol === 'https:'
}

/** Id of the session that the browser sends; undefined: none. */
export function readSessionCookie(c: Context<HttpEnv>, publicUrl: string | null): string | undefined {
  return getCookie(c, nameOf(isHttps(publicUrl)))
}

export function setSessionCookie(c: Context<HttpEnv>, publicUrl: string | null, id: string): void {
  const isSecure = isHttps(publicUrl)
  setCookie(c, nameOf(isSecure), id, { ...attributes(isSecure), maxAge: sessionMs / 1000 })
}

export function removeSessionCookie(c: Context<HttpEnv>, publicUrl: string | null): void {
  const isSecure = isHttps(publicUrl)
  deleteCookie(c, nameOf(isSecure), attributes(isSecure))
}

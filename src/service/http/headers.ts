import type { MiddlewareHandler } from 'hono'
import type { HttpEnv } from './http-env.js'
import { createSecret } from './login/secrets.js'

/** Nothing is loaded from another host, and nothing runs but the script of this service. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  // Browsers send `Origin: null` with forms under `no-referrer`.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/** Gives each request an id, and each answer the headers that protect its reader. */
export function protectAnswers(options: { isHttps: boolean }): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const requestId = createSecret().slice(0, 16)
    c.set('requestId', requestId)
    await next()
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value)
    c.res.headers.set('X-Request-Id', requestId)
    if (options.isHttps) c.res.headers.set('Strict-Transport-Security', 'max-age=31536000')
    // What depends on the login, which is nearly everything, is kept nowhere.
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store')
  }
}

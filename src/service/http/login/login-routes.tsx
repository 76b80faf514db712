import type { Context, Hono } from 'hono'
import { LoginPage } from '../../pages/login-page.js'
import { sendPage, sendProblem, sendUnavailable, tooManyTokens, wantsPage } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { addRoute } from '../routes.js'
import type { Account } from './caller.js'
import { readSessionCookie, removeSessionCookie, setSessionCookie } from './cookies.js'
import { localPath } from './local-path.js'
import type { LoginOptions } from './login-options.js'
import type { LoginLink } from './login-link.js'
import { addressOf, isOwnForm } from './origin.js'

/** The login page, its form, and the login link. */
export function addLoginRoutes(app: Hono<HttpEnv>, options: LoginOptions): void {
  addRoute(app, '/login', {
    get: (c) => openLogin(c, options),
    post: (c) => logInByForm(c, options),
  })
}

/** Registered after the login: it is a form of the session. */
export function addLogoutRoute(app: Hono<HttpEnv>, { sessions, publicUrl }: LoginOptions): void {
  addRoute(app, '/logout', {
    post: async (c) => {
      const id = readSessionCookie(c, publicUrl)
      if (id !== undefined) await sessions.remove(id)
      removeSessionCookie(c, publicUrl)
      return c.redirect('/login', 303)
    },
  })
}

/** Begins a session and opens the page that was asked for before. */
export async function beginSession(
  c: Context<HttpEnv>,
  { sessions, publicUrl }: LoginOptions,
  login: { caller: Account; next: string },
): Promise<Response> {
  const before = readSessionCookie(c, publicUrl)
  if (before !== undefined) await sessions.remove(before)
  const { id } = await sessions.create(login.caller)
  setSessionCookie(c, publicUrl, id)
  return c.redirect(login.next, 303)
}

/** The login page with what went wrong. */
export function refuseLogin(
  c: Context<HttpEnv>,
  { oauth }: LoginOptions,
  { detail, next }: { detail: string; next: string },
): Response {
  if (!wantsPage(c)) return sendProblem(c, { status: 401, detail })
  return sendPage(c, <LoginPage next={next} hasGitHub={oauth !== null} problem={detail} />, 401)
}

async function openLogin(c: Context<HttpEnv>, options: LoginOptions): Promise<Response> {
  const next = localPath(c.req.query('next'))
  const key = c.req.query('key')
  const id = readSessionCookie(c, options.publicUrl)
  const isLoggedIn = id !== undefined && (await options.sessions.read(id)) !== null
  if (isLoggedIn) return c.redirect(next, 303)
  // A HEAD request, as a preview of the link may send, must not use it up.
  if (key !== undefined && c.req.method === 'GET') return logInByLink(c, options, { key, next })
  return sendPage(c, <LoginPage next={next} hasGitHub={options.oauth !== null} problem={null} />)
}

function logInByLink(
  c: Context<HttpEnv>,
  options: LoginOptions,
  { key, next }: { key: string; next: string },
): Response | Promise<Response> {
  const address = addressOf(c)
  const limitedMs = options.wrongTokens.retryAfterMs(address)
  const used: ReturnType<LoginLink['use']> = options.loginLink?.use(key) ?? 'wrong'
  if (used === 'accepted') return beginSession(c, options, { caller: { kind: 'administrator' }, next })
  if (used === 'used') {
    return refuseLogin(c, options, {
      detail: 'This login link was used before. Start the service again for a new one.',
      next,
    })
  }
  options.wrongTokens.begin(address)?.wrong()
  if (limitedMs !== null) return sendProblem(c, tooManyTokens(limitedMs))
  return refuseLogin(c, options, {
    detail: 'This login link is not valid. Copy the whole link that the service printed.',
    next,
  })
}

async function logInByForm(c: Context<HttpEnv>, options: LoginOptions): Promise<Response> {
  if (!isOwnForm(c, options.publicUrl)) {
    return sendProblem(c, {
      status: 403,
      detail: 'This form was sent by a page of another site. Open the login page here.',
    })
  }
  const form = await c.req.parseBody()
  const next = localPath(typeof form['next'] === 'string' ? form['next'] : undefined)
  const token = typeof form['token'] === 'string' ? form['token'].trim() : ''
  const check = await options.verifier.check(token, addressOf(c))
  switch (check.kind) {
    case 'right':
      return beginSession(c, options, { caller: check.caller, next })
    case 'wrong':
      return refuseLogin(c, options, {
        detail: 'This token is not valid. Check that it is complete and not revoked.',
        next,
      })
    case 'limited':
      return sendProblem(c, tooManyTokens(check.retryAfterMs))
    case 'unavailable':
      return sendUnavailable(c, 'GitHub could not be asked whose token this is', check.failure)
  }
}

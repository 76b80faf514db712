import type { Context, MiddlewareHandler } from 'hono'
import { LoginPage } from '../../pages/login-page.js'
import { sendPage, sendProblem, sendUnavailable, tooManyTokens, wantsPage } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { requesterOf } from './caller.js'
import { readSessionCookie } from './cookies.js'
import { localPath } from './local-path.js'
import { isSigned, logInBySignature } from './log-in-by-signature.js'
import type { LoginOptions } from './login-options.js'
import { addressOf, isOwnForm } from './origin.js'
import { isSameSecret } from './secrets.js'

/** Lets a request pass that has a right token or signature, or the cookie of a session, of somebody who may see what the service shows. */
export function requireLogin(options: LoginOptions): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const refused = await logIn(c, options)
    if (refused) return refused
    const { caller, session } = c.var
    const access = await options.permissions.mayView(caller)
    if (access.kind === 'unavailable') return sendUnavailable(c, 'Your permissions could not be read', access.failure)
    if (access.kind === 'denied') {
      const detail = `${requesterOf(caller)} may not read ${access.repository}, so this service shows nothing. Ask for read access.`
      return sendProblem(c, { status: 403, detail })
    }
    const isForm = !['GET', 'HEAD'].includes(c.req.method)
    if (isForm && session !== null && !(await isFormOfSession(c, session.formToken, options.publicUrl))) {
      const detail = 'This form was not sent by a page of your session. Open the page again, then repeat the action.'
      return sendProblem(c, { status: 403, detail })
    }
    return next()
  }
}

/** Sets who sends the request; the answer to one without a login. */
async function logIn(c: Context<HttpEnv>, options: LoginOptions): Promise<Response | null> {
  const header = c.req.header('authorization')
  if (header === undefined && isSigned(c)) return logInBySignature(c, options.signatures)
  if (header === undefined) {
    const id = readSessionCookie(c, options.publicUrl)
    const session = id === undefined ? null : await options.sessions.read(id)
    if (!session) return askForLogin(c, options)
    c.set('caller', session.caller)
    c.set('session', session)
    return null
  }
  const token = /^(?:bearer|token) +(.*)$/iu.exec(header)?.[1] ?? ''
  const check = await options.verifier.check(token, addressOf(c))
  switch (check.kind) {
    case 'right':
      c.set('caller', check.caller)
      c.set('session', null)
      return null
    case 'wrong':
      return askForLogin(c, options)
    case 'limited':
      return sendProblem(c, tooManyTokens(check.retryAfterMs))
    case 'unavailable':
      return sendUnavailable(c, 'GitHub could not be asked whose token this is', check.failure)
  }
}

function askForLogin(c: Context<HttpEnv>, { oauth }: LoginOptions): Response {
  if (!wantsPage(c)) {
    const detail = 'Log in: send ORCH_API_TOKEN or a GitHub token as "Authorization: Bearer TOKEN".'
    return sendProblem(c, { status: 401, detail, headers: { 'WWW-Authenticate': 'Bearer realm="orch"' } })
  }
  const { pathname, search } = new URL(c.req.url)
  const next = c.req.method === 'GET' ? localPath(`${pathname}${search}`) : '/'
  return sendPage(c, <LoginPage next={next} hasGitHub={oauth !== null} problem={null} />, 401)
}

/** The token of the form is in its field `form-token`, or in a header for a script. */
async function isFormOfSession(c: Context<HttpEnv>, expected: string, publicUrl: string | null): Promise<boolean> {
  if (!isOwnForm(c, publicUrl)) return false
  const given = c.req.header('x-form-token') ?? (await c.req.parseBody())['form-token']
  return typeof given === 'string' && isSameSecret(given, expected)
}

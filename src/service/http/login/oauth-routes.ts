import { createHash } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { sendProblem, sendUnavailable } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { addRoute } from '../routes.js'
import { isHttps } from './cookies.js'
import type { GitHubOAuth } from './github-oauth.js'
import { localPath } from './local-path.js'
import type { LoginOptions } from './login-options.js'
import { beginSession, refuseLogin } from './login-routes.js'
import { ownOrigin } from './origin.js'
import { createSecret, isSameSecret } from './secrets.js'

const callbackPath = '/login/github/callback'
const cookieName = 'orch_oauth'
/** How long a person may take on GitHub's page. */
const maxAgeSeconds = 600

/** Login on GitHub's pages. The state and the PKCE verifier are kept in a cookie, so that any replica can complete the login. */
export function addOAuthRoutes(app: Hono<HttpEnv>, options: LoginOptions): void {
  const { oauth } = options
  if (!oauth) return
  addRoute(app, '/login/github', { get: (c) => beginOAuth(c, oauth, options) })
  addRoute(app, callbackPath, { get: (c) => completeOAuth(c, oauth, options) })
}

function beginOAuth(c: Context<HttpEnv>, oauth: GitHubOAuth, { publicUrl }: LoginOptions): Response {
  const state = createSecret()
  const verifier = createSecret()
  const next = Buffer.from(localPath(c.req.query('next'))).toString('base64url')
  setCookie(c, cookieName, `${state}.${verifier}.${next}`, { ...attributes(publicUrl), maxAge: maxAgeSeconds })
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const redirectUrl = `${ownOrigin(c, publicUrl)}${callbackPath}`
  return c.redirect(oauth.authorizationUrl({ state, challenge, redirectUrl }), 302)
}

async function completeOAuth(c: Context<HttpEnv>, oauth: GitHubOAuth, options: LoginOptions): Promise<Response> {
  const { publicUrl, identities } = options
  const [state = '', verifier = '', encodedNext = ''] = (getCookie(c, cookieName) ?? '').split('.')
  deleteCookie(c, cookieName, attributes(publicUrl))
  const next = localPath(Buffer.from(encodedNext, 'base64url').toString())
  const { state: answeredState = '', code, error } = c.req.query()
  if (state === '' || !isSameSecret(answeredState, state)) {
    const detail =
      'This answer of GitHub does not belong to a login of this browser, or the login took too long. Log in again.'
    return sendProblem(c, { status: 403, detail })
  }
  if (code === undefined) {
    const why = error === 'access_denied' ? 'You did not agree on the page of GitHub' : 'GitHub returned no code'
    return refuseLogin(c, options, { detail: `${why}. Log in again, or use a token.`, next })
  }
  const redirectUrl = `${ownOrigin(c, publicUrl)}${callbackPath}`
  const exchanged = await oauth.exchange({ code, verifier, redirectUrl })
  if (!exchanged.ok) {
    return refuseLogin(c, options, {
      detail: `GitHub did not accept the login: ${exchanged.problem}. Log in again.`,
      next,
    })
  }
  const read = await identities.login(exchanged.token)
  if (!read.ok) return sendUnavailable(c, 'GitHub could not be asked who you are', read.failure)
  if (read.value === null) {
    return refuseLogin(c, options, { detail: 'GitHub refuses the token that it issued. Log in again.', next })
  }
  return beginSession(c, options, { caller: { kind: 'person', login: read.value }, next })
}

function attributes(publicUrl: string | null) {
  return { httpOnly: true, sameSite: 'Lax', secure: isHttps(publicUrl), path: '/login/github' } as const
}

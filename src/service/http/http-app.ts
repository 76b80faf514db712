import { Hono } from 'hono'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { failureText } from '../../lib/failure-text.js'
import { repositoriesOf } from '../../model/graph.js'
import { DatabaseUnreachable } from '../database/unreachable.js'
import type { Log } from '../operations/log.js'
import { createChangeReader } from '../pages/change-reader.js'
import type { PagesData } from '../pages/pages-data.js'
import { createAllowedHosts } from './allowed-hosts.js'
import { sendProblem } from './answers.js'
import { addChangeRoutes } from './api/change-routes.js'
import { addDeliveryRoutes } from './api/delivery-routes.js'
import { addWorkloadRoutes } from './api/workload-routes.js'
import { createEventStreams } from './events.js'
import type { Updates } from './events.js'
import { protectAnswers } from './headers.js'
import type { HttpEnv } from './http-env.js'
import { isHttps } from './login/cookies.js'
import type { GitHubOAuth } from './login/github-oauth.js'
import type { Identities } from './login/identities.js'
import type { LoginLink } from './login/login-link.js'
import type { LoginOptions } from './login/login-options.js'
import { addLoginRoutes, addLogoutRoute } from './login/login-routes.js'
import { addOAuthRoutes } from './login/oauth-routes.js'
import { hostOf } from './login/origin.js'
import { createPermissions } from './login/permissions.js'
import { requireLogin } from './login/require-login.js'
import type { Sessions } from './login/sessions.js'
import { createTokenVerifier } from './login/token-verifier.js'
import { createWrongTokens } from './login/wrong-tokens.js'
import { addRoute } from './routes.js'
import { addStaticFiles } from './static-files.js'

/** Answers one request. It checks what it needs itself, such as a signature. */
export type RequestHandler = (request: Request) => Promise<Response>

export interface HttpOptions {
  data: PagesData
  updates: Updates
  log: Log
  /** Answered without a login. */
  handlers: {
    health: RequestHandler
    ready: RequestHandler
    githubWebhook: RequestHandler
    /** Null: no signing secret of Slack is configured. */
    slackWebhook: RequestHandler | null
  }
  /** Answered after the login. */
  metrics: RequestHandler
  /** ORCH_API_TOKEN; null: there is no administrator. */
  apiToken: string | null
  identities: Identities
  sessions: Sessions
  oauth: GitHubOAuth | null
  loginLink: LoginLink | null
  /** Where the service listens. */
  host: string
  /** The address that people open, such as `https://orch.example.com`; null: none is configured. */
  publicUrl: string | null
}

/** Everything that the service answers by HTTP. `fetch` is for @hono/node-server. */
export interface HttpApp {
  readonly fetch: Hono<HttpEnv>['fetch']
  readonly request: Hono<HttpEnv>['request']
  /** Ends the event streams. */
  close(): void
}

/** Larger forms are refused. Webhooks have a limit of their own. */
const maxFormBytes = 64 * 1024

export function createHttpApp(options: HttpOptions): HttpApp {
  const { data, handlers, log, publicUrl, metrics } = options
  const app = new Hono<HttpEnv>()
  const login = loginOptions(options)
  const streams = createEventStreams({ updates: options.updates, clock: data.clock })

  app.use(protectAnswers({ isHttps: isHttps(publicUrl) }))
  app.onError((error, c) => {
    const requestId = c.get('requestId')
    const fields = { request: requestId, method: c.req.method, path: c.req.path, error: failureText(error) }
    if (error instanceof DatabaseUnreachable) {
      log.warn(fields, 'a request failed because the database cannot be reached')
      const detail = 'The database of this service cannot be reached. Nothing was changed; try again in a minute.'
      return sendProblem(c, { status: 503, detail, headers: { 'Retry-After': '10' } })
    }
    log.error(fields, 'a request failed')
    return sendProblem(c, {
      status: 500,
      detail: `Something went wrong in this service. Its log has the reason under the request id ${requestId}.`,
    })
  })
  app.notFound((c) => sendProblem(c, { status: 404, detail: `There is nothing at ${c.req.path}.` }))

  addRoute(app, '/healthz', { get: (c) => handlers.health(c.req.raw) })
  addRoute(app, '/readyz', { get: (c) => handlers.ready(c.req.raw) })
  addRoute(app, '/webhooks/github', { post: (c) => handlers.githubWebhook(c.req.raw) })
  addRoute(app, '/webhooks/slack', {
    post: (c) =>
      handlers.slackWebhook?.(c.req.raw) ??
      sendProblem(c, { status: 404, detail: 'Slack is not configured: ORCH_SLACK_SIGNING_SECRET is missing.' }),
  })

  app.use(async (c, next) => {
    // A page of another site cannot send a token of ours, so its host does not matter.
    if (c.req.header('authorization') !== undefined || login.hosts.isAllowed(hostOf(c))) return next()
    const detail = `This service does not answer to the host of this address. Use ${login.hosts.names.join(', ')}.`
    return sendProblem(c, { status: 421, detail })
  })
  app.use(
    bodyLimit({
      maxSize: maxFormBytes,
      onError: (c: Context<HttpEnv>) =>
        sendProblem(c, { status: 413, detail: `The body is larger than ${maxFormBytes} bytes.` }),
    }),
  )
  addStaticFiles(app)
  addLoginRoutes(app, login)
  addOAuthRoutes(app, login)

  app.use(requireLogin(login))
  app.use(async (c, next) => {
    // No id, branch or cursor has one, and PostgreSQL refuses it.
    if (!c.req.url.includes('%00')) return next()
    return sendProblem(c, { status: 400, detail: 'The address contains a NUL character. Remove %00 from it.' })
  })
  addLogoutRoute(app, login)
  addRoute(app, '/metrics', { get: (c) => metrics(c.req.raw) })
  addRoute(app, '/events', { get: (c) => streams.open(c) })
  addRoute(app, '/', { get: (c) => c.redirect('/changes', 302) })
  addWorkloadRoutes(app, data)
  addDeliveryRoutes(app, data, login.permissions)
  addChangeRoutes(app, { data, reader: createChangeReader(data), permissions: login.permissions })
  return { fetch: app.fetch, request: app.request, close: () => streams.close() }
}

function loginOptions({
  data,
  apiToken,
  identities,
  sessions,
  oauth,
  loginLink,
  host,
  publicUrl,
}: HttpOptions): LoginOptions {
  const { clock, graph } = data
  const wrongTokens = createWrongTokens(clock)
  return {
    verifier: createTokenVerifier({ apiToken, identities, wrongTokens, clock }),
    wrongTokens,
    identities,
    permissions: createPermissions({ identities, repositories: repositoriesOf(graph), clock }),
    sessions,
    oauth,
    loginLink,
    hosts: createAllowedHosts({ host, publicUrl }),
    publicUrl,
  }
}

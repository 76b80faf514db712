import { Hono } from 'hono'
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
import { addOpenApiRoute } from './api/openapi-route.js'
import { addWorkloadRoutes } from './api/workload-routes.js'
import { addEventRoutes } from './api/event-routes.js'
import { addFlowRoutes } from './api/flow-routes.js'
import { addRunRoutes } from './api/run-routes.js'
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
import { isSigned } from './login/log-in-by-signature.js'
import { createSignatureVerifier } from './login/signature-verifier.js'
import type { UsedSignatures } from './login/used-signatures.js'
import { createTokenVerifier } from './login/token-verifier.js'
import { createWrongTokens } from './login/wrong-tokens.js'
import { addRoute } from './routes.js'
import { limitRate } from './limit-rate.js'
import { BodyTooLarge, limitBody, sendTooLarge } from './limit-body.js'
import { addStaticFiles } from './static-files.js'
import { createStreams } from './streams.js'
import type { Updates } from './streams.js'
import { reportUpdates } from './update-stream.js'

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
  /** ORCH_HMAC_SECRET; null: no signature is accepted. */
  hmacSecret: string | null
  usedSignatures: UsedSignatures
  /** How many events one caller may send within a minute. */
  eventsPerMinute: number
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
  /** Ends the streams of server-sent events. */
  close(): void
}

export function createHttpApp(options: HttpOptions): HttpApp {
  const { data, handlers, log, publicUrl, metrics } = options
  const app = new Hono<HttpEnv>()
  const login = loginOptions(options)
  const streams = createStreams({ updates: options.updates, clock: data.clock, log })

  app.use(protectAnswers({ isHttps: isHttps(publicUrl) }))
  app.onError((error, c) => {
    if (error instanceof BodyTooLarge) return sendTooLarge(c, error.maxBytes)
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
    // A page of another site has neither a token of ours nor a signature, so its host does not matter.
    if (c.req.header('authorization') !== undefined || isSigned(c) || login.hosts.isAllowed(hostOf(c))) return next()
    const detail = `This service does not answer to the host of this address. Use ${login.hosts.names.join(', ')}.`
    return sendProblem(c, { status: 421, detail })
  })
  app.use(limitBody)
  addStaticFiles(app)
  addLoginRoutes(app, login)
  addOAuthRoutes(app, login)

  app.use(requireLogin(login))
  app.use(async (c, next) => {
    // No id, branch or cursor has one, and PostgreSQL refuses it.
    if (!c.req.url.includes('%00')) return next()
    return sendProblem(c, { status: 400, detail: 'The address contains a NUL character. Remove %00 from it.' })
  })
  app.use(limitRate({ clock: data.clock, eventsPerMinute: options.eventsPerMinute }))
  addLogoutRoute(app, login)
  addRoute(app, '/metrics', { get: (c) => metrics(c.req.raw) })
  addRoute(app, '/updates', { get: (c) => streams.open(c, (stream) => reportUpdates(stream, data.clock)) })
  addRoute(app, '/', { get: (c) => c.redirect('/changes', 302) })
  addWorkloadRoutes(app, data)
  addDeliveryRoutes(app, data, login.permissions)
  const flowApi = { data, permissions: login.permissions, streams }
  addEventRoutes(app, flowApi)
  addRunRoutes(app, flowApi)
  addFlowRoutes(app, flowApi)
  addOpenApiRoute(app)
  addChangeRoutes(app, { data, reader: createChangeReader(data), permissions: login.permissions })
  return { fetch: app.fetch, request: app.request, close: () => streams.close() }
}

function loginOptions({
  data,
  apiToken,
  hmacSecret,
  usedSignatures,
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
    signatures: createSignatureVerifier({ secret: hmacSecret, used: usedSignatures, wrongTokens, clock }),
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

import { Hono } from 'hono'
import type { Context } from 'hono'

import { allGeneralRoutes, allRepositoryRoutes } from '../routes/all.js'
import type { World } from '../world.js'
import { authenticate, canSee, refusal } from './access.js'
import type { Answer } from './answer.js'
import { failure, notFound } from './answer.js'
import { parseBody } from './body.js'
import type { Actor, Call, Method, RepositoryRoute } from './call.js'
import { etagOf, matchesEtag } from './etag.js'
import { plainResponse } from './plain-messages.js'
import { limitHeaders } from './rate-limits.js'

const VERSIONS = ['2022-11-28']

/** Parameters that may contain slashes. */
const WITH_SLASHES = new Set(['ref', 'branch', 'path'])

/** The text of a request, and the data that a read is answered from: the present, or an earlier state where a fault delays reads. */
export interface View {
  /** The world at the time of the view. */
  world: World
  /** Runs created later than this are not shown (ms, UTC). */
  runsUntil: number
  /** The body of the request, which was read once for the log; empty for git and without a body. */
  text: string
}

interface Environment {
  Bindings: View
}

export type Api = Hono<Environment>
type ApiContext = Context<Environment>

/**
 * Creates the REST API as a hono application, mounted at the root and at `/api/v3`. Its routes come from the tables in `routes/`, which also list the permissions that
 * each route needs. Its `fetch` takes the view that GET requests are answered from.
 */
export function createApi(world: World, requestId: () => string): Api {
  const api = new Hono<Environment>({ getPath: ({ url }) => apiPath(new URL(url).pathname) })
  for (const route of allGeneralRoutes) {
    api.on(route.method, honoPath(route.path), (context) =>
      respond(world, context, requestId(), (call) => route.handle(call)),
    )
  }
  for (const route of allRepositoryRoutes) {
    const handle = (context: ApiContext): Promise<Response> =>
      respond(world, context, requestId(), (call) => handleRepository(route, call))
    for (const path of honoPaths(`/repos/{owner}/{repo}${route.path}`)) api.on(route.method, path, handle)
  }
  api.all('/repositories/:id/:rest{.*}?', (context) => forwardById(world, api, context, requestId))
  api.notFound((context) => respond(world, context, requestId(), () => notFound()))
  api.onError((error, context) => serverError(world, context, requestId(), error))
  return api
}

const API_PREFIX = '/api/v3'

/** Removes `/api/v3` from a path. */
export function apiPath(path: string): string {
  if (path === API_PREFIX) return '/'
  return path.startsWith(`${API_PREFIX}/`) ? path.slice(API_PREFIX.length) : path
}

function honoPaths(path: string): string[] {
  // Clients request the root folder of a repository with and without a trailing slash.
  return path.endsWith('/{path}') ? [path, path.slice(0, -'/{path}'.length)].map(honoPath) : [honoPath(path)]
}

function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (!WITH_SLASHES.has(name)) return `:${name}`
    return name === 'path' ? `:${name}{.*}` : `:${name}{.+}`
  })
}

/** Parses a request, lets `handle` answer it, and adds the headers that every answer has. */
async function respond(
  world: World,
  context: ApiContext,
  id: string,
  handle: (call: Call) => Answer | Promise<Answer>,
): Promise<Response> {
  const { raw } = context.req
  const auth = authenticate(world, raw.headers.get('authorization'))
  if (!auth.ok) return finish(world, context, { id, account: null, answer: auth.answer })
  const actor = auth.value
  const account = actor?.account.id ?? null
  const { remaining } = world.limits.read(account)
  const isFree = context.req.path.endsWith('/rate_limit')
  if (remaining === 0 && !isFree) return finish(world, context, { id, account, answer: limitExceeded(world, actor) })
  const answer = await parseAndHandle(context, actor, handle)
  return finish(world, context, { id, account, answer, isCounted: !isFree })
}

function parseAndHandle(
  context: ApiContext,
  actor: Actor | null,
  handle: (call: Call) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const { raw } = context.req
  const version = raw.headers.get('x-github-api-version')
  if (version !== null && !VERSIONS.includes(version)) {
    return failure(400, `The sandbox does not know the API version ${version}. It knows ${VERSIONS.join(', ')}.`)
  }
  const body = parseBody(raw.method === 'GET' ? '' : context.env.text)
  if (!body.ok) return body.answer
  const url = new URL(raw.url)
  const { world, runsUntil } = context.env
  return handle({
    world,
    runsUntil,
    actor,
    params: context.req.param(),
    query: url.searchParams,
    url,
    headers: raw.headers,
    body: body.value,
  })
}

async function handleRepository(route: RepositoryRoute, call: Call): Promise<Answer> {
  const { world, actor } = call
  const { owner = '', repo = '' } = call.params
  const repository = world.directory.repository(owner, repo)
  if (repository === undefined) return moved(call, route.method, owner, repo)
  if (route.isForApps === true) return route.handle({ ...call, repository })
  const refused = refusal(world, actor, repository, route.permissions)
  if (refused !== null) return refused
  if (route.method !== 'GET') {
    if (actor === null) return failure(401, 'Requires authentication')
    if (repository.archived && !isFork(route)) return failure(403, 'Repository was archived so is read-only.')
  }
  return route.handle({ ...call, repository })
}

function isFork(route: RepositoryRoute): boolean {
  return route.path === '/forks'
}

/** Redirects to the repository's address by ID if the repository was renamed, as GitHub does; else 404. */
function moved(call: Call, method: Method, owner: string, name: string): Answer {
  const { world, actor } = call
  const repository = world.directory.renamedRepository(owner, name)
  if (repository === undefined || !canSee(world, actor, repository)) return notFound()
  const rest = call.url.pathname.replace(/^(?:\/api\/v3)?\/repos\/[^/]+\/[^/]+/, '')
  const url = `${world.apiUrl()}/repositories/${repository.id}${rest}${call.url.search}`
  const isRead = method === 'GET'
  return {
    status: isRead ? 301 : 307,
    body: {
      message: isRead ? 'Moved Permanently' : 'Temporary Redirect',
      url,
      documentation_url: 'https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects',
    },
    headers: { location: url },
  }
}

/** Answers `/repositories/{id}…`, the address that stays the same when a repository is renamed. */
async function forwardById(world: World, api: Api, context: ApiContext, requestId: () => string): Promise<Response> {
  const repository = world.directory.state.repositories.get(Number(context.req.param('id')))
  if (repository === undefined) return respond(world, context, requestId(), () => notFound())
  const url = new URL(context.req.url)
  const rest = url.pathname.replace(/^(?:\/api\/v3)?\/repositories\/[^/]+/, '')
  url.pathname = `/repos/${world.directory.fullName(repository)}${rest}`
  const { method, headers, signal } = context.req.raw
  return api.fetch(new Request(url, { method, headers, signal }), context.env)
}

function limitExceeded(world: World, actor: Actor | null): Answer {
  const scope = actor?.token.scope
  const installation = scope?.kind === 'installation' ? `installation ID ${scope.installationId}` : null
  const whose = actor === null ? '127.0.0.1' : (installation ?? `user ID ${actor.account.id}`)
  return failure(world.limits.exceededStatus(actor?.account.id ?? null), `API rate limit exceeded for ${whose}.`)
}

/** `isCounted`: the answer counts against the rate limit, unless it is a 304 with authentication. */
function finish(
  world: World,
  context: ApiContext,
  done: { id: string; account: number | null; answer: Answer; isCounted?: boolean },
): Response {
  const { answer, id, account, isCounted = false } = done
  const content = contentOf(answer)
  const isCached = answer.status === 200 && content !== null && context.req.method === 'GET'
  const etag = isCached ? etagOf(context.req.url, content) : null
  const isKnown = etag !== null && matchesEtag(context.req.raw.headers.get('if-none-match'), etag)
  if (isCounted && !(isKnown && account !== null)) world.limits.count(account)
  const headers = {
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': id,
    'x-github-api-version-selected': '2022-11-28',
    'x-content-type-options': 'nosniff',
    date: new Date(world.clock.now()).toUTCString(),
    ...(content !== null && { 'content-type': 'application/json; charset=utf-8' }),
    ...answer.headers,
    ...(etag !== null && {
      etag,
      'cache-control': `${account === null ? 'public' : 'private'}, max-age=60, s-maxage=60`,
      vary: 'Accept, Authorization, Cookie, X-GitHub-OTP',
    }),
    ...limitHeaders(world.limits.read(account)),
  }
  return plainResponse(isKnown ? null : content, { status: isKnown ? 304 : answer.status, headers })
}

function contentOf(answer: Answer): string | Uint8Array | null {
  if (answer.text !== undefined) return answer.text
  return answer.body === undefined ? null : JSON.stringify(answer.body)
}

/** Answers 500 with the stack trace when the sandbox itself fails, so that the failing test shows the cause. */
function serverError(world: World, context: ApiContext, id: string, error: Error): Response {
  const answer = failure(500, `Server Error: the sandbox failed: ${error.stack ?? error.message}`)
  return finish(world, context, { id, account: null, answer })
}

import pLimit from 'p-limit'
import type { Failure } from '../../model/failure.js'
import type { Read } from '../../ports/host/read.js'
import type { Answer, Answered, Ask, Method, SendOptions } from './ask.js'
import { unexpectedAnswer, type Subject } from './classify.js'
import type { RequestLane } from '../limits/limiter.js'
import { list, UnexpectedShape } from './fields.js'
import { readRedirect } from '../http/redirect.js'
import { withRetries, type Repeat, type RetryEnvironment } from '../limits/retry.js'
import { createSend, type Send, type Sender } from './send.js'

/** The kinds of requests that orch sends to GitHub. Failures are values. */
export interface Requests {
  /** A GET: repeated after transient failures, with a limit on the number in flight. Redirects are failures. */
  get(ask: Ask): Promise<Answer>
  /** A GET whose answer is a redirect to another server: resolves to that address. */
  getRedirect(ask: Ask): Promise<Read<URL>>
  /** The items of all pages up to the first one for which `isLast` holds. Items may repeat when pages shift. */
  getPages<T>(
    ask: Ask,
    toItems: (body: unknown) => readonly T[],
    isLast?: (items: readonly T[]) => boolean,
  ): Promise<Read<T[]>>
  /** A GraphQL query, limited and (by default) repeated like a GET; the body is the whole answer, with `data` and `errors`. */
  query(
    ask: Subject & { query: string; variables?: Readonly<Record<string, unknown>>; repeat?: Repeat },
  ): Promise<Answer>
  /** A POST: sent again only as `repeat` allows; redirects are failures. */
  post(ask: Ask, options: PostOptions): Promise<Answer>
  /** A PATCH, with the rules of a POST; so are the others. */
  patch(ask: Ask, options: PostOptions): Promise<Answer>
  put(ask: Ask, options: PostOptions): Promise<Answer>
  delete(ask: Ask, options: PostOptions): Promise<Answer>
}

export interface PostOptions extends SendOptions {
  lane: Exclude<RequestLane, 'read'>
  /** When it may be sent again: a dispatch only after a rate limit, which proves that it had no effect (law 2). */
  repeat: Repeat
  /** How often it is sent if it keeps failing; absent: 3. */
  maxTries?: number
}

export interface RequestsOptions extends Sender, RetryEnvironment {
  /** The most reads in flight at the same time. */
  concurrency: number
}

const pageSize = 100
/** More pages than GitHub serves of anything that orch lists: reading ends here if a server always names a next page. */
const maxPages = 300

export function createRequests(options: RequestsOptions): Requests {
  const { apiUrl } = options
  const send = createSend(options)
  const write = createWrite(options, send)
  const limit = pLimit(options.concurrency)
  const read = (one: () => Promise<Answer>, repeat: Repeat = 'failures'): Promise<Answer> =>
    withRetries(options, { repeat, isUrgent: false }, () => limit(one))
  const get = (ask: Ask): Promise<Answer> => read(() => send('GET', ask, { lane: 'read' }))
  const refuse = (ask: Ask, answer: Answer): Promise<Answer> => refuseRedirect({ apiUrl, get }, ask, answer)
  const withoutRedirect = async (ask: Ask): Promise<Answer> => refuse(ask, await get(ask))
  return {
    get: withoutRedirect,
    getRedirect: async (ask) => {
      const answer = await get(ask)
      if (!answer.ok) return answer
      const location = readRedirect(answer, apiUrl)
      if (location.kind === 'elsewhere') return { ok: true, value: location.url }
      const refused = await refuse(ask, answer)
      return refused.ok ? unexpected(ask, 'it is not a redirect', refused.status) : refused
    },
    getPages: (ask, toItems, isLast) => getPages(withoutRedirect, ask, toItems, isLast),
    query: async ({ query, variables = {}, repeat, ...subject }) => {
      const ask = { ...subject, path: graphQLUrl(apiUrl), parameters: { query, variables } }
      return refuse(ask, await read(() => send('POST', ask, { lane: 'read', isGraphQL: true }), repeat))
    },
    post: async (ask, way) => refuse(ask, await write('POST', ask, way)),
    patch: async (ask, way) => refuse(ask, await write('PATCH', ask, way)),
    put: async (ask, way) => refuse(ask, await write('PUT', ask, way)),
    delete: async (ask, way) => refuse(ask, await write('DELETE', ask, way)),
  }
}

type Write = (method: Exclude<Method, 'GET'>, ask: Ask, way: PostOptions) => Promise<Answer>

function createWrite(options: RetryEnvironment, send: Send): Write {
  return (method, ask, way) => {
    const { repeat, maxTries } = way
    const repeating = { repeat, isUrgent: way.lane === 'urgent', ...(maxTries === undefined ? {} : { maxTries }) }
    return withRetries(options, repeating, () => {
      way.gate?.renew()
      return send(method, ask, way)
    })
  }
}

/** The GraphQL endpoint is next to the REST API: `https://api.github.com/graphql`, `https://HOST/api/graphql`. */
function graphQLUrl(apiUrl: string): string {
  return `${apiUrl.replace(/\/api\/v3$/u, '/api')}/graphql`
}

/** The result of `read` on an answer; a failure if the answer does not have the documented form. */
export function interpret<T>(ask: Ask, answer: Answer, read: (body: unknown) => T): Read<T> {
  if (!answer.ok) return { ok: false, failure: answer.failure }
  try {
    return { ok: true, value: read(answer.body) }
  } catch (error) {
    if (!(error instanceof UnexpectedShape)) throw error
    return unexpected(ask, error.message, answer.status)
  }
}

/** Whether GitHub itself answered that the object does not exist. */
export function isNotFound(answer: Answer): boolean {
  return !answer.ok && answer.failure.kind === 'not-found'
}

/** The redirects that HTTP answers instead of handling a request (RFC 9110). A 303 is not one: it names the result of a request that was handled. */
const redirectsInstead: ReadonlySet<number> = new Set([301, 302, 307, 308])

/** Whether a failed write certainly had no effect: it was never sent, or GitHub refused or redirected it. */
export function provesNoEffect({ neverSent, failure: { httpStatus = 0 } }: Answer & { ok: false }): boolean {
  return neverSent || (httpStatus >= 400 && httpStatus < 500) || redirectsInstead.has(httpStatus)
}

/** A redirect is never followed with the token: a renamed repository is a failure that names its new name (law 3). */
async function refuseRedirect(
  { apiUrl, get }: { apiUrl: string; get: Requests['get'] },
  ask: Ask,
  answer: Answer,
): Promise<Answer> {
  if (!answer.ok) return answer
  const redirect = readRedirect(answer, apiUrl)
  if (redirect.kind === 'none') return answer
  if (redirect.kind === 'elsewhere') {
    return failed({ ...unexpected(ask, `a redirect to ${redirect.url.host}`).failure, httpStatus: answer.status })
  }
  if (redirect.kind === 'unreadable') return unexpectedRedirect(ask, answer.status)
  const repository = await get({ ...ask, ...redirect.ask })
  const name = interpret(ask, repository, redirect.toFullName)
  const message = name.ok
    ? `the repository ${ask.repo} is now called ${name.value}`
    : `the repository ${ask.repo} has another name now, which could not be read (${name.failure.message})`
  const remedy = name.ok ? `write ${name.value} in the graph file` : 'look it up on GitHub'
  return failed({ kind: 'renamed', message, remedy, repo: ask.repo, httpStatus: answer.status })
}

function unexpectedRedirect(ask: Ask, status: number): Answer {
  return failed({ ...unexpected(ask, 'a redirect without a usable address').failure, httpStatus: status })
}

function failed(failure: Failure): Answer {
  return {
    ok: false,
    failure,
    neverSent: false,
    isTransient: false,
    retryAfterMs: null,
    limit: null,
    isWithheld: false,
    isTokenReplaced: false,
  }
}

function unexpected(ask: Ask, problem: string, status?: number): { ok: false; failure: Failure } {
  return { ok: false, failure: unexpectedAnswer(ask, problem, status) }
}

async function getPages<T>(
  get: (ask: Ask) => Promise<Answer>,
  ask: Ask,
  toItems: (body: unknown) => readonly T[],
  isLast: (items: readonly T[]) => boolean = () => false,
): Promise<Read<T[]>> {
  const all: T[] = []
  for (let page = 1; page <= maxPages; page += 1) {
    // The next page is counted, not taken from the link: a link could send the token to another server.
    const answer = await get({ ...ask, parameters: { ...ask.parameters, per_page: pageSize, page } })
    const items = interpret(ask, answer, toItems)
    if (!items.ok) return items
    all.push(...items.value)
    if (isLast(items.value) || !(answer.ok && hasNextPage(answer))) return { ok: true, value: all }
  }
  return unexpected(ask, `more than ${maxPages * pageSize} entries`)
}

function hasNextPage(answer: Answered): boolean {
  const { link } = answer.headers
  return link !== undefined && /\brel="next"/u.test(link)
}

/** `toItems` for a body that is a list. */
export function listOf<T>(toItem: (payload: unknown) => T): (body: unknown) => T[] {
  return (body) => list(body).map(toItem)
}

import type { Octokit } from '@octokit/rest'
import pLimit from 'p-limit'
import type { Failure } from '../model/failure.js'
import type { Clock } from '../ports/clock.js'
import type { Read } from '../ports/github.js'
import { classifyAnswer, classifyError, unexpectedAnswer, type RequestFailure, type Subject } from './classify.js'
import { list, UnexpectedShape } from './payload.js'
import { readRedirect } from './redirect.js'
import { withRetries } from './retry.js'
import type { Gate } from './gate.js'
import { NoAnswer, type Transport } from './transport.js'

/** One request to the API. */
export interface Ask extends Subject {
  /** Below the API's root, encoded (`repoPath`). */
  path: string
  /** Query of a GET, JSON body of a POST. */
  parameters?: Readonly<Record<string, unknown>>
  accept?: string
}

export interface Answered {
  ok: true
  status: number
  /** Lower-case names. */
  headers: Readonly<Record<string, unknown>>
  body: unknown
}

export type Answer = Answered | ({ ok: false } & RequestFailure)

/** The ways in which orch asks GitHub for something. Failures are values. */
export interface Requests {
  /** A GET: repeated while it fails for a passing reason, at most so many at once. Redirects are failures. */
  get(ask: Ask): Promise<Answer>
  /** A GET whose answer is a redirect to another server: resolves to that address. */
  getRedirect(ask: Ask): Promise<Read<URL>>
  /** The items of all pages, or of those up to the first for which `isLast` holds. Items may repeat where pages shift. */
  getPages<T>(
    ask: Ask,
    toItems: (body: unknown) => readonly T[],
    isLast?: (items: readonly T[]) => boolean,
  ): Promise<Read<T[]>>
  /** A POST: sent once at most unless it may be repeated; redirects are failures. */
  post(ask: Ask, way: PostWay): Promise<Answer>
}

export interface PostWay {
  /** Sent past the spacing of writes. */
  urgent: boolean
  /** Whether it may be sent again while it fails for a passing reason: never for a dispatch (law 2). */
  mayRepeat: boolean
  /** Asked each time before it is sent. */
  gate?: Gate
}

export interface RequestsOptions {
  apiUrl: string
  hasToken: boolean
  /** Spaces writes. */
  paced: Octokit
  /** Sends at once. */
  unpaced: Octokit
  transport: Transport
  clock: Clock
  random: () => number
  concurrency: number
}

const apiVersion = '2022-11-28'
const defaultAccept = 'application/vnd.github+json'
const pageSize = 100
/** More than GitHub serves of anything that orch lists; a server that always names a next page ends here. */
const maxPages = 300

export function createRequests(options: RequestsOptions): Requests {
  const limit = pLimit(options.concurrency)
  const get = (ask: Ask): Promise<Answer> => withRetries(options, () => limit(() => send(options, 'GET', ask)))
  const withoutRedirect = async (ask: Ask): Promise<Answer> => refuseRedirect(options, ask, await get(ask))
  return {
    get: withoutRedirect,
    getRedirect: async (ask) => {
      const answer = await get(ask)
      if (!answer.ok) return answer
      const location = readRedirect(answer, options.apiUrl)
      if (location.kind === 'elsewhere') return { ok: true, value: location.url }
      const refused = await refuseRedirect(options, ask, answer)
      return refused.ok ? unexpected(ask, 'it is no redirect', refused.status) : refused
    },
    getPages: (ask, toItems, isLast) => getPages(withoutRedirect, ask, toItems, isLast),
    post: async (ask, way) => {
      const attempt = (): Promise<Answer> => send(options, 'POST', ask, way)
      return refuseRedirect(options, ask, await (way.mayRepeat ? withRetries(options, attempt) : attempt()))
    },
  }
}

/** What `read` makes of an answer; a failure where it is not what the endpoint documents. */
export function interpret<T>(ask: Ask, answer: Answer, read: (body: unknown) => T): Read<T> {
  if (!answer.ok) return { ok: false, failure: answer.failure }
  try {
    return { ok: true, value: read(answer.body) }
  } catch (error) {
    if (!(error instanceof UnexpectedShape)) throw error
    return unexpected(ask, error.message, answer.status)
  }
}

/** Whether GitHub itself said that the thing is not there. */
export function isNotFound(answer: Answer): boolean {
  return !answer.ok && answer.failure.kind === 'not-found'
}

async function send(
  options: RequestsOptions,
  method: 'GET' | 'POST',
  ask: Ask,
  way: { gate?: Gate; urgent?: boolean } = {},
): Promise<Answer> {
  const octokit = way.urgent ? options.unpaced : options.paced
  try {
    const response = await octokit.request({
      ...ask.parameters,
      method,
      url: ask.path,
      headers: { accept: ask.accept ?? defaultAccept, 'x-github-api-version': apiVersion },
      request: { fetch: options.transport.send(way.gate?.pass) },
    })
    return { ok: true, status: response.status, headers: response.headers, body: response.data as unknown }
  } catch (error) {
    return { ok: false, ...classifyThrown(options, ask, error) }
  }
}

/** What Octokit threw: an answer of 400 or more, or what `fetch` rejected with. Anything else is a bug and thrown again. */
function classifyThrown({ apiUrl, clock, hasToken }: RequestsOptions, ask: Ask, error: unknown): RequestFailure {
  const { host } = new URL(apiUrl)
  if (error instanceof Error && error.cause instanceof NoAnswer) return classifyError(ask, error.cause.cause, host)
  const response = readResponse(error)
  if (response === null) throw error
  return classifyAnswer(ask, response, { now: clock.now(), host, hasToken })
}

function readResponse(error: unknown): { status: number; headers: Record<string, unknown>; body: unknown } | null {
  if (!(error instanceof Error) || !('response' in error)) return null
  const response = error.response as { status: number; headers: Record<string, unknown>; data: unknown } | undefined
  return response === undefined ? null : { status: response.status, headers: response.headers, body: response.data }
}

/** A redirect is never followed with the token: a renamed repository is a failure that names its new name (law 3). */
async function refuseRedirect(options: RequestsOptions, ask: Ask, answer: Answer): Promise<Answer> {
  if (!answer.ok) return answer
  const redirect = readRedirect(answer, options.apiUrl)
  if (redirect.kind === 'none') return answer
  if (redirect.kind === 'elsewhere') {
    return failed({ ...unexpected(ask, `a redirect to ${redirect.url.host}`).failure, httpStatus: answer.status })
  }
  if (redirect.kind === 'unreadable') return unexpectedRedirect(ask, answer.status)
  const repository = await withRetries(options, () => send(options, 'GET', { ...ask, ...redirect.ask }))
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
  return { ok: false, failure, neverSent: false, isTransient: false, retryAfterMs: null, isWithheld: false }
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
    // The next page is counted, not taken from the link: a link could lead the token to another server.
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
  return typeof link === 'string' && /\brel="next"/u.test(link)
}

/** `toItems` for a body that is a list. */
export function listOf<T>(toItem: (payload: unknown) => T): (body: unknown) => T[] {
  return (body) => list(body).map(toItem)
}

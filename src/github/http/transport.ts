import type { Clock } from '../../ports/clock.js'
import type { AnswerHeaders } from './answer-headers.js'
import type { Shutdown } from './shutdown.js'
import { withDeadline } from './deadline.js'
import { createAnswerMemory, type WholeAnswer } from './etags.js'
import { readBody, toText } from './body.js'
import { createServerTime } from './server-time.js'

/** One HTTP exchange, for `--verbose`. It never holds the token. */
export interface RequestEntry {
  method: string
  /** Path and query of the API; host and path, without the query, of any other server. */
  path: string
  /** null: no answer. */
  status: number | null
  /** Whether it counts against the primary rate limit: a 304 does not, nor does a page of another server. */
  isCounted: boolean
  ms: number
  /** What is left of the primary rate limit, and its size; null where the answer does not say. */
  remaining: number | null
  limit: number | null
  /** Why there was no answer. */
  failure?: string
}

/** No answer came, or nothing was sent; `cause` says why. */
export class NoAnswer extends Error {
  constructor(cause: unknown) {
    super(deepestMessage(cause), { cause })
    this.name = 'NoAnswer'
  }
}

/** The cause of a NoAnswer when the gate kept the request from being sent. */
export class NotSent extends Error {
  constructor() {
    super('not sent')
    this.name = 'NotSent'
  }
}

export interface Transport {
  /**
   * A `fetch` for Octokit: one exchange with the API, redirects not followed, the whole body read within the deadline and given as `body`
   * (`body.ts`), so that Octokit need not (`parseSuccessResponseBody: false`). A GET that was
   * answered before asks whether that still holds (`etags.ts`); the 304 that says so is given as the answer it confirms.
   * `pass` is awaited when the limiter lets the request go, before the deadline counts; false keeps it from being sent.
   */
  send(pass?: () => Promise<boolean>): typeof fetch
  /**
   * GETs a page of another server, without the token, and hands its text over in pieces until `take` returns false.
   * Resolves to the HTTP status. Rejects with NoAnswer, also when the deadline passes in the middle.
   */
  download(url: URL, take: (text: string) => boolean): Promise<number>
  /** The time of the API's server by its latest answer, whatever its status, ms, UTC; null: it has not answered yet. */
  serverTime: () => number | null
}

interface TransportOptions {
  apiUrl: string
  clock: Clock
  fetch: typeof fetch
  requestTimeoutMs: number
  onRequest: (entry: RequestEntry) => void
  closing: Shutdown
}

/** The parts of an answer that an entry tells. */
type Told = Pick<WholeAnswer, 'status' | 'headers'>

export function createTransport(options: TransportOptions): Transport {
  const apiOrigin = new URL(options.apiUrl).origin
  const serverTime = createServerTime(options.clock)
  const memory = createAnswerMemory()
  const readAnswer = (response: Response): Promise<WholeAnswer> => {
    // Before the body: it may take its time.
    serverTime.note(response.headers)
    return readWhole(response)
  }
  const ask = (request: ApiRequest): Promise<WholeAnswer> => {
    const { method, url, init } = request
    const shown = { method, path: url.pathname + url.search, isOfApi: true }
    return exchange(options, shown, (signal) =>
      options.fetch(url.href, { ...init, redirect: 'manual', signal }).then(readAnswer),
    )
  }
  const askAgain = async (request: ApiRequest): Promise<WholeAnswer> => {
    // Octokit gives them as a plain object, in lower case.
    const headers = { ...(request.init.headers as Readonly<Record<string, string>>) }
    const { href } = request.url
    const { accept = '' } = headers
    const remembered = memory.find(href, accept)
    if (remembered) headers['if-none-match'] = remembered.etag
    return memory.settle(href, accept, remembered, await ask({ ...request, init: { ...request.init, headers } }))
  }
  return {
    serverTime: serverTime.read,
    send: (pass) => async (input, init) => {
      // `instanceof Request` would load all of the global fetch.
      const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url)
      // Octokit puts the token on every request, whatever its host.
      if (url.origin !== apiOrigin) throw new Error(`a request with the token was about to go to ${url.origin}`)
      if (pass && !(await pass())) throw new NoAnswer(new NotSent())
      const request = { method: init?.method ?? 'GET', url, init: init ?? {} }
      return toResponse(await (request.method === 'GET' ? askAgain(request) : ask(request)))
    },
    download: async (url, take) => {
      const shown = { method: 'GET', path: url.host + url.pathname, isOfApi: false }
      const { status } = await exchange(options, shown, (signal) =>
        options.fetch(url.href, { signal }).then((response) => handOver(response, take)),
      )
      return status
    },
  }
}

interface ApiRequest {
  method: string
  url: URL
  init: RequestInit
}

/** Of a Response, what Octokit reads of one: the body itself where the request succeeded, else a text. */
function toResponse({ status, headers, bytes }: WholeAnswer): Response {
  const whole = bytes ?? new ArrayBuffer(0)
  const response = {
    status,
    statusText: '',
    url: '',
    headers,
    get body() {
      return readBody(headers.get('content-type'), whole)
    },
    text: () => Promise.resolve(toText(whole)),
    arrayBuffer: () => Promise.resolve(whole),
  }
  return response as unknown as Response
}

async function exchange<T extends Told>(
  { clock, requestTimeoutMs, onRequest, closing }: TransportOptions,
  shown: { method: string; path: string; isOfApi: boolean },
  perform: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { method, path, isOfApi } = shown
  const started = clock.now()
  const entry = ({ status, headers }: { status: number | null; headers?: AnswerHeaders }): RequestEntry => ({
    method,
    path,
    status,
    isCounted: isOfApi && status !== 304,
    ms: clock.now() - started,
    remaining: readCount(headers, 'x-ratelimit-remaining'),
    limit: readCount(headers, 'x-ratelimit-limit'),
  })
  let answer: T
  try {
    answer = await closing.during((request) => withDeadline(clock, { ms: requestTimeoutMs, request }, perform))
  } catch (error) {
    const noAnswer = new NoAnswer(error)
    onRequest({ ...entry({ status: null }), failure: noAnswer.message })
    throw noAnswer
  }
  onRequest(entry(answer))
  return answer
}

async function readWhole(response: Response): Promise<WholeAnswer> {
  const bytes = await response.arrayBuffer()
  const { status, headers } = response
  // These statuses may not carry a body, not even an empty one.
  return { status, headers, bytes: status === 204 || status === 205 || status === 304 ? null : bytes }
}

async function handOver(response: Response, take: (text: string) => boolean): Promise<Response> {
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    return response
  }
  const decoder = new TextDecoder()
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    if (!take(decoder.decode(chunk, { stream: true }))) break
  }
  return response
}

function readCount(headers: AnswerHeaders | undefined, name: string): number | null {
  const text = headers?.get(name)
  return text && /^\d+$/u.test(text) ? Number(text) : null
}

/** Node's fetch says "fetch failed" and keeps the reason in the cause, or in the causes of an AggregateError. */
function deepestMessage(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return deepestMessage(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined || error.cause === null ? error.message : deepestMessage(error.cause)
}

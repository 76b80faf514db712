import type { Clock } from '../../ports/clock.js'
import { readHeaders, type AnswerHeaders, type HttpAnswer, type RawAnswer } from './answer.js'
import { readBody } from './body.js'
import { withDeadline } from './deadline.js'
import { createAnswerCache } from './etags.js'
import { NoAnswer } from './no-answer.js'
import { toEntry, type RequestEntry, type ShownRequest } from './request-entry.js'
import { createServerTime } from './server-time.js'
import type { Shutdown } from './shutdown.js'

export interface HttpRequest {
  method: string
  url: string
  headers: Readonly<Record<string, string>>
  body?: string
}

/** The sender of a request. */
export interface Credentials {
  /** The token itself. */
  value: string
  /** The identity that the token belongs to: a cached answer is reused for the same identity only. */
  identity: string
}

export interface Transport {
  /**
   * Makes one exchange with the API. Redirects are not followed, and the whole body is read within the deadline. A GET that was answered before
   * is sent with `If-None-Match` (`etags.ts`); a 304 is returned as the answer that it confirms. null: no token is sent.
   * Rejects with NoAnswer.
   */
  send(request: HttpRequest, credentials: Credentials | null): Promise<HttpAnswer>
  /**
   * GETs a page of another server without the token, and passes its text in pieces to `take` until that returns false.
   * Resolves to the HTTP status. Rejects with NoAnswer, also if the deadline passes while the body is read.
   */
  download(url: URL, take: (text: string) => boolean): Promise<number>
  /** The time of the API's server by its latest answer of any status, ms, UTC; null: it has not answered yet. */
  serverTime: () => number | null
}

interface TransportOptions {
  apiUrl: string
  clock: Clock
  fetch: typeof fetch
  requestTimeoutMs: number
  onRequest: (entry: RequestEntry) => void
  /** Called with the headers of each answer of the API, before its body is read. */
  onHeaders: (headers: AnswerHeaders) => void
  shutdown: Shutdown
}

export function createTransport(options: TransportOptions): Transport {
  const apiOrigin = new URL(options.apiUrl).origin
  const serverTime = createServerTime(options.clock)
  const cache = createAnswerCache()
  const ask = ({ url, ...init }: ApiRequest): Promise<RawAnswer> =>
    exchange(options, { method: init.method, path: url.pathname + url.search, isOfApi: true }, async (signal) => {
      const response = await options.fetch(url.href, { ...init, redirect: 'manual', signal })
      const headers = readHeaders(response.headers)
      // The time is noted before the body is read, which may take long.
      serverTime.note(headers)
      options.onHeaders(headers)
      return { status: response.status, headers, bytes: await readBytes(response) }
    })
  const askConditionally = async (request: ApiRequest, identity: string | null): Promise<RawAnswer> => {
    const key = { identity, url: request.url.href, accept: request.headers['accept'] ?? '' }
    const cached = cache.find(key)
    const headers = cached ? { ...request.headers, 'if-none-match': cached.etag } : request.headers
    return cache.settle(key, cached, await ask({ ...request, headers }))
  }
  return {
    serverTime: serverTime.read,
    send: async (request, credentials) => {
      const url = new URL(request.url)
      // Law 7: only here does a request get the token.
      if (url.origin !== apiOrigin) throw new Error(`a request with the token was about to go to ${url.origin}`)
      const headers = credentials ? { ...request.headers, authorization: authorize(credentials) } : request.headers
      const sent = { ...request, url, headers }
      const answer = await (sent.method === 'GET' ? askConditionally(sent, credentials?.identity ?? null) : ask(sent))
      return toHttpAnswer(answer)
    },
    download: async (url, take) => {
      const shown = { method: 'GET', path: url.host + url.pathname, isOfApi: false }
      const { status } = await exchange(options, shown, async (signal) => {
        const response = await options.fetch(url.href, { signal })
        await passOn(response, take)
        return { status: response.status, headers: readHeaders(response.headers) }
      })
      return status
    },
  }
}

interface ApiRequest extends Omit<HttpRequest, 'url'> {
  url: URL
}

/** The scheme is chosen as Octokit does it: `bearer` for a JSON Web Token, because GitHub accepts no other. */
function authorize({ value }: Credentials): string {
  return `${value.split('.').length === 3 ? 'bearer' : 'token'} ${value}`
}

function toHttpAnswer({ status, headers, bytes }: RawAnswer): HttpAnswer {
  return { status, headers, body: readBody(headers['content-type'] ?? null, bytes ?? new ArrayBuffer(0)) }
}

async function exchange<T extends { status: number; headers: AnswerHeaders }>(
  { clock, requestTimeoutMs, onRequest, shutdown }: TransportOptions,
  shown: ShownRequest,
  perform: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const started = clock.now()
  let answer: T
  try {
    answer = await shutdown.during((request) => withDeadline(clock, { ms: requestTimeoutMs, request }, perform))
  } catch (error) {
    const noAnswer = new NoAnswer(error)
    const entry = toEntry(shown, { status: null, headers: {} }, clock.now() - started)
    onRequest({ ...entry, failure: noAnswer.message })
    throw noAnswer
  }
  onRequest(toEntry(shown, answer, clock.now() - started))
  return answer
}

async function readBytes(response: Response): Promise<ArrayBuffer | null> {
  const bytes = await response.arrayBuffer()
  const { status } = response
  // These statuses allow no body, not even an empty one.
  return status === 204 || status === 205 || status === 304 ? null : bytes
}

async function passOn(response: Response, take: (text: string) => boolean): Promise<void> {
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    return
  }
  const decoder = new TextDecoder()
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    if (!take(decoder.decode(chunk, { stream: true }))) break
  }
}

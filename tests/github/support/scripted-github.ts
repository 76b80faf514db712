import { fixedToken } from '../../../src/github/api/token.js'
import { createGitHub, type GitHub, type GitHubOptions } from '../../../src/github/github.js'
import type { RequestEntry } from '../../../src/github/http/request-entry.js'
import { answerFromRest, type Get } from './graphql-from-rest.js'
import { TestClock } from '../../support/test-clock.js'

export const token = 'ghp_0123456789abcdefSECRET'

export interface SeenRequest {
  method: string
  /** The path without the origin. */
  path: string
  origin: string
  query: URLSearchParams
  headers: Headers
  body: unknown
}

export type Reply = (request: SeenRequest, signal: AbortSignal | null | undefined) => Response | Promise<Response>

/** A server that gives the answers that a test scripted, and records its requests. */
export class ScriptedGitHub {
  readonly clock: TestClock
  readonly requests: SeenRequest[] = []
  readonly entries: RequestEntry[] = []
  private readonly replies = new Map<string, Reply[]>()

  /** `none`: a server without GraphQL. `same`: its GraphQL API shows the same state as its REST API. */
  private readonly graphQL: 'none' | 'same'

  constructor(graphQL: 'none' | 'same' = 'none') {
    this.graphQL = graphQL
    this.clock = new TestClock(undefined, 20)
  }

  /** Answers `GET /path` (any query; other origins as `GET https://host/path`) with these, one after the other; the last one stays. */
  on(route: string, ...replies: Reply[]): this {
    this.replies.set(route, replies)
    return this
  }

  github(options: Partial<GitHubOptions> = {}): GitHub {
    return createGitHub({
      apiUrl: 'https://api.github.com',
      token: fixedToken(token),
      clock: this.clock,
      random: () => 0.5,
      fetch: this.fetch,
      onRequest: (entry) => {
        if (entry.path !== '/graphql' || this.returnsGraphQLLimit()) this.entries.push(entry)
      },
      keepsLimits: false,
      // Scripted answers take no time; only tests of the deadline set one.
      requestTimeoutMs: Infinity,
      ...options,
    })
  }

  /** The requests as `GET /path`, in order. */
  asked(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`)
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = toSeen(new Request(input, { method: init?.method ?? 'GET', headers: init?.headers ?? {} }), init)
    if (request.path === '/graphql' && !this.replies.has('POST /graphql')) return this.answerQuery(request, init)
    this.requests.push(request)
    return this.reply(request, init)
  }

  private returnsGraphQLLimit(): boolean {
    return this.graphQL === 'same' || this.replies.has('POST /graphql')
  }

  private async answerQuery(request: SeenRequest, init: RequestInit | undefined): Promise<Response> {
    if (this.graphQL === 'none') return this.clock.track(Promise.resolve(notFound(request, init?.signal)))
    this.requests.push(request)
    const get: Get = async (path) => {
      const headers = new Headers({ accept: 'application/vnd.github.raw+json' })
      const response = await this.reply(toSeen(new Request(request.origin + path, { headers }), undefined), undefined)
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
      const body: unknown = isJson ? JSON.parse(text) : text
      const hasNext = response.headers.get('link')?.includes('rel="next"') === true
      return { status: response.status, body, hasNext }
    }
    const answer = answerFromRest(get, request.body).then((body) => json(200, body)(request, init?.signal))
    return this.clock.track(answer)
  }

  private async reply(request: SeenRequest, init: RequestInit | undefined): Promise<Response> {
    const route = request.origin === 'https://api.github.com' ? request.path : request.origin + request.path
    const replies = this.replies.get(`${request.method} ${route}`)
    const reply = replies && replies.length > 1 ? replies.shift() : replies?.[0]
    if (!reply) throw new Error(`nobody scripted ${request.method} ${route}`)
    const answer = Promise.resolve(reply(request, init?.signal))
    return reply === hang ? answer : this.clock.track(answer)
  }
}

function toSeen(request: Request, init: RequestInit | undefined): SeenRequest {
  const url = new URL(request.url)
  return {
    method: request.method,
    origin: url.origin,
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: request.headers,
    body: typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
  }
}

/** Never answers; rejects when the request is aborted, as fetch does. */
export const hang: Reply = (_request, signal) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new DOMException('This operation was aborted', 'AbortError')))
  })

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return () =>
    new Response(status === 204 ? null : JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    })
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return () => new Response(body, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}

/** The contents endpoint with the media type `raw`. */
export function raw(body: string): Reply {
  return text(200, body, { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' })
}

export function redirect(status: number, location: string): Reply {
  return json(status, { message: 'Moved Permanently', url: location }, { location })
}

export const notFound = json(404, {
  message: 'Not Found',
  documentation_url: 'https://docs.github.com/rest',
  status: '404',
})

/** The rejection of fetch when there is no answer. */
export function broken(code: string, fields: Record<string, unknown> = {}): Reply {
  return () => {
    throw new TypeError('fetch failed', {
      cause: Object.assign(new Error(`something with ${code}`), { code, ...fields }),
    })
  }
}

/** Pages of 100 items each, with GitHub's link header. */
export function pages(items: readonly unknown[], wrap: (page: unknown[]) => unknown = (page) => page): Reply {
  return (request, signal) => {
    const page = Number(request.query.get('page') ?? '1')
    const size = Number(request.query.get('per_page') ?? '30')
    const hasNext = page * size < items.length
    const link = `<https://api.github.com${request.path}?page=${page + 1}>; rel="next", <https://api.github.com/x>; rel="last"`
    const body = wrap(items.slice((page - 1) * size, page * size))
    return json(200, body, hasNext ? { link } : {})(request, signal)
  }
}

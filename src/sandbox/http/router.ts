import type { ReadTrouble } from '../fault-answers.js'
import type { GivenAnswer } from '../fault-actions.js'
import type { Faults } from '../faults.js'
import type { StateHistory } from '../state/history.js'
import type { World } from '../world.js'
import { answerResults, RESULTS_SERVICE } from '../artifacts/results-service.js'
import { serveTransfer } from '../artifacts/serve-transfer.js'
import { TRANSFER_FOLDER } from '../artifacts/transfers.js'
import { missingPage } from '../pages/html.js'
import { servePages } from '../pages/pages.js'
import { authenticate } from './access.js'
import type { Api, View } from './api.js'
import { apiPath, createApi } from './api.js'
import { gitRequest, serveGit } from './git-routes.js'
import { answerGraphql } from './graphql.js'
import { plainResponse } from './plain-messages.js'
import { limitHeaders } from './rate-limits.js'
import type { LoggedRequest } from './request-log.js'
import { GRAPHQL_PATH, isMutation, loggedBody, operationName } from './request-log.js'

/** Maximum number of logged requests; beyond it the oldest are dropped. */
const MOST_LOGGED = 100_000

/** First path segments that belong to the API. No repository owner can have one of them as a login in the sandbox. */
const API_FOLDERS = new Set(
  'app app-manifests apps graphql installation meta orgs rate_limit repos repositories user users zen'.split(' '),
)
/** The pages of an App have the same first segment as the API. */
const APP_PAGE = /^\/apps\/[^/]+\/installations(?:\/new)?$/

/** Routes each request through the request log and the faults to the API, git or a web page. */
export class Router {
  readonly requests: LoggedRequest[] = []
  readonly #world: World
  readonly #history: StateHistory
  readonly #faults: Faults
  readonly #requestId: () => string
  readonly #api: Api

  constructor(world: World, history: StateHistory, faults: Faults, random: () => number) {
    this.#world = world
    this.#history = history
    this.#faults = faults
    this.#requestId = () => hex(random, 4) + [2, 2, 2, 6].map((bytes) => `:${hex(random, bytes)}`).join('')
    this.#api = createApi(world, this.#requestId)
  }

  /** Answers one request; throws `ConnectionCut` where a fault cuts the connection. */
  async handle(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const withoutPrefix = apiPath(url.pathname)
    const isPrefixed = withoutPrefix !== url.pathname
    const path = url.pathname === '/api/graphql' ? GRAPHQL_PATH : withoutPrefix
    const isGraphql = path === GRAPHQL_PATH && request.method === 'POST'
    const isBinary = gitRequest(url) !== null || url.pathname.startsWith(TRANSFER_FOLDER)
    const text = isBinary ? '' : await request.text()
    const logged = this.#log(request.method, `${path}${url.search}`, text)
    if (isGraphql) logged.operation = operationName(logged.body)
    const response = await this.#faults.around({
      method: request.method,
      path,
      client: request.signal,
      ...(logged.operation !== undefined && { operation: logged.operation, isMutation: isMutation(logged.body) }),
      handle: async (trouble) => {
        const view = { ...this.#view(trouble), text }
        if (isGraphql) return answerGraphql({ view, trouble: trouble.graphql, id: this.#requestId() }, request)
        const isApi = isPrefixed || this.#isApi(request, path)
        return isApi ? this.#api.fetch(request, view) : this.#web(request, path, text)
      },
      answer: (given) => this.#answer(request, given),
    })
    if (!response.headers.has('date')) response.headers.set('date', this.#date())
    logged.status = response.status
    return response
  }

  #view({ stateLag, runsLag }: ReadTrouble): Omit<View, 'text'> {
    const now = this.#world.clock.now()
    const world = stateLag > 0 ? this.#history.at(now - stateLag) : this.#world
    return { world, runsUntil: runsLag > 0 ? now - runsLag : Infinity }
  }

  /** Returns the answer of a fault. A 5xx fails before it reaches GitHub's API, so it has no rate limit headers. */
  #answer(request: Request, { status, body, headers }: GivenAnswer): Response {
    const auth = authenticate(this.#world, request.headers.get('authorization'))
    const account = auth.ok ? (auth.value?.account.id ?? null) : null
    const all = {
      'content-type': 'application/json; charset=utf-8',
      'x-github-request-id': this.#requestId(),
      date: this.#date(),
      ...(status < 500 && limitHeaders(this.#world.limits.read(account))),
    }
    const text = typeof body === 'string' ? body : JSON.stringify(body ?? { message: 'Server Error' })
    const response = plainResponse(status === 204 || status === 304 ? null : text, { status, headers: all })
    for (const [name, value] of Object.entries(headers ?? {})) response.headers.set(name, value)
    return response
  }

  /** Returns the present time as a Date header, which has whole seconds. */
  #date(): string {
    return new Date(this.#world.clock.now()).toUTCString()
  }

  #log(method: string, path: string, text: string): LoggedRequest {
    const logged: LoggedRequest = { method, path, status: null, time: this.#world.clock.now(), body: loggedBody(text) }
    this.requests.push(logged)
    if (this.requests.length > MOST_LOGGED) this.requests.splice(0, MOST_LOGGED / 10)
    return logged
  }

  #isApi(request: Request, path: string): boolean {
    const wantsPage = request.headers.get('accept')?.includes('text/html') === true
    if (path === '/' || /^\/apps\/[^/]+$/.test(path)) return !wantsPage
    if (APP_PAGE.test(path)) return false
    return API_FOLDERS.has(path.split('/')[1] ?? '')
  }

  async #web(request: Request, path: string, text: string): Promise<Response> {
    const asked = gitRequest(new URL(request.url))
    if (asked !== null) return serveGit(this.#world, asked, request)
    if (path.startsWith(TRANSFER_FOLDER)) return serveTransfer(this.#world, request, path)
    if (path.startsWith(RESULTS_SERVICE)) return answerResults(this.#world, request, path, text)
    return (await servePages({ world: this.#world, request, path, text })) ?? missingPage()
  }
}

const HEX = '0123456789ABCDEF'

function hex(random: () => number, bytes: number): string {
  let digits = ''
  for (let count = 0; count < bytes * 2; count++) digits += HEX[Math.floor(random() * 16)] ?? ''
  return digits
}

import type { Clock } from '../../ports/clock.js'
import type { HttpAnswer } from '../http/answer.js'
import { NoAnswer, Withheld } from '../http/no-answer.js'
import type { HttpRequest, Transport } from '../http/transport.js'
import type { Limiter } from '../limits/limiter.js'
import type { RequestPause } from '../limits/pause.js'
import { readServerFailure } from '../graphql/errors.js'
import { readRateLimit } from '../limits/rate-limit.js'
import type { Answer, Ask, Method, SendOptions } from './ask.js'
import { classifyAnswer, classifyError, type RequestFailure } from './classify.js'
import { createOctokitRequest } from './octokit.js'
import type { Token, TokenSource } from './token.js'

export interface Sender {
  apiUrl: string
  userAgent: string
  tokens: TokenSource
  transport: Transport
  limiter: Limiter
  pause: RequestPause
  clock: Clock
}

/** Sends a request once, when the limiter releases it. */
export type Send = (method: Method, ask: Ask, options: SendOptions) => Promise<Answer>

/** One request in flight. */
interface Delivery extends SendOptions {
  /** The token that the request was sent with; null: no token, or it has not left yet. */
  token: Token | null
}

const apiVersion = '2022-11-28'
const defaultAccept = 'application/vnd.github+json'

export function createSend(sender: Sender): Send {
  const { apiUrl, userAgent } = sender
  const { host } = new URL(apiUrl)
  const request = createOctokitRequest<Delivery>({ apiUrl, userAgent, send: (...sent) => deliver(sender, ...sent) })
  return async (method, ask, options) => {
    const headers = { accept: ask.accept ?? defaultAccept, 'x-github-api-version': apiVersion }
    const delivery: Delivery = { ...options, token: null }
    let answer: HttpAnswer
    try {
      answer = await request({ ...ask.parameters, method, url: ask.path, headers }, delivery)
    } catch (error) {
      // Any other error is a bug.
      if (!(error instanceof NoAnswer)) throw error
      return { ok: false, ...classifyError(ask, error.cause, host) }
    }
    return isSuccess(answer, options)
      ? { ok: true, ...answer, identity: delivery.token?.identity ?? null }
      : { ok: false, ...(await explain(sender, ask, answer, delivery)) }
  }
}

/** Passes a request through the limiter. A limit that its answer reports is noted before the next request leaves. */
function deliver(
  { tokens, transport, limiter, pause, clock }: Sender,
  request: HttpRequest,
  delivery: Delivery,
): Promise<HttpAnswer> {
  const { lane, gate, isGraphQL } = delivery
  return limiter.admit(lane, async () => {
    const sentAt = clock.now()
    // The token is read before the gate, which journals that the request is sent.
    const token = await tokens.current().catch((error: unknown) => {
      throw new NoAnswer(error)
    })
    if (gate && !(await gate.pass())) throw new NoAnswer(new Withheld())
    delivery.token = token
    const answer = await transport.send(request, token)
    const limit = readRateLimit(answer, timeOf(answer, transport), isGraphQL)
    if (limit) pause.note(limit, sentAt)
    else pause.noteAnswer(sentAt)
    return answer
  })
}

/** A redirect is a success: `requests.ts` reads its target. A 304 to a request without an ETag is not. */
function isSuccess(answer: HttpAnswer, { isGraphQL = false }: SendOptions): boolean {
  if (answer.status >= 400 || answer.status === 304) return false
  return !isGraphQL || (readRateLimit(answer, null, true) === null && readServerFailure(answer.body) === null)
}

async function explain(
  { apiUrl, clock, tokens, transport }: Sender,
  ask: Ask,
  answer: HttpAnswer,
  { token, isGraphQL = false }: Delivery,
): Promise<RequestFailure> {
  const failure = classifyAnswer(ask, answer, {
    now: clock.now(),
    serverTime: timeOf(answer, transport),
    host: new URL(apiUrl).host,
    token: token === null ? null : { expiresAt: token.expiresAt },
    isGraphQL,
  })
  const isTokenReplaced = answer.status === 401 && token !== null && (await tokens.isReplaced(token))
  return isTokenReplaced ? { ...failure, isTokenReplaced } : failure
}

/** The time in the answer, else GitHub's time if it is known. */
function timeOf({ headers }: HttpAnswer, transport: Transport): number | null {
  const date = Date.parse(headers['date'] ?? '')
  return Number.isNaN(date) ? transport.serverTime() : date
}

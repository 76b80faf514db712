import type { Octokit } from '@octokit/rest'
import type { Clock } from '../../ports/clock.js'
import { classifyAnswer, classifyError, type HttpAnswer, type RequestFailure } from './classify.js'
import type { SendGate } from '../limits/before-send.js'
import { lanes, type Limiter, type RequestLane } from '../limits/limiter.js'
import type { OctokitRequest, PassThrough } from './octokit.js'
import type { RequestPause } from '../limits/pause.js'
import { readRateLimit } from '../limits/rate-limit.js'
import type { Answer, Ask } from './requests.js'
import { NoAnswer, type Transport } from '../http/transport.js'

export interface SendOptions {
  apiUrl: string
  hasToken: boolean
  octokit: Octokit
  transport: Transport
  clock: Clock
}

export interface SendWay {
  lane: RequestLane
  isGraphQL?: boolean
  gate?: SendGate
}

/** Sends a request once, in its turn. */
export type Send = (method: 'GET' | 'POST', ask: Ask, way: SendWay) => Promise<Answer>

const apiVersion = '2022-11-28'
const defaultAccept = 'application/vnd.github+json'

export function createSend(options: SendOptions): Send {
  return async (method, ask, { lane: turn, gate, isGraphQL = false }) => {
    try {
      const response = await options.octokit.request({
        ...ask.parameters,
        method,
        url: ask.path,
        headers: { accept: ask.accept ?? defaultAccept, 'x-github-api-version': apiVersion },
        request: { fetch: options.transport.send(gate?.pass), turn, parseSuccessResponseBody: false },
      })
      const answer: HttpAnswer = { status: response.status, headers: response.headers, body: response.data as unknown }
      const isRefused = isGraphQL && readRateLimit(answer, null, true) !== null
      return isRefused ? { ok: false, ...explain(options, ask, answer, true) } : { ok: true, ...answer }
    } catch (error) {
      return { ok: false, ...explainThrown(options, ask, error, isGraphQL) }
    }
  }
}

/** What Octokit threw: an answer of 400 or more, or what `fetch` rejected with. Anything else is a bug and thrown again. */
function explainThrown(options: SendOptions, ask: Ask, error: unknown, isGraphQL: boolean): RequestFailure {
  const { host } = new URL(options.apiUrl)
  const noAnswer = error instanceof Error && !(error instanceof NoAnswer) ? error.cause : error
  if (noAnswer instanceof NoAnswer) return classifyError(ask, noAnswer.cause, host)
  const answer = readAnswer(error)
  if (answer === null) throw error
  return explain(options, ask, answer, isGraphQL)
}

function explain(
  { apiUrl, clock, hasToken, transport }: SendOptions,
  ask: Ask,
  answer: HttpAnswer,
  isGraphQL: boolean,
): RequestFailure {
  const serverTime = timeOf(answer, transport)
  return classifyAnswer(ask, answer, {
    now: clock.now(),
    serverTime,
    host: new URL(apiUrl).host,
    hasToken,
    isGraphQL,
  })
}

/** The answer's own time, else GitHub's as far as it is known. */
function timeOf({ headers }: HttpAnswer, transport: Transport): number | null {
  const date = Date.parse(typeof headers['date'] === 'string' ? headers['date'] : '')
  return Number.isNaN(date) ? transport.serverTime() : date
}

function readAnswer(error: unknown): HttpAnswer | null {
  if (!(error instanceof Error) || !('response' in error)) return null
  const response = error.response as { status: number; headers: Record<string, unknown>; data: unknown } | undefined
  return response === undefined ? null : { status: response.status, headers: response.headers, body: response.data }
}

/** Leads Octokit's requests through the limiter; what one of them is told of a limit holds before the next one leaves. */
export function createPassThrough(
  limiter: Limiter,
  { pause, clock, transport }: { pause: RequestPause; clock: Clock; transport: Transport },
): PassThrough {
  const note = (request: OctokitRequest, answer: HttpAnswer, sentAt: number): void => {
    const limit = readRateLimit(answer, timeOf(answer, transport), /\/graphql$/u.test(request.url))
    if (limit) pause.note(limit, sentAt)
    else pause.noteAnswer(sentAt)
  }
  return (request, send) =>
    limiter.admit(laneOf(request), async () => {
      const sentAt = clock.now()
      try {
        const response = await send()
        note(request, toAnswer(response), sentAt)
        return response
      } catch (error) {
        const answer = readAnswer(error)
        if (answer !== null) note(request, answer, sentAt)
        throw error
      }
    })
}

function laneOf({ request }: OctokitRequest): RequestLane {
  const turn = request?.['turn']
  const found = lanes.find((each) => each === turn)
  if (!found) throw new Error('a request without a turn')
  return found
}

function toAnswer(response: unknown): HttpAnswer {
  const { status, headers, data } = response as { status: number; headers: Record<string, unknown>; data: unknown }
  return { status, headers, body: data }
}

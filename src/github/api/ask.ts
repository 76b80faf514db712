import type { AnswerHeaders } from '../http/answer.js'
import type { SendGate } from '../limits/before-send.js'
import type { RequestLane } from '../limits/limiter.js'
import type { RequestFailure, Subject } from './classify.js'

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** One request to the API. */
export interface Ask extends Subject {
  /** The path below the API's root, encoded (`repoPath`). */
  path: string
  /** The query of a GET, or the JSON body of a POST. */
  parameters?: Readonly<Record<string, unknown>>
  accept?: string
}

export interface Answered {
  ok: true
  status: number
  headers: AnswerHeaders
  body: unknown
  /** The identity whose token was sent; null: no token was sent. */
  identity: string | null
}

export type Answer = Answered | ({ ok: false } & RequestFailure)

/** How a request is sent. */
export interface SendOptions {
  lane: RequestLane
  isGraphQL?: boolean
  /** Called each time before the request is sent. */
  gate?: SendGate
}

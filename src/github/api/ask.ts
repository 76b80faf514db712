import type { AnswerHeaders } from '../http/answer.js'
import type { SendGate } from '../limits/before-send.js'
import type { RequestLane } from '../limits/limiter.js'
import type { RequestFailure, Subject } from './classify.js'

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
  headers: AnswerHeaders
  body: unknown
  /** Whose token was sent; null: none. */
  identity: string | null
}

export type Answer = Answered | ({ ok: false } & RequestFailure)

/** How a request is sent. */
export interface SendOptions {
  lane: RequestLane
  isGraphQL?: boolean
  /** Asked each time before it is sent. */
  gate?: SendGate
}

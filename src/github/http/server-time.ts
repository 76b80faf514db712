import type { Clock } from '../../ports/clock.js'
import type { AnswerHeaders } from './answer.js'

/** GitHub's time, learned from its answers: the local clock may be wrong by hours, so only its progress is used. */
export interface ServerTime {
  /** Takes the `Date` header (RFC 9110, whole seconds) of an answer that has just arrived. */
  note: (headers: AnswerHeaders) => void
  /** ms since the epoch, UTC; null: not known yet. It lags by the time that the answer travelled and less than a second. */
  read: () => number | null
}

export function createServerTime(clock: Clock): ServerTime {
  let latest: { date: number; arrivedAt: number } | null = null
  return {
    note: (headers) => {
      const date = Date.parse(headers['date'] ?? '')
      // Answers overtake each other: an older one must not set the time back.
      if (!Number.isNaN(date) && date >= (latest?.date ?? date)) latest = { date, arrivedAt: clock.now() }
    },
    // A local clock that is set back does not set GitHub's time back.
    read: () => (latest === null ? null : latest.date + Math.max(0, clock.now() - latest.arrivedAt)),
  }
}

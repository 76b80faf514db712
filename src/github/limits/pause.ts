import type { Clock } from '../../ports/clock.js'
import type { Pause } from '../../ports/pause.js'
import type { RateLimit } from './rate-limit.js'

/** The shortest pause after a limit whose answer names no time, ms (GitHub's "Best practices for using the REST API"). */
export const shortestSecondaryPause = 60_000
/** The longest pause that is guessed while the limit lasts, ms. */
const longestGuess = 15 * 60_000
const shortestPause = 1000
/** Answers to requests that left together name slightly different ends: ends this close are one pause, reported once, ms. */
const sameEnd = 10_000

/** Nothing was sent, because GitHub's limit lasts longer than the longest pause. */
export class PauseTooLong extends Error {
  readonly limit: RateLimit['kind']
  /** ms since the epoch, UTC, by the clock. */
  readonly until: number
  constructor(limit: RateLimit['kind'], until: number) {
    super('the rate limit lasts longer than the longest allowed wait')
    this.name = 'PauseTooLong'
    this.limit = limit
    this.until = until
  }
}

/** The one pause that all requests share: a limit that one of them meets holds for the others. */
export interface RequestPause {
  /** When the current pause ends, ms since the epoch; null: there is none. */
  endsAt: () => number | null
  /** Why nothing may be sent even after a wait; null: requests leave at once or after the pause. */
  refusal: () => PauseTooLong | null
  /** A request that left at `sentAt` was answered with this limit. */
  note: (limit: RateLimit, sentAt: number) => void
  /** A request that left at `sentAt` was answered without a limit. */
  noteAnswer: (sentAt: number) => void
}

interface Current extends Pause {
  limit: RateLimit['kind']
}

/** @param longestMs the longest pause that requests wait for, ms. */
export function createPause(
  clock: Clock,
  { longestMs, onPause }: { longestMs: number; onPause: (pause: Pause) => void },
): RequestPause {
  let current: Current | null = null
  let strikes = 0
  let reportedUntil = -Infinity

  const present = (): Current | null => {
    if (current === null) return null
    const now = clock.now()
    // A clock that is set back does not extend the pause.
    if (now < current.at) current = { ...current, at: now, until: now + current.until - current.at }
    return now < current.until ? current : null
  }

  return {
    endsAt: () => present()?.until ?? null,
    refusal: () => {
      const pause = present()
      return pause && pause.until - pause.at > longestMs ? new PauseTooLong(pause.limit, pause.until) : null
    },
    note: ({ kind, waitMs }, sentAt) => {
      const now = clock.now()
      const before = current
      // The request left before the pause was known, so its answer does not prove that the pause was too short.
      const isSameWave = before !== null && sentAt <= before.at
      if (!isSameWave) strikes += 1
      const guess = Math.min(longestGuess, shortestSecondaryPause * 2 ** Math.max(0, strikes - 1))
      const until = now + Math.max(shortestPause, waitMs ?? guess)
      const going = present()
      if (going && until <= going.until) return
      current = { limit: kind, at: now, until }
      if (until - now > longestMs || (going && until - reportedUntil < sameEnd)) return
      reportedUntil = until
      onPause({ limit: kind, at: now, until })
    },
    noteAnswer: (sentAt) => {
      if (current !== null && sentAt >= current.until) strikes = 0
    },
  }
}

import type { Clock } from '../../ports/clock.js'
import { readCount, type AnswerHeaders } from '../http/answer.js'

/** GitHub counts these separately: requests to its REST API, and points of GraphQL queries. */
export type LimitedResource = 'core' | 'graphql'

/** The remaining requests of an hour, and the time at which the next hour begins, ms, UTC, by the clock. */
export interface Allowance {
  remaining: number
  size: number
  resetsAt: number
}

/** The remaining parts of the hourly limits, from GitHub's latest answers. */
export interface RateLimitAllowances {
  /** Takes the `x-ratelimit-…` headers of an answer that has just arrived ("Rate limits for the REST API"). */
  note: (headers: AnswerHeaders) => void
  /** null: no answer reported a limit, or the hour of that answer has ended. */
  read: (resource: LimitedResource) => Allowance | null
}

export function createRateLimitAllowances(clock: Clock): RateLimitAllowances {
  const latest = new Map<string, Allowance>()
  return {
    note: (headers) => {
      const remaining = readCount(headers, 'x-ratelimit-remaining')
      const size = readCount(headers, 'x-ratelimit-limit')
      const reset = readCount(headers, 'x-ratelimit-reset')
      // The reset is a time of the server's clock and is never compared with the local clock.
      const date = Date.parse(headers['date'] ?? '')
      if (remaining === null || size === null || reset === null || Number.isNaN(date)) return
      const resetsAt = clock.now() + Math.max(0, reset * 1000 - date)
      latest.set(headers['x-ratelimit-resource'] ?? 'core', { remaining, size, resetsAt })
    },
    read: (resource) => {
      const allowance = latest.get(resource)
      return allowance && allowance.resetsAt > clock.now() ? allowance : null
    },
  }
}

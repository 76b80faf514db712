import type { Clock } from '../../ports/clock.js'
import type { RequestFailure } from '../api/classify.js'
import type { Shutdown } from '../http/shutdown.js'

const defaultTries = 3
/** The limit on the sum of all waits between the tries of one request, ms. Each try ends at its own deadline. */
const budgetMs = 90_000
const firstDelayMs = 1000
/** How often one request is sent again after a rate limit. */
const maxLimits = 5

/**
 * When a request is sent again. `failures`: after any transient failure, for requests that may take effect twice (reads, statuses, cancels).
 * `limits`: only after GitHub itself reported its rate limit, which proves that the request had no effect.
 */
export type Repeat = 'failures' | 'limits'

export interface Repeating {
  repeat: Repeat
  /** The request does not wait for pauses, so sending it again would only meet the limit again. */
  isUrgent: boolean
  /** How often it is sent if it keeps failing, apart from rate limits; absent: 3. */
  maxTries?: number
}

export interface RetryEnvironment {
  clock: Clock
  random: () => number
  /** How long rate limits may delay one request in total, ms. */
  longestPauseMs: number
  shutdown: Shutdown
}

type Failed = { ok: false } & RequestFailure

/**
 * Sends a request again as long as that may help: up to `maxTries` times after failures, five times after rate limits (the limiter waits for the pause), and
 * once after a 401 for a token that was replaced while the request was in flight: the 401 proves that it had no effect.
 */
export async function withRetries<T extends { ok: true }>(
  { clock, random, longestPauseMs, shutdown }: RetryEnvironment,
  { repeat, isUrgent, maxTries = defaultTries }: Repeating,
  attempt: () => Promise<T | Failed>,
): Promise<T | Failed> {
  let last: Failed | null = null
  let failures = 0
  let limits = 0
  let waitedMs = 0
  let limitedSince = Infinity
  let isTokenRenewed = false
  for (;;) {
    const result = await attempt()
    // The request was not sent again, so the result of the earlier sending counts.
    if (!result.ok && result.isWithheld) return last ?? result
    if (result.ok) return result
    last = result
    if (result.isTokenReplaced && !isTokenRenewed) {
      isTokenRenewed = true
      continue
    }
    if (!result.isTransient) return result
    if (result.limit) {
      limits += 1
      limitedSince = Math.min(limitedSince, clock.now())
      const isProven = repeat === 'failures' || result.limit.isGitHubs
      const isOver = isUrgent || limits > maxLimits || clock.now() - limitedSince > longestPauseMs
      if (!isProven || isOver) return withTries(result, failures + limits)
      continue
    }
    if (repeat === 'limits') return result
    failures += 1
    // Half of the delay is fixed, so that a burst of failures spreads out and still backs off.
    const backoffMs = firstDelayMs * 2 ** (failures - 1) * (0.5 + random() / 2)
    const waitMs = Math.max(backoffMs, result.retryAfterMs ?? 0)
    if (failures === maxTries || waitedMs + waitMs > budgetMs) return withTries(result, failures + limits)
    waitedMs += waitMs
    await shutdown.during(({ signal }) => clock.sleep(waitMs, signal))
  }
}

function withTries(result: Failed, tries: number): Failed {
  if (tries === 1) return result
  return { ...result, failure: { ...result.failure, message: `${result.failure.message}, tried ${tries} times` } }
}

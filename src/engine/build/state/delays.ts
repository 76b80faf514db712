import { fractionOf, jittered } from '../../../lib/jitter.js'

/** From a dispatch to the first reading of its run, ms: most runs have begun by then, so that a short build takes two answers that count. */
export const firstObservationDelay = 2_000

/** From one reading of the failed run of a settled job, which somebody may run again by hand, to the next, ms. */
export const settledWatchDelay = 30_000

/** From the start to the first reading of the change while its builds run, ms: soon, because somebody else may have started at the same time. */
export const firstWatchDelay = 10_000

/** From a reading that found the change moved to the one that confirms it, ms: longer than a replica lags. */
export const confirmationDelay = 5_000

/** The change is read at least every 30 s while its builds run: from the end of one reading to the next, ms. */
const longestWatchDelayMs = 26_000
const watchDelayRangeMs = 6_000

/** From one reading of the change to the next while its builds run, ms: 20 to 26 s. */
export function watchDelay(count: number, seed: string): number {
  return Math.round(longestWatchDelayMs - watchDelayRangeMs * fractionOf(count, seed))
}

const growth = 1.5
const shortestDelayMs = 1_000
const longestDelayMs = 30_000

/**
 * From one question that is repeated to the next, ms: 1.5 s and growing by half each time up to 30 s, 20 % more or less.
 * @param count how often it was asked
 * @param seed names the question, such as the orchestration's id and the job
 */
export function observationDelay(count: number, seed: string): number {
  return jittered(Math.min(longestDelayMs, shortestDelayMs * growth ** Math.min(count, 20)), count, seed)
}

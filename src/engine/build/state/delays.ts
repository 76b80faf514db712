import { fractionOf, jittered } from '../../../lib/jitter.js'

/** The delay from a dispatch to the first reading of its run, ms. Most runs have started by then, so a short build takes two readings. */
export const firstObservationDelay = 2_000

/** The delay between readings of the failed run of a settled job, which a user may rerun by hand, ms. */
export const settledWatchDelay = 30_000

/** The delay from the start to the first reading of the change during its builds, ms. Short, because another orchestration may have started at the same time. */
export const firstWatchDelay = 10_000

/** The delay from a reading that found the change moved to the reading that confirms it, ms. Longer than the lag of a replica. */
export const confirmationDelay = 5_000

/** The longest delay from the end of one reading of the change to the next, ms, so that it is read at least every 30 s during its builds. */
const longestWatchDelayMs = 26_000
const watchDelayRangeMs = 6_000

/** The delay between readings of the change during its builds, ms: 20 to 26 s. */
export function watchDelay(count: number, seed: string): number {
  return Math.round(longestWatchDelayMs - watchDelayRangeMs * fractionOf(count, seed))
}

const growth = 1.5
const shortestDelayMs = 1_000
const longestDelayMs = 30_000

/**
 * The delay between repeated readings, ms: 1.5 s, growing by half each time up to 30 s, with a jitter of 20 %.
 * @param count the number of readings so far
 * @param seed identifies the series of readings, such as the orchestration's ID and the job
 */
export function observationDelay(count: number, seed: string): number {
  return jittered(Math.min(longestDelayMs, shortestDelayMs * growth ** Math.min(count, 20)), count, seed)
}

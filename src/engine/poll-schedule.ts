import { createHash } from 'node:crypto'

/** From a dispatch to the first look at its run, ms: soon, because it checks that the right commit is built. */
export const firstObservationDelay = 1_000

const growth = 1.5
const longestDelay = 30_000
const jitter = 0.2

/** From the start to the first reading of the change while its builds run, ms: soon, for somebody else may have started at the same moment. */
export const firstWatchDelay = 10_000

/** From a reading that found the change moved to the one that confirms it, ms: longer than a replica lags. */
export const confirmationDelay = 5_000

/** A change is read again at least every 30 s while it is built: from the end of one reading to the next, ms. */
const longestWatchDelay = 26_000

/** From one reading of the change to the next while its builds run, ms: 20 to 26 s. */
export function watchDelay(count: number, seed: string): number {
  return Math.round(longestWatchDelay - 6_000 * chanceOf(count, seed))
}

/**
 * From one look at a run to the next, ms: 1.5 s and growing by half each time up to 30 s, 20 % more or less, so that
 * many runs do not ask in step. The jitter comes from the seed, not from chance: the same orchestration waits the same way.
 * @param count how many looks there were
 * @param seed names the run, such as the orchestration's id and the job
 */
export function observationDelay(count: number, seed: string): number {
  const delay = Math.min(longestDelay, firstObservationDelay * growth ** Math.min(count, 20))
  return Math.round(delay * (1 - jitter + 2 * jitter * chanceOf(count, seed)))
}

/** A number in [0, 1). */
function chanceOf(count: number, seed: string): number {
  return createHash('sha256').update(`${seed}:${count}`).digest().readUInt32BE(0) / 2 ** 32
}

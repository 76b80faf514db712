import { createHash } from 'node:crypto'

/** From a dispatch to the first look at its run, ms: soon, because it checks that the right commit is built. */
export const firstObservationDelay = 1_000

const growth = 1.5
const longestDelay = 30_000
const jitter = 0.2

/**
 * From one look at a run to the next, ms: 1.5 s and growing by half each time up to 30 s, 20 % more or less, so that
 * many runs do not ask in step. The jitter comes from the seed, not from chance: the same orchestration waits the same way.
 * @param count how many looks there were
 * @param seed names the run, such as the orchestration's id and the job
 */
export function observationDelay(count: number, seed: string): number {
  const delay = Math.min(longestDelay, firstObservationDelay * growth ** Math.min(count, 20))
  const chance = createHash('sha256').update(`${seed}:${count}`).digest().readUInt32BE(0) / 2 ** 32
  return Math.round(delay * (1 - jitter + 2 * jitter * chance))
}

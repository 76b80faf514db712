import { createHash } from 'node:crypto'

const share = 0.2

/**
 * A delay, 20 % more or less, so that many do not ask at the same time. The jitter comes from the seed, not from chance: the same question
 * waits the same way.
 * @param count how often the question was asked
 * @param seed names the question
 */
export function jittered(delayMs: number, count: number, seed: string): number {
  return Math.round(delayMs * (1 - share + 2 * share * fractionOf(count, seed)))
}

/** A number in [0, 1) that depends on the seed and the count alone. */
export function fractionOf(count: number, seed: string): number {
  return createHash('sha256').update(`${seed}:${count}`).digest().readUInt32BE(0) / 2 ** 32
}

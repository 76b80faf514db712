/**
 * GitHub's "About secondary rate limits": 80 requests a minute and 500 an hour that create content. A bucket of `burst` writes that fills
 * by one each `refillMs` lets burst + 60 s / refillMs leave in any minute: 20 + 60 = 80 (docs/decisions/0008).
 */
export const writeLimits = { burst: 20, refillMs: 1000, perHour: 500 } as const
const hour = 3_600_000

/** The bucket as the time at which it would be full again, ms: each write moves it on by one refill. -Infinity: nothing was written yet. */
export function fullAfterWrite(fullAt: number, writtenAt: number): number {
  return Math.max(fullAt, writtenAt) + writeLimits.refillMs
}

/** When the bucket lets one more write leave, ms. */
export function readyInBucket(fullAt: number): number {
  return fullAt - (writeLimits.burst - 1) * writeLimits.refillMs
}

/** When the hour lets one more write leave, ms. `times`: when the others left, in order; only the latest `perHour` count. */
export function readyInHour(times: readonly number[]): number {
  const first = times.at(-writeLimits.perHour)
  return times.length < writeLimits.perHour || first === undefined ? -Infinity : first + hour
}

/**
 * GitHub's "About secondary rate limits": at most 80 requests that create content in any minute and 500 in any hour. Within that, `burst`
 * writes leave at once and then one each `refillMs`, so that no crowd of 80 does (docs/decisions/0008).
 */
export const writeLimits = { burst: 20, refillMs: 750, perMinute: 80, perHour: 500 } as const
/** How much the clocks may differ in the length of a minute or an hour, ms. */
const margin = 100
const minute = 60_000 + margin
const hour = 3_600_000 + margin

/** The bucket as the time at which it would be full again, ms: each write moves it on by one refill. -Infinity: nothing was written yet. */
export function fullAfterWrite(fullAt: number, writtenAt: number): number {
  return Math.max(fullAt, writtenAt) + writeLimits.refillMs
}

/** When the bucket lets one more write leave, ms. */
export function readyInBucket(fullAt: number): number {
  return fullAt - (writeLimits.burst - 1) * writeLimits.refillMs
}

/** When the minute lets one more write leave, ms. `times`: when the others reached GitHub at the latest, in order. */
export function readyInMinute(times: readonly number[]): number {
  return readyInWindow(times, writeLimits.perMinute, minute)
}

/** When the hour lets one more write leave, ms. `times`: when the others reached GitHub at the latest, in order. */
export function readyInHour(times: readonly number[]): number {
  return readyInWindow(times, writeLimits.perHour, hour)
}

function readyInWindow(times: readonly number[], most: number, length: number): number {
  return (times.at(-most) ?? -Infinity) + length
}

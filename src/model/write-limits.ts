/**
 * GitHub's "About secondary rate limits": at most 80 requests that create content in any minute and 500 in any hour. Within that, `burst`
 * writes are sent at once and then one each `refillMs`, to avoid bursts of 80 (docs/decisions/0008).
 */
export const writeLimits = { burst: 20, refillMs: 750, perMinute: 80, perHour: 500 } as const
/** Tolerance for clocks that run at different speeds, ms per minute or hour. */
const margin = 100
const minute = 60_000 + margin
const hour = 3_600_000 + margin

/** A token bucket, represented by the time at which it is full again, ms: each write adds one refill. -Infinity: nothing was written yet. */
export function fullAfterWrite(fullAt: number, writtenAt: number): number {
  return Math.max(fullAt, writtenAt) + writeLimits.refillMs
}

/** When the bucket allows the next write, ms. */
export function readyInBucket(fullAt: number): number {
  return fullAt - (writeLimits.burst - 1) * writeLimits.refillMs
}

/** When the limit per minute allows the next write, ms. `times`: when earlier writes reached GitHub at the latest, in order. */
export function readyInMinute(times: readonly number[]): number {
  return readyInWindow(times, writeLimits.perMinute, minute)
}

/** When the limit per hour allows the next write, ms. `times`: when earlier writes reached GitHub at the latest, in order. */
export function readyInHour(times: readonly number[]): number {
  return readyInWindow(times, writeLimits.perHour, hour)
}

function readyInWindow(times: readonly number[], most: number, length: number): number {
  return (times.at(-most) ?? -Infinity) + length
}

interface Limits {
  status: number
  headers: Readonly<Record<string, unknown>>
}

/** What a secondary limit asks for at least, where its answer names no time (GitHub's "Best practices for using the REST API"). */
const secondaryLimitMs = 60_000

/** Whether a 403 or 429 is about limits, not about permissions. `said`: GitHub's own words. */
export function isRateLimited(answer: Limits, said: string): boolean {
  if (answer.status === 429) return true
  if (answer.status !== 403) return false
  const { headers } = answer
  return (
    headers['x-ratelimit-remaining'] === '0' ||
    headers['retry-after'] !== undefined ||
    /rate limit|abuse detection/iu.test(said)
  )
}

/**
 * How long GitHub asks to wait, ms: `retry-after`, else the reset of a used-up limit, else a minute for a secondary limit.
 * null: the answer asks for nothing. `now`: ms since the epoch.
 */
export function readRetryAfter(answer: Limits, now: number): number | null {
  const seconds = readSeconds(answer.headers['retry-after'])
  if (seconds !== null) return seconds * 1000
  if (answer.status !== 403 && answer.status !== 429) return null
  const reset = readSeconds(answer.headers['x-ratelimit-reset'])
  if (answer.headers['x-ratelimit-remaining'] === '0' && reset !== null) return Math.max(0, reset * 1000 - now)
  return secondaryLimitMs
}

function readSeconds(value: unknown): number | null {
  return (typeof value === 'string' && /^\d+$/u.test(value)) || typeof value === 'number' ? Number(value) : null
}

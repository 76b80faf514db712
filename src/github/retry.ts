import type { Clock } from '../ports/clock.js'
import type { RequestFailure } from './classify.js'

const maxTries = 3
const budgetMs = 90_000
const firstDelayMs = 1000

/**
 * Tries a request again while it fails for a passing reason: three times, 90 s in all. Only for what may be repeated
 * (reads, status posts), never for a dispatch (law 2).
 */
export async function withRetries<T extends { ok: true }>(
  environment: { clock: Clock; random: () => number },
  attempt: () => Promise<T | ({ ok: false } & RequestFailure)>,
): Promise<T | ({ ok: false } & RequestFailure)> {
  const { clock, random } = environment
  const started = clock.now()
  let last: ({ ok: false } & RequestFailure) | null = null
  for (let tries = 1; ; tries += 1) {
    const result = await attempt()
    // Withheld on a repetition: what became of the earlier sending still stands.
    if (!result.ok && result.isWithheld) return last ?? result
    if (result.ok || !result.isTransient) return result
    last = result
    // Half of the delay is fixed, so that a burst of failures spreads out and still backs off.
    const backoffMs = firstDelayMs * 2 ** (tries - 1) * (0.5 + random() / 2)
    const waitMs = Math.max(backoffMs, result.retryAfterMs ?? 0)
    if (tries === maxTries || clock.now() - started + waitMs > budgetMs) return withTries(result, tries)
    await clock.sleep(waitMs)
  }
}

function withTries(result: { ok: false } & RequestFailure, tries: number): { ok: false } & RequestFailure {
  if (tries === 1) return result
  return { ...result, failure: { ...result.failure, message: `${result.failure.message}, tried ${tries} times` } }
}

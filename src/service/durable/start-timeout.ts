import type { Clock } from '../../ports/clock.js'

/** How long a start may take before the database counts as unreachable: the library itself would wait forever. */
const startTimeoutMs = 10_000

/** Resolves and rejects as the start of a task does; rejects if that takes too long. Leaves no timer behind: there are many starts per second. */
export async function withStartTimeout<T>(clock: Clock, start: Promise<T>): Promise<T> {
  const ended = new AbortController()
  const late = clock.sleep(startTimeoutMs, ended.signal).then(() => {
    if (ended.signal.aborted) return start
    throw new Error(`the database did not accept a task within ${startTimeoutMs / 1000} seconds`)
  })
  try {
    return await Promise.race([start, late])
  } finally {
    ended.abort('ended')
  }
}

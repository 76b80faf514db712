import type { Clock } from '../../ports/clock.js'

/** How long a request may take while the user waits for the end of an interrupted command, ms. */
const lastRequestMs = 5_000

/** The result of one of the last requests; null: it takes too long. */
export async function inTime<T>(clock: Clock, work: Promise<T>): Promise<T | null> {
  return firstOf(work, (over) => clock.sleep(lastRequestMs, over))
}

/** The result; null: the signal aborted before. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  if (signal.aborted) return null
  return firstOf(
    work,
    (over) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true, signal: over })),
  )
}

/** `end` gets a signal that aborts when it is not needed any longer. */
async function firstOf<T>(work: Promise<T>, end: (over: AbortSignal) => Promise<void>): Promise<T | null> {
  const over = new AbortController()
  try {
    return await Promise.race([work, end(over.signal).then(() => null)])
  } finally {
    over.abort()
  }
}

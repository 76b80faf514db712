import type { Clock } from '../ports/clock.js'
import type { TailOptions } from '../ports/store.js'

/** Yields the result of `read` at once, after each interval, and one last time when the signal aborts. */
export async function* poll<T>(
  clock: Clock,
  { intervalMs, signal }: TailOptions,
  read: () => Promise<T>,
): AsyncGenerator<T, void, void> {
  for (;;) {
    const isLast = signal?.aborted === true
    yield await read()
    if (isLast) return
    await clock.sleep(intervalMs, signal)
  }
}

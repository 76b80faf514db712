import type { Clock } from '../ports/clock.js'
import type { TailOptions } from '../ports/store.js'

/** Yields what `look` finds, at once and after each interval, and once more when the signal aborts. */
export async function* poll<T>(
  clock: Clock,
  { intervalMs, signal }: TailOptions,
  look: () => Promise<T>,
): AsyncGenerator<T, void, void> {
  for (;;) {
    const isLast = signal?.aborted === true
    yield await look()
    if (isLast) return
    await clock.sleep(intervalMs, signal)
  }
}

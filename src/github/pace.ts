import type { Clock } from '../ports/clock.js'

/** Lets callers through one at a time, `spacingMs` apart, in the order they came. */
export function createPace(clock: Clock, spacingMs: number): () => Promise<void> {
  let next = 0
  return async () => {
    const now = clock.now()
    const slot = Math.max(now, next)
    next = slot + spacingMs
    if (slot > now) await clock.sleep(slot - now)
  }
}

import type { Clock } from '../../../src/ports/clock.js'

/** A clock that moves only when it is told to. */
export class ManualClock implements Clock {
  #now: number
  #sleepers: { until: number; wake: () => void }[] = []

  constructor(now: number) {
    this.#now = now
  }

  /** How many are asleep. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const sleeper = {
        until: this.#now + ms,
        wake: () => {
          signal?.removeEventListener('abort', sleeper.wake)
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
          resolve()
        },
      }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', sleeper.wake)
    })
  }

  /** Moves to `now` (ms since the epoch) and lets everything that waited for it happen. */
  async moveTo(now: number): Promise<void> {
    this.#now = Math.max(this.#now, now)
    for (const sleeper of [...this.#sleepers]) if (sleeper.until <= this.#now) sleeper.wake()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

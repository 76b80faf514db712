import type { Clock } from '../../../src/ports/clock.js'

/** A clock that only a test moves, regardless of the turns of the event loop. */
export class SteppedClock implements Clock {
  private time = Date.UTC(2026, 10, 21, 9)
  private sleepers: { at: number; wake: () => void }[] = []

  now(): number {
    return this.time
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.sleepers.push({ at: this.time + ms, wake: resolve })
      signal?.addEventListener('abort', () => resolve())
    })
  }

  step(ms: number): void {
    this.time += ms
    const due = this.sleepers.filter(({ at }) => at <= this.time)
    this.sleepers = this.sleepers.filter(({ at }) => at > this.time)
    for (const { wake } of due) wake()
  }
}

/** Resolves once the condition holds, after any number of turns of the event loop. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

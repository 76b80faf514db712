import type { Clock } from '../../src/ports/clock.js'

/** How often the time may be asked for while it stands still; a history asks some hundred times. */
const longestStandstill = 100_000

interface Sleeper {
  at: number
  wake: () => void
}

/**
 * A clock for code that waits for nothing but promises and this clock: no files, no network, no timers. It jumps to the next
 * sleeper as soon as no promise can go on, without a turn of the event loop, so that thousands of jumps take some milliseconds.
 */
export class PromiseClock implements Clock {
  private time = Date.UTC(2026, 10, 21, 9, 0, 0)
  private readonly sleepers: Sleeper[] = []
  private asked = 0

  /** ms, UTC. Throws when asked without end while no time passes: otherwise such a loop would never come back. */
  now(): number {
    this.asked += 1
    if (this.asked > longestStandstill) throw new Error('the time stands still: something goes round without end')
    return this.time
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake)
        this.remove(sleeper)
        resolve()
      }
      const sleeper: Sleeper = { at: this.time + Math.max(0, ms), wake }
      this.sleepers.push(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  /** Lets time pass until `work` is done. Throws when nobody sleeps and it is not done: it never will be. */
  async until<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false }
    const settle = (): void => {
      state.isDone = true
    }
    work.then(settle, settle)
    await standstill()
    while (!state.isDone) {
      if (!this.wakeNext(Infinity)) throw new Error('nothing is left to wait for, and the work is not done')
      await standstill()
    }
    return work
  }

  /** Lets `ms` milliseconds pass, waking everybody on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms
    do await standstill()
    while (this.wakeNext(end))
    this.time = end
  }

  /** Wakes the next sleeper, if there is one that wakes until `end`. */
  private wakeNext(end: number): boolean {
    let next: Sleeper | undefined
    // Of those that wake at the same moment, the first to lie down stands first in the list.
    for (const sleeper of this.sleepers) if (!next || sleeper.at < next.at) next = sleeper
    if (!next || next.at > end) return false
    this.time = Math.max(this.time, next.at)
    this.asked = 0
    next.wake()
    return true
  }

  private remove(sleeper: Sleeper): void {
    const index = this.sleepers.indexOf(sleeper)
    if (index >= 0) this.sleepers.splice(index, 1)
  }
}

/** Resolves when no promise can go on any more: a tick asked for by a promise comes after all of them. */
function standstill(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

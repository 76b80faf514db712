import type { Clock } from '../../src/ports/clock.js'

/** How often the time may be read while it does not advance; a simulated history reads it some hundred times. */
const longestStandstill = 100_000

interface Sleeper {
  at: number
  wake: () => void
}

/**
 * A clock for code that waits only for promises and this clock: no files, no network, no timers. It jumps to the next
 * sleeper as soon as no promise can continue, without a turn of the event loop, so that thousands of jumps take some milliseconds.
 */
export class PromiseClock implements Clock {
  private time = Date.UTC(2026, 10, 21, 9, 0, 0)
  private readonly sleepers: Sleeper[] = []
  private asked = 0

  /** ms, UTC. Throws when it is read too often while no time passes: otherwise such a loop would never end. */
  now(): number {
    this.asked += 1
    if (this.asked > longestStandstill) throw new Error('the time does not advance: a loop reads the time without end')
    return this.time
  }

  /** The number of sleepers. */
  get sleeping(): number {
    return this.sleepers.length
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

  /** Lets time pass until `work` is done. Throws when nothing sleeps and the work is not done, because it can never finish. */
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

  /** Lets `ms` milliseconds pass, and wakes every sleeper on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms
    do await standstill()
    while (this.wakeNext(end))
    this.time = end
  }

  /** Wakes the next sleeper that is due by `end`, if there is one. */
  private wakeNext(end: number): boolean {
    let next: Sleeper | undefined
    // Of the sleepers with the same wake-up time, the one that began to sleep first is first in the list.
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

/** Resolves when no promise can continue: a tick that a promise requests comes after all of them. */
function standstill(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

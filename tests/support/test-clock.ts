import type { Clock } from '../../src/ports/clock.js'

/** ms of this machine's time. */
const longestSilence = 10_000

/** Turns of the event loop that a short read of a disk needs; longer work is waited for without turning, which would cost a whole core. */
const turnsOfShortWork = 8

interface Sleeper {
  at: number
  order: number
  wake: () => void
}

/**
 * A clock that a test controls. The time stops while tracked work runs, and jumps to the next sleeper when everything is
 * quiet: hours pass in milliseconds, and in the same order every time.
 */
export class TestClock implements Clock {
  private time: number
  private readonly sleepers: Sleeper[] = []
  private order = 0
  private readonly underWay = new Set<Promise<unknown>>()
  private readonly quietTurns: number
  private readonly isBusy: () => boolean
  private busyTurns = 0

  /**
   * @param quietTurns turns of the event loop without events that count as quiet; more where much happens between two of them
   * @param isBusy reports work that cannot be tracked; the time stops for it as well
   */
  constructor(start = Date.UTC(2026, 10, 21, 9, 0, 0), quietTurns = 4, isBusy = (): boolean => false) {
    this.time = start
    this.isBusy = isBusy
    this.quietTurns = quietTurns
  }

  now(): number {
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
      const sleeper: Sleeper = { at: this.time + Math.max(0, ms), order: (this.order += 1), wake }
      this.sleepers.push(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  /** The time stops while this work runs. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.underWay.add(work)
    try {
      return await work
    } finally {
      this.underWay.delete(work)
    }
  }

  /** Lets time pass until `work` is done. Fails when there is nothing left to wait for. */
  async until<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false }
    const settle = (): void => {
      state.isDone = true
    }
    work.then(settle, settle)
    let lastNews = performance.now()
    while (!state.isDone) {
      if (!(await this.quiet(() => state.isDone))) continue
      if (this.wakeNext()) lastNews = performance.now()
      // Real files and modules may be loading: only a long silence means that nothing more will come.
      else if (performance.now() - lastNews > longestSilence)
        throw new Error('nothing is left to wait for, and the work is not done')
    }
    return work
  }

  /** Whether any sleeper waits for the time to pass. */
  hasSleepers(): boolean {
    return this.sleepers.length > 0
  }

  /** Lets `ms` milliseconds pass, and wakes every sleeper on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms
    do await this.untilQuiet()
    while (this.wakeNext(end))
    this.time = end
  }

  /** Lets `ms` milliseconds pass as while a machine is suspended: nothing happens in between, and who slept less wakes late. */
  async skip(ms: number): Promise<void> {
    await this.untilQuiet()
    this.time += ms
  }

  /** Waits for some turns of the event loop without running work; false: work started. */
  private async quiet(isDone: () => boolean): Promise<boolean> {
    if (this.underWay.size > 0) await Promise.race([...this.underWay].map((work) => work.catch(() => undefined)))
    for (let turn = 0; turn < this.quietTurns; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      if (this.underWay.size > 0 || isDone()) return false
      if (this.isBusy()) {
        await this.letWork()
        return false
      }
    }
    this.busyTurns = 0
    return true
  }

  /** Lets the machine work: an immediate would keep the event loop turning, a timer lets it sleep. */
  private async letWork(): Promise<void> {
    this.busyTurns += 1
    if (this.busyTurns > turnsOfShortWork) await new Promise((resolve) => setTimeout(resolve, 1))
  }

  private async untilQuiet(): Promise<void> {
    while (!(await this.quiet(() => false)));
  }

  private next(): Sleeper | undefined {
    return this.sleepers.reduce<Sleeper | undefined>(
      (first, sleeper) =>
        !first || sleeper.at < first.at || (sleeper.at === first.at && sleeper.order < first.order) ? sleeper : first,
      undefined,
    )
  }

  /** Wakes the next sleeper that is due by `end`, if there is one. */
  private wakeNext(end = Infinity): boolean {
    const next = this.next()
    if (!next || next.at > end) return false
    this.remove(next)
    this.time = Math.max(this.time, next.at)
    next.wake()
    return true
  }

  private remove(sleeper: Sleeper): void {
    const index = this.sleepers.indexOf(sleeper)
    if (index >= 0) this.sleepers.splice(index, 1)
  }
}

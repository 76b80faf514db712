import type { Event } from '../../src/model/build/events.js'
import { MemoryJournal } from '../support/memory-journal.js'
import type { PromiseClock } from '../support/promise-clock.js'

/** A slow journal, so that events wait for each other. It can die with its process. */
export class MortalJournal extends MemoryJournal {
  private readonly clock: PromiseClock
  private readonly delay: () => number
  private left = Infinity
  private isLastWritten = true
  private life = 0
  private readonly events: Event[] = []
  private die: () => void = () => undefined

  constructor(clock: PromiseClock, delay: () => number) {
    super()
    this.clock = clock
    this.delay = delay
  }

  /** Kills the process at the nth event from now, before or after its line is on the disk. */
  dieAfter(count: number, isLastWritten: boolean): Promise<void> {
    this.left = count
    this.isLastWritten = isLastWritten
    return new Promise((resolve) => (this.die = resolve))
  }

  /** All events that are on the disk, each read from its line once. */
  read(): readonly Event[] {
    const unread = this.lines.slice(this.events.length)
    this.events.push(...(JSON.parse(`[${unread.join()}]`) as Event[]))
    return this.events
  }

  /** A new process writes from now on; later writes of the old one are lost. */
  revive(): void {
    this.left = Infinity
    this.life += 1
  }

  override async append(event: Event): Promise<void> {
    const life = this.life
    const ms = this.delay()
    if (ms > 0) await this.clock.sleep(ms)
    this.left -= life === this.life ? 1 : 0
    const isDead = life !== this.life || this.left < 0
    if (!isDead && (this.left > 0 || this.isLastWritten)) await super.append(event)
    if (!isDead && this.left > 0) return
    if (!isDead) this.die()
    await new Promise(() => undefined)
  }
}

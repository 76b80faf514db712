import type { Event } from '../../src/model/build/events.js'
import type { Journal } from '../../src/ports/journal.js'

/** A journal in memory: every event as the text that a file would hold. */
export class MemoryJournal implements Journal {
  readonly lines: string[] = []
  /** Set to refuse every further event, as a full disk does. */
  refuses = false

  append(event: Event): Promise<void> {
    if (this.refuses) return Promise.reject(new Error('ENOSPC: no space left on device, write'))
    this.lines.push(JSON.stringify(event))
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

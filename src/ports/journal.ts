import type { Event } from '../model/build/events.js'

/** Where an orchestration's events are kept. Enough to go on after any interruption (law 6). */
export interface Journal {
  /** Resolves when the event will survive the process. Rejects when it could not be written: then nothing may be done that needs it. */
  append(event: Event): Promise<void>
  /** Releases what the journal holds. */
  close(): Promise<void>
}

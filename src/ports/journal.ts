import type { Event } from '../model/build/events.js'

/** Where the events of an orchestration are stored: enough to resume it after any interruption (law 6). */
export interface Journal {
  /** Resolves once the event will survive the process. Rejects if it could not be written: nothing that depends on it may be done then. */
  append(event: Event): Promise<void>
  /** Releases the lock and the file. */
  close(): Promise<void>
}

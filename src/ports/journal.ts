import type { EventBody } from '../model/build/events.js'

/** An event with its time: ms since the epoch, UTC, by the clock port. */
export type Timed<Event extends object> = Event & { at: number }

/** Where the events of a process are stored: enough to resume it after any interruption (law 6). */
export interface Journal<Event extends object = EventBody> {
  /** Resolves once the event will survive the process. Rejects if it could not be written: nothing that depends on it may be done then. */
  append(event: Timed<Event>): Promise<void>
  /** Releases what the journal holds. */
  close(): Promise<void>
}

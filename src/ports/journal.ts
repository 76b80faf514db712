import type { EventBody } from '../model/build/events.js'

/** An event with its time: ms since the epoch, UTC, by the clock port. */
export type Timed<Event extends object> = Event & { at: number }

/** Where the events of a process are kept: enough to resume it after any interruption (law 6). */
export interface Journal<Event extends object = EventBody> {
  /** Resolves when the event will survive the process. Rejects when it could not be written: then nothing may be done that needs it. */
  append(event: Timed<Event>): Promise<void>
  /** Releases what the journal holds. */
  close(): Promise<void>
}

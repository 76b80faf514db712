import type { EventBody } from '../model/build/events.js'
import type { Orchestration } from '../model/build/orchestration.js'
import type { Timed } from './journal.js'
import type { Pause } from './pause.js'

/** Draws a process. It never decides anything, and a slow or broken terminal never holds the engine up. */
export interface Reporter<Event extends object = EventBody, State = Orchestration> {
  /** Called after each event, with the state it led to. */
  report(event: Timed<Event>, state: State): void
  /** Ends the drawing; resolves when everything is written. Called once, also after a failure. */
  close(): Promise<void>
}

/** A reporter that also says why nothing happens for a while. */
export interface PauseReporter<Event extends object = EventBody, State = Orchestration> extends Reporter<Event, State> {
  /** Called once for each pause, when it begins, and again only if it lasts longer than was reported. */
  pause(pause: Pause): void
}

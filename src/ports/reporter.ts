import type { EventBody } from '../model/build/events.js'
import type { Orchestration } from '../model/build/orchestration.js'
import type { Timed } from './journal.js'
import type { Pause } from './pause.js'

/** Shows a process to a reader. It decides nothing, and a slow or broken terminal never blocks the engine. */
export interface Reporter<Event extends object = EventBody, State = Orchestration> {
  /** Called after each event, with the state after it. */
  report(event: Timed<Event>, state: State): void
  /** Ends the output; resolves when everything is written. Called once, also after a failure. */
  close(): Promise<void>
}

/** A reporter that also explains pauses. */
export interface PauseReporter<Event extends object = EventBody, State = Orchestration> extends Reporter<Event, State> {
  /** Called when a pause starts, and again only if it lasts longer than announced. */
  pause(pause: Pause): void
}

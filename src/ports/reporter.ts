import type { Event } from '../model/build/events.js'
import type { Orchestration } from '../model/build/orchestration.js'
import type { Pause } from './pause.js'

/** Shows an orchestration to a reader. It decides nothing, and a slow or broken terminal never blocks the engine. */
export interface Reporter {
  /** Called after each event, with the orchestration after it. */
  report(event: Event, orchestration: Orchestration): void
  /** Ends the output; resolves when everything is written. Called once, also after a failure. */
  close(): Promise<void>
}

/** A reporter that also explains pauses. */
export interface PauseReporter extends Reporter {
  /** Called when a pause starts, and again only if it lasts longer than announced. */
  pause(pause: Pause): void
}

import type { Event } from '../model/build/events.js'
import type { Orchestration } from '../model/build/orchestration.js'
import type { Pause } from './pause.js'

/** Draws an orchestration. It never decides anything, and a slow or broken terminal never holds the engine up. */
export interface Reporter {
  /** Called after each event, with the orchestration it led to. */
  report(event: Event, orchestration: Orchestration): void
  /** Ends the drawing; resolves when everything is written. Called once, also after a failure. */
  close(): Promise<void>
}

/** A reporter that also says why nothing happens for a while. */
export interface PauseReporter extends Reporter {
  /** Called once for each pause, when it begins, and again only if it lasts longer than was said. */
  pause(pause: Pause): void
}

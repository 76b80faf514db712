import type { Event } from '../model/events.js'
import type { Orchestration } from '../model/orchestration.js'

/** Draws an orchestration. It never decides anything, and a slow or broken terminal never holds the engine up. */
export interface Reporter {
  /** Called after each event, with the orchestration it led to. */
  report(event: Event, orchestration: Orchestration): void
  /** Ends the drawing; resolves when everything is written. Called once, also after a failure. */
  close(): Promise<void>
}

import type { DispatchEvent } from './events/dispatch-events.js'
import type { OrchestrationEvent } from './events/orchestration-events.js'
import type { RunEvent } from './events/run-events.js'
import type { StatusEvent } from './events/status-events.js'

/**
 * What happened, as a closed union. The journal stores events, reporters show them, and the orchestration is their fold.
 * An event whose type ends in `-requested` is an intent: it is journaled when its request may leave, before GitHub can act on it.
 */
export type EventBody = OrchestrationEvent | StatusEvent | DispatchEvent | RunEvent

/** An event with its time: ms since the epoch, UTC, by the clock port. */
export type Event = EventBody & { at: number }

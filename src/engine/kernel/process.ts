import type { Clock } from '../../ports/clock.js'
import type { Timed } from '../../ports/journal.js'
import type { EventLog } from './event-log.js'

/** An action of a process. `at` is its earliest start, ms, UTC. */
export interface TimedAction {
  at: number
}

/**
 * The definition of a process. The kernel runs it: it journals, applies, decides and performs. `Event` is the event without its time.
 * Every member except `perform` is pure.
 */
export interface Process<State, Event extends object, Action extends TimedAction> {
  /** The state after one event. Throws only for an event that could not have happened. */
  apply: (state: State, event: Timed<Event>) => State
  /** Whether this operating-system process has nothing more to do. No event is accepted in such a state. */
  isOver: (state: State) => boolean
  /** Whether an event comes too late in this state. It is dropped: neither journaled nor applied. */
  comesTooLate: (state: State, event: Event) => boolean
  /** The event that is applied when the journal cannot be written. `reason` describes the failure. */
  journalLost: (reason: string) => Event
  /** The time, ms, UTC, at which the loop decides again even when every action is in flight; Infinity if there is no such time. */
  wakeAt: (state: State) => number
  /** Identifies an action: while an action with this key is in flight, it is not started again. */
  actionKey: (action: Action) => string
  /** Whether an action starts only when no other is in flight. */
  startsAlone: (action: Action) => boolean
  /** The actions that are due now (ms, UTC) or later, in the order in which they start. */
  decide: (state: State, now: number) => readonly Action[]
  /** For a process with many actions: the decider returns the same actions as `decide` at a lower cost. Default: `decide` is called after each event. */
  createDecider?: (state: State) => Decider<State, Action>
  /** Performs one action through the ports and emits the result as events. Rejects only on a bug. */
  perform: (context: ProcessContext<State, Event, Action>, action: Action) => Promise<void>
}

/** Keeps the pending actions of a process. An action that `take` returned is not returned again until it is released. */
export interface Decider<State, Action> {
  /** Decides for this state and time (ms, UTC). */
  update: (state: State, now: number) => void
  /** The actions that are due and were not taken, in the order in which they start. */
  take: () => Action[]
  /** Marks the taken action of this key as ended. */
  release: (key: string) => void
  /** The time at which the next action that was not taken comes due, ms, UTC; Infinity if there is none. */
  nextAt: () => number
  /** The action of this key as it should be performed now; undefined if there is none. */
  pending: (key: string) => Action | undefined
}

/** The context in which an action is performed. */
export interface ProcessContext<State, Event extends object, Action> {
  clock: Clock
  state: () => State
  /** The action that is pending under this key now; undefined if there is none. */
  pending: (key: string) => Action | undefined
  /** Whether an action of this key would be pending in another state. */
  wouldBePending: (otherwise: State, key: string) => boolean
  /** Journals and applies a fact. */
  emit: EventLog<State, Event>['emit']
  /** Journals and applies an intent: `withIntent` is the only caller. */
  emitIntent: EventLog<State, Event>['emitIntent']
}

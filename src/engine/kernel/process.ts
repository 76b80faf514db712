import type { Clock } from '../../ports/clock.js'
import type { Timed } from '../../ports/journal.js'
import type { EventLog } from './event-log.js'

/** An action of a process. `at` is ms, UTC: it does not start before then. */
export interface TimedAction {
  at: number
}

/**
 * A process: what it is and what it does, handed to the kernel, which journals, applies, decides and performs. `Event` is the event
 * without its time. Everything here is pure but `perform`.
 */
export interface Process<State, Event extends object, Action extends TimedAction> {
  /** The state after one event. Throws only for an event that could not have happened. */
  apply: (state: State, event: Timed<Event>) => State
  /** Whether this operating-system process has nothing more to do: no event is accepted in such a state. */
  isOver: (state: State) => boolean
  /** Whether an event comes too late in this state: it is dropped, neither journaled nor applied. */
  comesTooLate: (state: State, event: Event) => boolean
  /** The event that is applied when the journal cannot be written. `reason` says why it could not. */
  journalLost: (reason: string) => Event
  /** ms, UTC: the loop decides again at this time even when every action is in flight; Infinity: there is no such time. */
  wakeAt: (state: State) => number
  /** Names an action: while one with this key is in flight, it is not started again. */
  actionKey: (action: Action) => string
  /** Whether an action starts only when no other is in flight. */
  startsAlone: (action: Action) => boolean
  /** What should happen next, now (ms, UTC) or later, in the order in which the actions start. */
  decide: (state: State, now: number) => readonly Action[]
  /** For a process with many actions: returns what `decide` returns, at a lower cost. Left out: `decide` is called after each event. */
  createDecider?: (state: State) => Decider<State, Action>
  /** Performs one action through the ports and emits what happened. Rejects only on a bug. */
  perform: (context: ProcessContext<State, Event, Action>, action: Action) => Promise<void>
}

/** Names what should happen next. What `take` returned is not returned again until it is released. */
export interface Decider<State, Action> {
  /** Decides for this state and time (ms, UTC). */
  update: (state: State, now: number) => void
  /** The actions that are due and were not taken, in the order in which they start. */
  take: () => Action[]
  /** What was taken under this key has ended. */
  release: (key: string) => void
  /** When the next action that was not taken comes due, ms, UTC; Infinity: there is none. */
  nextAt: () => number
  /** The action of this key as it should be performed now; undefined: there is none. */
  pending: (key: string) => Action | undefined
}

/** What performing an action may use. */
export interface ProcessContext<State, Event extends object, Action> {
  clock: Clock
  state: () => State
  /** The action that is pending under this key now; undefined: none. */
  pending: (key: string) => Action | undefined
  /** Whether an action of this key would be pending in another state. */
  wouldBePending: (otherwise: State, key: string) => boolean
  /** Journals and applies a fact. */
  emit: EventLog<State, Event>['emit']
  /** Journals and applies an intent: `withIntent` is the only caller. */
  emitIntent: EventLog<State, Event>['emitIntent']
}

import type { Clock } from '../../ports/clock.js'
import type { Journal, Timed } from '../../ports/journal.js'
import type { Reporter } from '../../ports/reporter.js'

/** The only place where the state of a process changes: events are journaled, applied and reported one at a time. */
export interface EventLog<State, Event extends object> {
  state: () => State
  /**
   * Emits a fact; the event belongs to the log from now on. It is applied even if it cannot be journaled, because the process must know of a run to cancel it and of a status to close it.
   * The event is dropped when `isStillTrue` returns false at its turn, because an earlier event may have overtaken it. When `isNews`
   * returns false, the event is applied, but neither journaled nor reported.
   */
  emit: (event: Event, isStillTrue?: () => boolean, isNews?: (timing: EventTiming) => boolean) => Promise<void>
  /**
   * Emits an intent. Its request must not be sent before the intent is journaled. Resolves to false when `isStillDue` returns false
   * at its turn or the journal cannot be written.
   */
  emitIntent: (isStillDue: () => boolean, event: Event) => Promise<boolean>
  /** Sets the listener that is called after each event. */
  onChange: (listener: () => void) => void
  /** From now on every intent is refused, so that no further request that needs one is sent. */
  refuseIntents: () => void
  /** From now on nothing is journaled and no event is accepted. */
  close: () => void
}

/** The times of an event, of the latest journaled event, and of the first event of this operating-system process; ms, UTC. */
export interface EventTiming {
  at: number
  journaledAt: number
  openedAt: number
}

/** The part of a process definition that the log uses. */
export interface LoggedProcess<State, Event extends object> {
  apply: (state: State, event: Timed<Event>) => State
  isOver: (state: State) => boolean
  comesTooLate: (state: State, event: Event) => boolean
  journalLost: (reason: string) => Event
}

export interface EventLogPorts<State, Event extends object> {
  clock: Clock
  journal: Journal<Event>
  reporter: Reporter<Event, State>
  /** Called when the journal cannot be written, instead of accepting the event `journalLost`; the log is closed then. */
  onJournalLost?: (() => void) | undefined
}

/** @param opening the time of the first event of this operating-system process, which is journaled already, and the state after it */
export function createEventLog<State, Event extends object>(
  definition: LoggedProcess<State, Event>,
  { clock, journal, reporter, onJournalLost }: EventLogPorts<State, Event>,
  opening: { state: State; at: number },
): EventLog<State, Event> {
  let { state } = opening
  let queue: Promise<unknown> = Promise.resolve()
  let isJournalBroken = false
  let areIntentsRefused = false
  let isClosed = false
  let journaledAt = opening.at
  let changed: () => void = () => undefined

  /**
   * The event with its time. It is not a copy: V8 gives each copy with a further property a hidden class of its own, and reading the fields
   * of such objects is slow wherever events are read.
   */
  const timed = (body: Event): Timed<Event> => Object.assign(body, { at: clock.now() })

  /** No event is applied or journaled after the end. */
  const isRejected = (event: Event): boolean =>
    isClosed || definition.isOver(state) || definition.comesTooLate(state, event)

  const accept = (event: Timed<Event>, isReported = true): void => {
    if (isRejected(event)) return
    state = definition.apply(state, event)
    if (isReported) reporter.report(event, state)
    changed()
  }

  /** Resolves to true when the event is journaled, or when the journal was lost before. */
  const write = async (event: Timed<Event>): Promise<boolean> => {
    if (isJournalBroken) return true
    try {
      await journal.append(event)
      journaledAt = event.at
      return true
    } catch (error) {
      isJournalBroken = true
      if (onJournalLost) {
        isClosed = true
        onJournalLost()
        return false
      }
      const reason = error instanceof Error ? error.message : String(error)
      accept(Object.assign(definition.journalLost(reason), { at: event.at }))
      return false
    }
  }

  const enqueue = <T>(step: () => Promise<T>): Promise<T> => {
    const result = queue.then(step)
    queue = result.catch(() => undefined)
    return result
  }

  return {
    state: () => state,
    onChange: (listener) => (changed = listener),
    emit: (body, isStillTrue = () => true, isNews = () => true) =>
      enqueue(async () => {
        if (isRejected(body) || !isStillTrue()) return
        const event = timed(body)
        const isReported = isNews({ at: event.at, journaledAt, openedAt: opening.at })
        if (isReported) await write(event)
        accept(event, isReported)
      }),
    emitIntent: (isStillDue, body) =>
      enqueue(async () => {
        if (areIntentsRefused || isRejected(body) || !isStillDue()) return false
        const event = timed(body)
        if (!(await write(event))) return false
        accept(event)
        return true
      }),
    refuseIntents: () => (areIntentsRefused = true),
    close: () => (isClosed = true),
  }
}

import type { EventBody } from '../../model/build/events.js'
import type { InterruptionCause, Orchestration } from '../../model/build/orchestration.js'
import type { Clock } from '../../ports/clock.js'
import type { Journal } from '../../ports/journal.js'
import type { Reporter } from '../../ports/reporter.js'
import { apply } from '../build/state/apply.js'

/** The one place where an orchestration changes: events are journaled, applied and reported one after the other. */
export interface EventLog {
  state: () => Orchestration
  /**
   * A fact: it is applied even if it cannot be journaled, for what happened must be known to be cancelled or closed.
   * It is dropped when `isStillTrue` does not hold any more at its turn: what came before it may have overtaken it.
   * One that is no news is only applied: it is neither journaled nor reported.
   */
  emit: (event: EventBody, isStillTrue?: () => boolean, isNews?: (moment: EventTiming) => boolean) => Promise<void>
  /** An intent: nothing is done without it. Resolves to false when `isStillDue` does not hold any more or the journal cannot be written. */
  emitIf: (isStillDue: () => boolean, event: EventBody) => Promise<boolean>
  /** Called after each event. */
  onChange: (listener: () => void) => void
}

/** When an event happens, ms, UTC; when the latest one was journaled, and when this process began to journal. */
export interface EventTiming {
  at: number
  journaledAt: number
  openedAt: number
}

/** Whether it is interrupted at least as urgently: a signal cuts short what a cancel has begun. */
function isInterrupted({ interrupted }: Orchestration, cause: InterruptionCause): boolean {
  return interrupted !== null && (interrupted.cause !== 'cancel' || cause === 'cancel')
}

export function createEventLog(
  { clock, journal, reporter }: { clock: Clock; journal: Journal; reporter: Reporter },
  first: Orchestration,
): EventLog {
  let orchestration = first
  let queue: Promise<unknown> = Promise.resolve()
  let isJournalBroken = false
  let journaledAt = first.lastAt
  let changed: () => void = () => undefined

  /** The first interruption counts, and nothing comes after the end, neither here nor in the journal. */
  const comesTooLate = (event: EventBody): boolean =>
    orchestration.ending !== null ||
    orchestration.isSuspended ||
    (event.type === 'interrupted' && isInterrupted(orchestration, event.cause))

  const accept = (event: EventBody & { at: number }, isTold = true): void => {
    if (comesTooLate(event)) return
    orchestration = apply(orchestration, event)
    if (isTold) reporter.report(event, orchestration)
    changed()
  }

  /** Resolves to whether the event is safe, or need not be because the journal is lost already. */
  const write = async (event: EventBody & { at: number }): Promise<boolean> => {
    if (isJournalBroken) return true
    try {
      await journal.append(event)
      journaledAt = event.at
      return true
    } catch (error) {
      isJournalBroken = true
      const signal = error instanceof Error ? error.message : String(error)
      accept({ type: 'interrupted', signal, cause: 'journal', at: event.at })
      return false
    }
  }

  const enqueue = <T>(step: () => Promise<T>): Promise<T> => {
    const result = queue.then(step)
    queue = result.catch(() => undefined)
    return result
  }

  return {
    state: () => orchestration,
    onChange: (listener) => (changed = listener),
    emit: (body, isStillTrue = () => true, isNews = () => true) =>
      enqueue(async () => {
        if (comesTooLate(body) || !isStillTrue()) return
        const event = { ...body, at: clock.now() }
        const isTold = isNews({ at: event.at, journaledAt, openedAt: first.lastAt })
        if (isTold) await write(event)
        accept(event, isTold)
      }),
    emitIf: (isStillDue, body) =>
      enqueue(async () => {
        if (comesTooLate(body) || !isStillDue()) return false
        const event = { ...body, at: clock.now() }
        if (!(await write(event))) return false
        accept(event)
        return true
      }),
  }
}

import type { EventBody } from '../../model/build/events.js'
import type { InterruptionCause, Orchestration } from '../../model/build/orchestration.js'
import { deadlineOf } from '../../model/build/orchestration.js'
import type { Host } from '../../ports/host/host.js'
import type { Process } from '../kernel/process.js'
import type { Action } from './decide/actions.js'
import { actionKey } from './decide/actions.js'
import { decide } from './decide/decide.js'
import { perform } from './perform/perform.js'
import { IncrementalDecider } from './schedule/incremental-decider.js'
import { apply } from './state/apply.js'

/** The process that builds a change. */
export function buildProcess(github: Host): Process<Orchestration, EventBody, Action> {
  return {
    apply,
    isOver: ({ ending, isSuspended }) => ending !== null || isSuspended,
    comesTooLate: (orchestration, event) => event.type === 'interrupted' && isInterrupted(orchestration, event.cause),
    journalLost: (reason) => ({ type: 'interrupted', signal: reason, cause: 'journal' }),
    wakeAt: deadlineOf,
    actionKey,
    startsAlone: ({ type }) => type === 'suspend',
    decide,
    createDecider: (orchestration) => new IncrementalDecider(orchestration),
    perform: ({ clock, state, pending, wouldBePending, emit, emitIntent }, action) =>
      perform({ clock, state, pending, wouldBePending, emit, emitIntent, github }, action),
  }
}

/** Whether the orchestration is already interrupted at least as urgently. A signal overrides a cancel that is under way. */
function isInterrupted({ interrupted }: Orchestration, cause: InterruptionCause): boolean {
  return interrupted !== null && (interrupted.cause !== 'cancel' || cause === 'cancel')
}

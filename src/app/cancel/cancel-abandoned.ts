import { resume } from '../../engine/build/drive.js'
import type { Store } from '../../ports/store.js'
import { takeOver } from '../history/take-over.js'
import { driveToEnd } from '../run/drive-to-end.js'
import type { DriveOptions, Driven } from '../run/drive-to-end.js'
import { requestCancel } from './request-cancel.js'
import type { CancelOutcome } from './request-cancel.js'

/** The number of times that another process may take the orchestration over first before this one gives up. */
const maxRounds = 5

export interface CancelAbandonedOptions extends DriveOptions {
  store: Store
  id: string
  /** Called with a line when another process has taken over the orchestration and was interrupted. */
  note: (text: string) => void
}

/** Cancels an orchestration that no process drives: takes it over, cancels its runs, and drives it to its end. */
export async function cancelAbandoned(options: CancelAbandonedOptions): Promise<CancelOutcome> {
  const { store, clock, id, note } = options
  for (let round = 0; round < maxRounds; round += 1) {
    const taken = await takeOver(store, id)
    switch (taken.kind) {
      case 'taken': {
        const { journal, orchestration } = taken.value
        const driven = await driveToEnd({
          ...options,
          journal,
          begin: (ports) => {
            const drive = resume(ports, orchestration)
            drive.cancel('orch cancel')
            return drive
          },
        })
        return toOutcome(id, driven)
      }
      case 'unreadable':
        return { kind: 'not-ended', problem: taken.problem }
      case 'finished':
        return { kind: 'ended', orchestration: { ...taken.orchestration, ending: taken.ending } }
      case 'held': {
        // Another process has resumed it in between.
        const outcome = await requestCancel({ store, clock, id, note })
        if (outcome.kind !== 'abandoned') return outcome
      }
    }
  }
  const message = `the orchestration ${id} was not cancelled`
  const why = 'every process that took it over stopped before it was cancelled'
  return { kind: 'not-ended', problem: { kind: 'failed', message, why, remedy: 'Cancel it again.' } }
}

function toOutcome(id: string, driven: Driven): CancelOutcome {
  if (driven.kind === 'ended') return { kind: 'ended', orchestration: driven.orchestration }
  if (driven.kind === 'handed-over') return { kind: 'abandoned' }
  const message = `the orchestration ${id} was not cancelled: GitHub does not accept the token any more`
  const why = driven.orchestration.tokenRefusal?.failure.message ?? 'it was refused'
  const remedy = 'Give a valid token, then cancel it again.'
  return { kind: 'not-ended', problem: { kind: 'auth', message, why, remedy } }
}

import type { Problem } from '../../app/problem.js'
import { assertNever } from '../../lib/assert-never.js'
import { counted } from '../../lib/counted.js'
import { sanitize } from '../../lib/sanitize.js'
import type { ViewOptions } from '../../report/style.js'
import { renderChangeStatus } from '../../report/views/change-status-view.js'
import { renderInvalidation } from '../../report/views/invalidation-view.js'
import { renderPlan } from '../../report/views/plan-view.js'
import type { WorkloadEnd } from '../workloads/workload-row.js'
import type { CommandOutcome } from './execute-command.js'

/** An outcome for people, whatever shows it. */
export interface OutcomeText {
  /** Whether the command did what it was asked for. */
  isDone: boolean
  /** One clause without text from outside. */
  headline: string
  /** Lines for a fixed-width font; empty: there are none. Sanitized, but not escaped. */
  details: string
}

const view: ViewOptions = { color: false, columns: 100 }

export function describeOutcome(outcome: CommandOutcome): OutcomeText {
  switch (outcome.kind) {
    case 'queued': {
      const headline = outcome.isNew ? 'The run is queued.' : 'This request has queued the run before.'
      return { isDone: true, headline, details: `workload ${sanitize(outcome.workload)}` }
    }
    case 'planned': {
      const { plan, options } = outcome.planned
      return { isDone: true, headline: 'A run would do this:', details: renderPlan(plan, options, view) }
    }
    case 'status': {
      const { kind, status } = outcome.result
      return { isDone: kind !== 'auth', headline: statusHeadlines[kind], details: renderChangeStatus(status, view) }
    }
    case 'cancelled': {
      const headline =
        outcome.count === 0 ? 'No run was queued or running.' : `${counted(outcome.count, 'run')} asked to end.`
      return { isDone: true, headline, details: '' }
    }
    case 'invalidated': {
      const { kind, invalidation } = outcome.result
      const headline = kind === 'done' ? 'The pull requests are locked.' : 'Not every pull request could be locked.'
      return { isDone: kind === 'done', headline, details: renderInvalidation(invalidation, view) }
    }
    case 'stopped':
      return { isDone: false, headline: 'Nothing was done.', details: outcome.problems.map(problemText).join('\n') }
    default:
      return assertNever(outcome)
  }
}

/** The end of a run that was queued. */
export function describeEnd({ status, result }: WorkloadEnd): OutcomeText {
  const details = result.split('\n').map(sanitize).join('\n')
  return { isDone: status === 'completed', headline: endHeadlines[status], details }
}

const endHeadlines: Record<WorkloadEnd['status'], string> = {
  completed: 'The run has completed.',
  failed: 'The run has failed.',
  cancelled: 'The run was cancelled.',
}

const statusHeadlines = {
  green: 'The change is green: its pull requests may be merged.',
  pending: 'The change is locked.',
  'not-green': 'The change is not green.',
  auth: 'A repository could not be read.',
  'near-miss': 'A branch differs from this one only in case.',
} as const

/** The commands, for a person who wrote another one. */
export const helpText = `The commands are:

/orch run         build the change, then unlock its pull requests
/orch plan        show what a run would do
/orch status      show the state of the change
/orch cancel      cancel the runs of the change
/orch invalidate  lock the pull requests of the change
`

function problemText({ message, why, remedy, text }: Problem): string {
  if (text !== undefined) return text.split('\n').map(sanitize).join('\n')
  const reason = why === '' ? '' : `: ${sanitize(why)}`
  return [`${sanitize(message)}${reason}.`, sanitize(remedy)].filter((line) => line !== '').join('\n')
}

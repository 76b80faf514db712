import { recordState } from '../../../../model/build/job-record.js'
import type { Orchestration } from '../../../../model/build/orchestration.js'
import type { JobState } from '../../../../model/build/state/job-state.js'
import { deadlineOf } from '../../../../model/build/orchestration.js'
import type { Action } from '../actions.js'
import { isUnrecorded, tallyJobs } from '../../state/job-tally.js'
import type { PlanNode } from '../../state/plan-index.js'
import type { DecisionClock } from '../decision-clock.js'
import type { Directives } from '../rules.js'

/** The delay from the end of a build to its job status, ms, so that the dispatches of its dependents leave first. */
export const jobStatusDelayMs = 1_000

/** The job status that is still to be posted on the head of the job, at the earliest `delay` ms after the job settled; empty if there is none. */
export function nextJobStatus({ job, planned }: PlanNode, state: JobState, delay: number, now: number): Action[] {
  const { headSha } = planned
  if (state.phase !== 'settled' || headSha === null || !isUnrecorded(planned, state)) return []
  const statusState = recordState(state.outcome)
  const at = Math.max(now, state.settledAt + delay)
  return statusState === null
    ? []
    : [{ type: 'post-job-status', at, job: job.id, repo: job.repo, headSha, state: statusState }]
}

/** Whether job statuses are posted. After the deadline of the orchestration they are dropped. */
export function mayPostJobStatuses(orchestration: Orchestration, clock: DecisionClock): boolean {
  return orchestration.options.recordJobs === true && !clock.isDue(deadlineOf(orchestration))
}

/**
 * Adds the remaining job statuses to the directives once every job is settled, before the orchestration finishes. They wait while
 * statuses of the context are to be posted or decided, so that they never delay the unlocking.
 */
export function withJobStatuses(
  directives: Directives,
  orchestration: Orchestration,
  clock: DecisionClock,
): Directives {
  const isFree =
    directives.targets.kind === 'rest' &&
    directives.global.every(
      (action) => action.type === 'finish' || (action.type === 'verify' && action.stage === 'after-success'),
    )
  if (!isFree || tallyJobs(orchestration).unrecorded === 0 || !mayPostJobStatuses(orchestration, clock))
    return directives
  return { ...directives, jobs: { kind: 'record' }, global: directives.global.filter(({ type }) => type !== 'finish') }
}

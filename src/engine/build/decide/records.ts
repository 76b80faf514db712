import { recordState } from '../../../model/build/job-record.js'
import type { JobState, Orchestration } from '../../../model/build/orchestration.js'
import { deadlineOf } from '../../../model/build/orchestration.js'
import type { Action } from './actions.js'
import { isUnrecorded, tallyJobs } from '../state/job-tally.js'
import type { PlanNode } from '../state/plan-index.js'
import type { DecisionClock } from './decision-clock.js'
import type { Directives } from './rules.js'

/** How long after the end of a build its own status waits, ms: the dispatches that the end allows leave first. */
export const recordDelay = 1_000

/** The status of its own that a job is still to leave on its head, `delay` ms after it settled at the earliest; empty: none. */
export function recordOf({ job, planned }: PlanNode, state: JobState, delay: number, now: number): Action[] {
  const { headSha } = planned
  if (state.phase !== 'settled' || headSha === null || !isUnrecorded(state)) return []
  const statusState = recordState(state.outcome)
  const at = Math.max(now, state.settledAt + delay)
  return statusState === null
    ? []
    : [{ type: 'post-job-status', at, job: job.id, repo: job.repo, headSha, state: statusState }]
}

/** Whether jobs leave statuses. Nobody waits for them once the time for the whole orchestration is up. */
export function mayRecord(orchestration: Orchestration, clock: DecisionClock): boolean {
  return orchestration.options.recordJobs === true && !clock.isDue(deadlineOf(orchestration))
}

/**
 * What is left to do once every job is settled, with the statuses of jobs before the end. While the context's own statuses are to be
 * posted, or decided on, they wait: nothing delays the unlocking.
 */
export function withRecords(directives: Directives, orchestration: Orchestration, clock: DecisionClock): Directives {
  const isFree =
    directives.targets.kind === 'rest' &&
    directives.global.every(
      (action) => action.type === 'finish' || (action.type === 'verify' && action.stage === 'after-success'),
    )
  if (!isFree || tallyJobs(orchestration).unrecorded === 0 || !mayRecord(orchestration, clock)) return directives
  return { ...directives, jobs: { kind: 'record' }, global: directives.global.filter(({ type }) => type !== 'finish') }
}

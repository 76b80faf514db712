import { recordState } from '../model/job-record.js'
import type { JobState, Orchestration } from '../model/orchestration.js'
import { deadlineOf } from '../model/orchestration.js'
import type { Action } from './actions.js'

/** How long after the end of a build its own status waits, ms: the dispatches that the end allows leave first. */
const recordDelay = 1_000

/**
 * The status that a settled job is still to leave on its head; null: none. Nobody waits for one once the time for the whole
 * orchestration is up.
 */
export function decideRecord(
  orchestration: Orchestration,
  { job, repo, headSha }: { job: string; repo: string; headSha: string | null },
  now: number,
): Extract<Action, { type: 'post-job-status' }> | null {
  const state = orchestration.jobs.get(job)
  if (orchestration.options.recordJobs !== true || headSha === null || now >= deadlineOf(orchestration)) return null
  if (state?.phase !== 'settled' || state.runId === null || isRecorded(state)) return null
  const word = recordState(state.outcome)
  const at = Math.max(now, state.settledAt + recordDelay)
  return word && { type: 'post-job-status', at, job, repo, headSha, state: word }
}

function isRecorded({ record }: Extract<JobState, { phase: 'settled' }>): boolean {
  return record !== undefined && record.phase !== 'requested'
}

/** The statuses of jobs that are still to be posted, in the order of the graph. */
export function decideRecords(orchestration: Orchestration, now: number): Action[] {
  const { graph, jobs } = orchestration.plan
  const heads = new Map(jobs.map(({ job, headSha }) => [job, headSha]))
  return graph.jobs.flatMap(
    ({ id, repo }) => decideRecord(orchestration, { job: id, repo, headSha: heads.get(id) ?? null }, now) ?? [],
  )
}

/**
 * What is left to do once every job is settled, with the statuses of jobs before the end. While the context's own statuses are to be
 * posted, or decided on, they wait: nothing delays the unlocking.
 */
export function withRecords(actions: Action[], orchestration: Orchestration, now: number): Action[] {
  const isFree = actions.every(
    (action) => action.type === 'finish' || (action.type === 'verify' && action.stage === 'after-success'),
  )
  if (!isFree) return actions
  const records = decideRecords(orchestration, now).map((action) => ({ ...action, at: now }))
  return records.length === 0 ? actions : [...records, ...actions.filter(({ type }) => type !== 'finish')]
}

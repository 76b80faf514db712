import { recordState } from '../../../model/build/job-record.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { JobOutcome, JobState, SettledJob } from '../../../model/build/state/job-state.js'
import { Tally } from '../../../lib/persistent-map.js'
import type { Plan, PlannedJob } from '../../../model/build/plan.js'

/** Counts of the jobs by state. Indexes are those of the plan's jobs; -1 if there is none. */
export interface JobTally {
  unsettled: number
  /** Jobs that have, or may have, an active run. */
  active: number
  /** Active jobs that are being dispatched or whose run is known. */
  open: number
  /** The job that settled first without success: later failures may be consequences of it. */
  firstBad: number
  firstBadAt: number
  /** Jobs without success whose outcome a rerun by hand cannot change. */
  beyondRerun: number
  /** The first job whose run builds another commit than the planned one. */
  firstMoved: number
  /** Failed builds whose reason has not been read yet. */
  unexplained: number
  /** When the job that settled last did so; -Infinity: none. */
  lastSettledAt: number
  /** The earliest of the latest readings of the failed runs; Infinity: no run failed. */
  failedReadAt: number
  /** Jobs whose job status is still to be posted, if job statuses are enabled. */
  unrecorded: number
}

const tallies = new WeakMap<Plan, Tally<JobState, JobTally>>()

/** The cost depends on the number of jobs that changed since the last call, not on the number of jobs. */
export function tallyJobs({ plan, jobs }: Orchestration): JobTally {
  const known = tallies.get(plan)
  if (known) return jobs.tally(known)
  const tally = new Tally<JobState, JobTally>({
    empty: () => ({
      unsettled: 0,
      active: 0,
      open: 0,
      firstBad: -1,
      firstBadAt: Infinity,
      beyondRerun: 0,
      firstMoved: -1,
      unexplained: 0,
      lastSettledAt: -Infinity,
      failedReadAt: Infinity,
      unrecorded: 0,
    }),
    count: (sum, job, index) => {
      if (job) countJob(sum, job, index, plan.jobs[index])
    },
    add,
  })
  tallies.set(plan, tally)
  return jobs.tally(tally)
}

function countJob(sum: JobTally, job: JobState, index: number, planned: PlannedJob | undefined): void {
  if (job.phase === 'settled') return countSettled(sum, job, index, planned)
  sum.unsettled += 1
  if (job.phase === 'waiting') return
  sum.active += 1
  if (job.phase === 'searching') return
  sum.open += 1
  if (job.phase === 'dispatching' || sum.firstMoved >= 0) return
  const { run } = job.observation
  if (run !== null && run.headSha !== (planned?.headSha ?? null)) sum.firstMoved = index
}

function countSettled(sum: JobTally, job: SettledJob, index: number, planned: PlannedJob | undefined): void {
  if (isBad(job) && job.settledAt < sum.firstBadAt) {
    sum.firstBad = index
    sum.firstBadAt = job.settledAt
  }
  if (!['succeeded', 'fresh', 'skipped', 'not-run'].includes(job.outcome) && !isFailedRun(job)) sum.beyondRerun += 1
  if (isUnexplained(job)) sum.unexplained += 1
  sum.lastSettledAt = Math.max(sum.lastSettledAt, job.settledAt)
  if (isFailedRun(job)) sum.failedReadAt = Math.min(sum.failedReadAt, readAtOf(job))
  if (planned && isUnrecorded(planned, job)) sum.unrecorded += 1
}

function add(sum: JobTally, part: JobTally): void {
  sum.unsettled += part.unsettled
  sum.active += part.active
  sum.open += part.open
  sum.beyondRerun += part.beyondRerun
  sum.unexplained += part.unexplained
  sum.unrecorded += part.unrecorded
  sum.lastSettledAt = Math.max(sum.lastSettledAt, part.lastSettledAt)
  sum.failedReadAt = Math.min(sum.failedReadAt, part.failedReadAt)
  if (sum.firstMoved < 0) sum.firstMoved = part.firstMoved
  if (part.firstBadAt < sum.firstBadAt) {
    sum.firstBad = part.firstBad
    sum.firstBadAt = part.firstBadAt
  }
}

/** The outcomes that do not stop the orchestration. */
const neutral: readonly JobOutcome[] = ['succeeded', 'fresh', 'skipped', 'not-run', 'left-running']

export function isBad({ outcome }: SettledJob): boolean {
  return !neutral.includes(outcome)
}

export function isFailedRun({ outcome, runId }: SettledJob): boolean {
  return outcome === 'failed' && runId !== null
}

/** When the run of a settled job was last read, ms, UTC. */
export function readAtOf({ readAt, settledAt }: SettledJob): number {
  return readAt ?? settledAt
}

export function isUnexplained(job: SettledJob): boolean {
  return isFailedRun(job) && job.explanation === undefined
}

/**
 * Whether the job has a run to record, and its job status was neither accepted nor refused. A build of the default branch is not
 * recorded: its commit belongs to everybody, so the result of one change must not show on it.
 */
export function isUnrecorded({ defaultBranch }: PlannedJob, { outcome, runId, record }: SettledJob): boolean {
  if (defaultBranch !== undefined) return false
  const isDone = record !== undefined && record.phase !== 'requested'
  return runId !== null && !isDone && recordState(outcome) !== null
}

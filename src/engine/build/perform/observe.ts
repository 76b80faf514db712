import { assertNever } from '../../../lib/assert-never.js'
import type { RunningJob, SettledJob } from '../../../model/build/state/job-state.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'
import { isCompleted } from '../../../model/workflow-run.js'
import type { WorkflowRun } from '../../../model/workflow-run.js'
import { actionKey } from '../decide/actions.js'
import { settledWatchDelay } from '../state/delays.js'
import { indexPlan } from '../state/plan-index.js'
import type { ActionContext } from './action-context.js'
import { findJob, findPlanned } from './action-context.js'
import { isCurrent, mustReport } from './reading-filter.js'
import type { TimedReading } from './reading-filter.js'

/** Turns a reading of a run into an event. Every reading, from a poll or a webhook, passes through this function. */
export async function observe(context: ActionContext, job: string, timed: TimedReading): Promise<void> {
  const state = context.state().jobs.get(job)
  if (state?.phase === 'running') return observeRunning(context, job, state, timed)
  if (state?.phase === 'settled') return observeSettled(context, job, state, timed)
}

/** Assigns a pushed run to the job with its run ID and repository. A run without such a job is ignored. */
export async function observePushedRun(context: ActionContext, repo: RepoName, run: WorkflowRun): Promise<void> {
  const { plan, jobs } = context.state()
  const node = indexPlan(plan).nodes.find(({ job, index }) => {
    const state = jobs.at(index)
    const isKnown = state?.phase === 'running' || state?.phase === 'settled'
    return isKnown && state.runId === run.id && repoKey(job.repo) === repoKey(repo)
  })
  if (!node) return
  if (!isCompleted(run)) context.github.noteDelivery(repo, run.id)
  await observe(context, node.job.id, { reading: { kind: 'run', run }, requestedAt: null })
}

function observeRunning(context: ActionContext, id: string, state: RunningJob, timed: TimedReading): Promise<void> {
  const { reading } = timed
  const job = findJob(context, id)
  /** Checked when the event is about to be journaled: the job may have settled, or a push may have overtaken the reading. */
  const isStillTrue = (): boolean => {
    const orchestration = context.state()
    const now = orchestration.jobs.get(id)
    return now?.phase === 'running' && isCurrent({ orchestration, job, state: now }, timed, context.clock.now())
  }
  const nextAt = nextReadingAt(context, id, state, reading.kind === 'run')
  switch (reading.kind) {
    case 'run':
      return context.emit({ type: 'run-observed', job: id, run: reading.run, nextAt }, isStillTrue, (timing) => {
        const orchestration = context.state()
        const now = orchestration.jobs.get(id)
        return now?.phase !== 'running' || mustReport({ orchestration, job, state: now }, reading.run, timing)
      })
    case 'absent':
      return context.emit({ type: 'run-absent', job: id, nextAt }, isStillTrue)
    case 'unreadable':
      return context.emit({ type: 'observation-failed', job: id, failure: reading.failure, nextAt }, isStillTrue)
    default:
      return assertNever(reading)
  }
}

function nextReadingAt(
  context: ActionContext,
  id: string,
  { runId, attemptSince, observation }: RunningJob,
  wasFound: boolean,
): number {
  return context.github.nextReadingAt({
    repo: findJob(context, id).repo,
    runId,
    since: attemptSince,
    usualMs: findPlanned(context, id).usualMs,
    count: observation.count + 1,
    seed: `${context.state().id}:${id}`,
    wasFound,
  })
}

/** Restarts a settled job when a user reran its failed run by hand. */
async function observeSettled(
  context: ActionContext,
  job: string,
  settled: SettledJob,
  { reading, requestedAt }: TimedReading,
): Promise<void> {
  const nextAt = context.clock.now() + settledWatchDelay
  const isSettled = (): boolean => context.state().jobs.get(job)?.phase === 'settled'
  if (reading.kind === 'run' && (reading.run.runAttempt ?? 1) > (settled.runAttempt ?? 1)) {
    const mayRestart = (): boolean =>
      isSettled() && (isWatched(context, job) || (requestedAt !== null && isBuilding(context)))
    return context.emit({ type: 'run-restarted', job, run: reading.run, nextAt }, mayRestart)
  }
  // Other pushes for a settled job change nothing.
  if (requestedAt === null) return
  if (reading.kind === 'run') return context.emit({ type: 'run-observed', job, run: reading.run, nextAt }, isSettled)
  if (reading.kind === 'absent') return context.emit({ type: 'run-absent', job, nextAt }, isSettled)
  return context.emit({ type: 'observation-failed', job, failure: reading.failure, nextAt }, isSettled)
}

/** Whether a job is still unsettled. */
function isBuilding(context: ActionContext): boolean {
  return [...context.state().jobs.values()].some(({ phase }) => phase !== 'settled')
}

/** Whether a rerun of the settled job would be observed. After the last build and one more reading, the outcome is posted and no job restarts. */
function isWatched(context: ActionContext, job: string): boolean {
  return context.pending(actionKey({ type: 'observe', at: 0, job })) !== undefined
}

import { assertNever } from '../../../lib/assert-never.js'
import type { Job } from '../../../model/graph.js'
import type { RunningJob, SettledJob } from '../../../model/build/orchestration.js'
import type { WorkflowRun } from '../../../model/workflow-run.js'
import type { RunReading } from '../../../ports/host/builds.js'
import { attemptDeadline } from '../state/attempt-deadline.js'
import type { EventTiming } from '../../kernel/event-log.js'
import { isNews } from './news.js'
import { nextLookAt, settledWatchDelay, unclearLookDelay, waitForOthers } from '../state/poll-schedule.js'
import { findJob, findPlanned, isStillDue } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'

export async function observe(stage: ActionContext, { job }: ActionOf<'observe'>): Promise<void> {
  const { repo } = findJob(stage, job)
  const before = stage.state().jobs.get(job)
  if (before?.phase === 'settled') return observeSettled(stage, job, repo, before)
  if (before?.phase !== 'running') return
  const reading = await readRunning(stage, job, repo, before)
  const now = stage.state().jobs.get(job)
  if (now?.phase !== 'running') return
  // The job may be settled while the reading waits for its turn in the journal.
  const isRunning = (): boolean => stage.state().jobs.get(job)?.phase === 'running'
  const nextAt = nextLook(stage, job, now)
  const later = Math.max(nextAt, stage.clock.now() + unclearLookDelay)
  switch (reading.kind) {
    case 'run':
      return stage.emit({ type: 'run-observed', job, run: reading.run, nextAt }, isRunning, (moment) =>
        isNewsOf(stage, job, reading.run, moment),
      )
    case 'absent':
      return stage.emit({ type: 'run-absent', job, nextAt: later }, isRunning)
    case 'unreadable':
      return stage.emit({ type: 'observation-failed', job, failure: reading.failure, nextAt: later }, isRunning)
    default:
      return assertNever(reading)
  }
}

function isNewsOf(stage: ActionContext, id: string, run: WorkflowRun, moment: EventTiming): boolean {
  const orchestration = stage.state()
  const state = orchestration.jobs.get(id)
  return state?.phase !== 'running' || isNews({ orchestration, job: findJob(stage, id), state }, run, moment)
}

/** A look together with others, where it need not tell the attempt. */
async function readRunning(stage: ActionContext, id: string, repo: string, before: RunningJob): Promise<RunReading> {
  const { clock, github } = stage
  const job = findJob(stage, id)
  if (needsAttempt(job, before, clock.now())) return github.readRun(repo, before.runId)
  const wait = waitForOthers(clock.now(), github.watchedRuns())
  if (wait > 0) await clock.sleep(wait)
  const reading = await github.readRun(repo, before.runId, { headSha: findPlanned(stage, id).headSha })
  // What is asked for afterwards may need it: a re-run, or a deadline that passed meanwhile.
  const now = stage.state().jobs.get(id)
  const isUntold = reading.kind === 'run' && reading.run.runAttempt === null
  if (!isUntold || now?.phase !== 'running' || !needsAttempt(job, now, clock.now())) return reading
  return github.readRun(repo, before.runId)
}

/** Whether it matters in which attempt the run is: another one that somebody asked for has a deadline of its own, and ends otherwise. */
function needsAttempt(job: Job, state: RunningJob, now: number): boolean {
  const { run } = state.observation
  return state.rerun !== null || run?.status === 'completed' || now >= attemptDeadline(job, state).at
}

function nextLook(stage: ActionContext, id: string, { attemptSince, observation }: RunningJob): number {
  const now = stage.clock.now()
  return nextLookAt({
    now,
    elapsedMs: now - attemptSince,
    usualMs: findPlanned(stage, id).usualMs,
    watch: stage.github.watchedRuns(),
    count: observation.count + 1,
    seed: `${stage.state().id}:${id}`,
  })
}

/** A failed run that somebody runs again by hand is waited for again. */
async function observeSettled(stage: ActionContext, job: string, repo: string, settled: SettledJob): Promise<void> {
  if (settled.runId === null) return
  const reading = await stage.github.readRun(repo, settled.runId)
  const nextAt = stage.clock.now() + settledWatchDelay
  const isSettled = (): boolean => stage.state().jobs.get(job)?.phase === 'settled'
  if (reading.kind === 'run' && (reading.run.runAttempt ?? 1) > (settled.runAttempt ?? 1)) {
    return stage.emit({ type: 'run-restarted', job, run: reading.run, nextAt }, () => isSettled() && mayRestart(stage))
  }
  if (reading.kind === 'run') return stage.emit({ type: 'run-observed', job, run: reading.run, nextAt }, isSettled)
  if (reading.kind === 'absent') return stage.emit({ type: 'run-absent', job, nextAt }, isSettled)
  return stage.emit({ type: 'observation-failed', job, failure: reading.failure, nextAt }, isSettled)
}

/** Once the last build has ended, the outcome is being told. */
function mayRestart(stage: ActionContext): boolean {
  return [...stage.state().jobs.values()].some(({ phase }) => phase !== 'settled')
}

export async function cancel(
  stage: ActionContext,
  { job, runId, reason, force, urgent }: ActionOf<'cancel'>,
): Promise<void> {
  const { repo } = findJob(stage, job)
  await stage.emit({ type: 'cancel-requested', job, runId, reason, force })
  const result = await stage.github.cancelRun(repo, runId, { force, urgent })
  switch (result.kind) {
    case 'requested':
    case 'finished':
      return stage.emit({ type: 'cancel-answered', job, runId, result: result.kind })
    case 'failed':
      return stage.emit({ type: 'cancel-failed', job, runId, failure: result.failure })
    default:
      return assertNever(result)
  }
}

export async function rerun(stage: ActionContext, action: ActionOf<'rerun'>): Promise<void> {
  const { job, runId, fromAttempt } = action
  const { repo } = findJob(stage, job)
  let isRequested = false
  const isWanted = (): boolean => {
    const { jobs, interrupted } = stage.state()
    const state = jobs.get(job)
    return interrupted === null && state?.phase === 'running' && state.rerun?.fromAttempt === fromAttempt
  }
  const result = await stage.github.rerunFailedJobs(repo, runId, async () => {
    if (isRequested) return isWanted()
    isRequested = await stage.emitIf(() => isStillDue(stage, action), {
      type: 'rerun-requested',
      job,
      runId,
      fromAttempt,
    })
    return isRequested
  })
  if (result.kind === 'withheld') return
  const failure = result.kind === 'accepted' ? null : result.failure
  const isRunning = (): boolean => stage.state().jobs.get(job)?.phase === 'running'
  await stage.emit({ type: 'rerun-answered', job, runId, result: result.kind, failure }, isRunning)
}

export async function explain(stage: ActionContext, { job }: ActionOf<'explain'>): Promise<void> {
  const { repo } = findJob(stage, job)
  const settled = stage.state().jobs.get(job)
  if (settled?.phase !== 'settled' || settled.runId === null) throw new Error(`${job} has no run to explain`)
  const { runId, runAttempt, url } = settled
  const read = await stage.github.explainFailure(repo, { runId, runAttempt: runAttempt ?? 1, url: url ?? '' })
  const isSettled = (): boolean => stage.state().jobs.get(job)?.phase === 'settled'
  if (read.ok) return stage.emit({ type: 'failure-explained', job, explanation: read.value, failure: null }, isSettled)
  return stage.emit({ type: 'failure-explained', job, explanation: null, failure: read.failure }, isSettled)
}

import { assertNever } from '../../../lib/assert-never.js'
import type { EventBody } from '../../../model/build/events.js'
import type { Job } from '../../../model/graph.js'
import type { RunningJob, SettledJob } from '../../../model/build/orchestration.js'
import type { WorkflowRun } from '../../../model/workflow-run.js'
import type { RunReading } from '../../../ports/host/builds.js'
import { attemptDeadline } from '../state/attempt-deadline.js'
import type { EventTiming } from '../../kernel/event-log.js'
import type { Intent } from '../../kernel/intent.js'
import { withIntent } from '../../kernel/intent.js'
import { actionKey } from '../decide/actions.js'
import { isNews } from './news.js'
import { nextLookAt, settledWatchDelay, unclearLookDelay, waitForOthers } from '../state/poll-schedule.js'
import { findJob, findPlanned } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'

export async function observe(context: ActionContext, { job }: ActionOf<'observe'>): Promise<void> {
  const { repo } = findJob(context, job)
  const before = context.state().jobs.get(job)
  if (before?.phase === 'settled') return observeSettled(context, job, repo, before)
  if (before?.phase !== 'running') return
  const reading = await readRunning(context, job, repo, before)
  const now = context.state().jobs.get(job)
  if (now?.phase !== 'running') return
  // The job may be settled while the reading waits for its turn in the journal.
  const isRunning = (): boolean => context.state().jobs.get(job)?.phase === 'running'
  const nextAt = nextLook(context, job, now)
  const later = Math.max(nextAt, context.clock.now() + unclearLookDelay)
  switch (reading.kind) {
    case 'run':
      return context.emit({ type: 'run-observed', job, run: reading.run, nextAt }, isRunning, (moment) =>
        isNewsOf(context, job, reading.run, moment),
      )
    case 'absent':
      return context.emit({ type: 'run-absent', job, nextAt: later }, isRunning)
    case 'unreadable':
      return context.emit({ type: 'observation-failed', job, failure: reading.failure, nextAt: later }, isRunning)
    default:
      return assertNever(reading)
  }
}

function isNewsOf(context: ActionContext, id: string, run: WorkflowRun, moment: EventTiming): boolean {
  const orchestration = context.state()
  const state = orchestration.jobs.get(id)
  return state?.phase !== 'running' || isNews({ orchestration, job: findJob(context, id), state }, run, moment)
}

/** A look together with others, where it need not tell the attempt. */
async function readRunning(context: ActionContext, id: string, repo: string, before: RunningJob): Promise<RunReading> {
  const { clock, github } = context
  const job = findJob(context, id)
  if (needsAttempt(job, before, clock.now())) return github.readRun(repo, before.runId)
  const wait = waitForOthers(clock.now(), github.watchedRuns())
  if (wait > 0) await clock.sleep(wait)
  const reading = await github.readRun(repo, before.runId, { headSha: findPlanned(context, id).headSha })
  // What is asked for afterwards may need it: a re-run, or a deadline that passed meanwhile.
  const now = context.state().jobs.get(id)
  const isUntold = reading.kind === 'run' && reading.run.runAttempt === null
  if (!isUntold || now?.phase !== 'running' || !needsAttempt(job, now, clock.now())) return reading
  return github.readRun(repo, before.runId)
}

/** Whether it matters in which attempt the run is: another one that somebody asked for has a deadline of its own, and ends otherwise. */
function needsAttempt(job: Job, state: RunningJob, now: number): boolean {
  const { run } = state.observation
  return state.rerun !== null || run?.status === 'completed' || now >= attemptDeadline(job, state).at
}

function nextLook(context: ActionContext, id: string, { attemptSince, observation }: RunningJob): number {
  const now = context.clock.now()
  return nextLookAt({
    now,
    elapsedMs: now - attemptSince,
    usualMs: findPlanned(context, id).usualMs,
    watch: context.github.watchedRuns(),
    count: observation.count + 1,
    seed: `${context.state().id}:${id}`,
  })
}

/** A failed run that somebody runs again by hand is waited for again. */
async function observeSettled(context: ActionContext, job: string, repo: string, settled: SettledJob): Promise<void> {
  if (settled.runId === null) return
  const reading = await context.github.readRun(repo, settled.runId)
  const nextAt = context.clock.now() + settledWatchDelay
  const isSettled = (): boolean => context.state().jobs.get(job)?.phase === 'settled'
  if (reading.kind === 'run' && (reading.run.runAttempt ?? 1) > (settled.runAttempt ?? 1)) {
    return context.emit(
      { type: 'run-restarted', job, run: reading.run, nextAt },
      () => isSettled() && mayRestart(context),
    )
  }
  if (reading.kind === 'run') return context.emit({ type: 'run-observed', job, run: reading.run, nextAt }, isSettled)
  if (reading.kind === 'absent') return context.emit({ type: 'run-absent', job, nextAt }, isSettled)
  return context.emit({ type: 'observation-failed', job, failure: reading.failure, nextAt }, isSettled)
}

/** Once the last build has ended, the outcome is being told. */
function mayRestart(context: ActionContext): boolean {
  return [...context.state().jobs.values()].some(({ phase }) => phase !== 'settled')
}

export async function cancel(
  context: ActionContext,
  { job, runId, reason, force, urgent }: ActionOf<'cancel'>,
): Promise<void> {
  const { repo } = findJob(context, job)
  // A fact, not an intent: cancelling twice does no harm, and the cancel must be sent even when the journal is lost.
  await context.emit({ type: 'cancel-requested', job, runId, reason, force })
  const result = await context.github.cancelRun(repo, runId, { force, urgent })
  switch (result.kind) {
    case 'requested':
    case 'finished':
      return context.emit({ type: 'cancel-answered', job, runId, result: result.kind })
    case 'failed':
      return context.emit({ type: 'cancel-failed', job, runId, failure: result.failure })
    default:
      return assertNever(result)
  }
}

export async function rerun(context: ActionContext, action: ActionOf<'rerun'>): Promise<void> {
  const { job, runId, fromAttempt } = action
  const { repo } = findJob(context, job)
  const isWanted = (): boolean => {
    const { jobs, interrupted } = context.state()
    const state = jobs.get(job)
    return interrupted === null && state?.phase === 'running' && state.rerun?.fromAttempt === fromAttempt
  }
  const intent: Intent<EventBody> = {
    key: actionKey(action),
    event: () => ({ type: 'rerun-requested', job, runId, fromAttempt }),
    // Each journaled intent counts as one of the retries that the graph file allows.
    again: { isWanted, isJournaled: false },
  }
  const result = await withIntent(context, intent, (beforeSend) =>
    context.github.rerunFailedJobs(repo, runId, beforeSend),
  )
  if (result.kind === 'withheld') return
  const failure = result.kind === 'accepted' ? null : result.failure
  const isRunning = (): boolean => context.state().jobs.get(job)?.phase === 'running'
  await context.emit({ type: 'rerun-answered', job, runId, result: result.kind, failure }, isRunning)
}

export async function explain(context: ActionContext, { job }: ActionOf<'explain'>): Promise<void> {
  const { repo } = findJob(context, job)
  const settled = context.state().jobs.get(job)
  if (settled?.phase !== 'settled' || settled.runId === null) throw new Error(`${job} has no run to explain`)
  const { runId, runAttempt, url } = settled
  const read = await context.github.explainFailure(repo, { runId, runAttempt: runAttempt ?? 1, url: url ?? '' })
  const isSettled = (): boolean => context.state().jobs.get(job)?.phase === 'settled'
  if (read.ok)
    return context.emit({ type: 'failure-explained', job, explanation: read.value, failure: null }, isSettled)
  return context.emit({ type: 'failure-explained', job, explanation: null, failure: read.failure }, isSettled)
}

import type { Job } from '../../../../model/graph.js'
import type { Orchestration } from '../../../../model/build/orchestration.js'
import type { CancelReason, CancelState, Observation, RunningJob } from '../../../../model/build/state/job-state.js'
import { deadlineOf } from '../../../../model/build/orchestration.js'
import type { PlannedJob } from '../../../../model/build/plan.js'
import { isCompleted } from '../../../../model/workflow-run.js'
import type { WorkflowRun } from '../../../../model/workflow-run.js'
import type { Action } from '../actions.js'
import { attemptDeadline } from '../../state/attempt-deadline.js'
import type { Deadline } from '../../state/attempt-deadline.js'
import { unreadableTimeoutMs, listingLagMs } from './find-reusable-run.js'
import { isRetriable, judgeCancelled, judgeConclusion } from './judge.js'
import type { PlanNode } from '../../state/plan-index.js'
import type { Stop } from '../rules.js'

/** The time for which a run may return 404 before it counts as lost (law 5), ms. */
const lostAfterMs = 5 * 60_000
/** The time after which an ineffective cancel is escalated, ms. GitHub itself ends a cancelled run after 5 minutes. */
const cancelTimeoutMs = 60_000
/** The delay after a failed cancel request, ms. */
const cancelRetryDelayMs = 5_000

/** Decides the actions of a job whose run is known. */
export function decideRunning(
  { job, planned: plan }: PlanNode,
  state: RunningJob,
  orchestration: Orchestration,
  stop: Stop,
  now: number,
): Action[] {
  const { observation } = state
  const retry = stop ? null : decideRetry(job, plan, state, now)
  if (retry) return [retry]
  const end = endOf(plan, state, orchestration)
  if (end) return [{ type: 'settle', at: now, job: job.id, ...end }]
  if (stop?.obsolete && !state.cancel && !(stop.obsolete.has(job.id) && orchestration.options.failFast)) {
    const reason = 'its run was left running so that the next orchestration can reuse it'
    return [{ type: 'settle', at: now, job: job.id, outcome: 'left-running', reason }]
  }
  const deadlines = deadlinesOf(job, state, orchestration)
  const cancel = decideCancel(state, { movedBy: movedRun(plan, observation.run) }, deadlines, stop, orchestration, now)
  const lastTry = observation.triedAt ?? state.dispatchedAt
  // A deadline fires only after an observation later than it: the run is read right at the deadline, and only once for each deadline.
  let next = observation.nextAt
  for (const { at } of deadlines) if (at > lastTry && at < next) next = at
  const observe: Action = { type: 'observe', at: Math.max(now, next), job: job.id }
  if (cancel) {
    const { reason, force, at } = cancel
    return [{ type: 'cancel', at, job: job.id, runId: state.runId, reason, force, urgent: false }, observe]
  }
  return mustReadApproval(state) ? [observe, { type: 'read-pending-deployments', at: now, job: job.id }] : [observe]
}

/** Whether the run began to wait and what it waits for was not read yet. It is read once, even if the reading fails. */
function mustReadApproval({ observation: { waitingSince }, awaited, cancel }: RunningJob): boolean {
  return waitingSince !== null && !awaited && !cancel
}

/** Reruns the failed jobs of a run while the `retries` of the graph file allow it. */
function decideRetry(job: Job, plan: PlannedJob, state: RunningJob, now: number): Action | null {
  const { run, absentSince } = state.observation
  if (!run || !isCompleted(run) || absentSince !== null || state.cancel || state.rerun || movedRun(plan, run))
    return null
  if (state.reruns >= job.retries || !isRetriable(run.conclusion, job.retryOn)) return null
  return { type: 'rerun', at: now, job: job.id, runId: state.runId, fromAttempt: run.runAttempt }
}

function movedRun(plan: PlannedJob, run: WorkflowRun | null): WorkflowRun | null {
  return run && run.headSha !== plan.headSha ? run : null
}

type End = { outcome: Extract<Action, { type: 'settle' }>['outcome']; reason: string }

function endOf(plan: PlannedJob, state: RunningJob, orchestration: Orchestration): End | null {
  const { observation, cancel } = state
  const { lastAt } = observation
  const concluded = concludedEnd(plan, state)
  if (concluded) return concluded
  if (lastAt !== null && observation.absentSince !== null && lastAt - observation.absentSince >= lostAfterMs) {
    return { outcome: 'lost', reason: `GitHub has not known its run for ${lostAfterMs / 60_000} minutes` }
  }
  if (cancel && isGivenUp(cancel, lastAt)) {
    const judgement = judgeCancelled(cancel.reason, state.awaited)
    // A user who requested the cancel must learn that the run may still be active.
    const outcome = cancel.reason === 'interrupted' ? 'unknown' : judgement.outcome
    return { outcome, reason: `${judgement.reason}; GitHub did not end its run, which may still be running` }
  }
  return isUnreadable(observation, deadlineOf(orchestration))
    ? { outcome: 'unknown', reason: 'its run could not be read when the orchestration timed out' }
    : null
}

/** The end of a run that GitHub has concluded; null if it has not, or if a requested rerun may still appear. */
function concludedEnd(plan: PlannedJob, { observation, cancel, rerun, awaited }: RunningJob): End | null {
  const { run, lastAt, absentSince } = observation
  if (!run || !isCompleted(run) || absentSince !== null) return null
  if (movedRun(plan, run)) return movedEnd(plan, run)
  const judgement = judgeConclusion(run.conclusion, cancel?.reason ?? null, awaited)
  if (!rerun) return judgement
  if (rerun.refusal) {
    return { ...judgement, reason: `${judgement.reason}; it was not rerun: ${rerun.refusal.message}` }
  }
  if (lastAt === null || lastAt < rerun.requestedAt + listingLagMs) return null
  return { ...judgement, reason: `${judgement.reason}; the requested rerun did not begin` }
}

/** Whether the forced cancel did not end the run in time. If it failed, the time counts from the first forced request. */
function isGivenUp({ forcedAt, answeredAt, failedAt }: CancelState, lastAt: number | null): boolean {
  if (forcedAt === null || lastAt === null || (answeredAt === null && failedAt === null)) return false
  return lastAt >= (answeredAt ?? forcedAt) + cancelTimeoutMs
}

/** Whether readings still fail long after the last deadline. It compares readings, not the clock, because the process may have been asleep. */
function isUnreadable({ failure, triedAt, lastAt }: Observation, lastDeadline: number): boolean {
  if (failure === null || triedAt === null) return false
  return triedAt >= Math.max(lastDeadline, lastAt ?? 0) + unreadableTimeoutMs
}

function movedEnd(plan: PlannedJob, run: WorkflowRun): End {
  return {
    outcome: 'moved',
    reason: `its run built ${run.headSha.slice(0, 7)} instead of the planned ${(plan.headSha ?? '').slice(0, 7)}`,
  }
}

function deadlinesOf(job: Job, state: RunningJob, orchestration: Orchestration): Deadline[] {
  return [attemptDeadline(job, state), { at: deadlineOf(orchestration), reason: 'timeout' }]
}

type Cancel = { type: 'cancel'; at: number; reason: CancelReason; force: boolean }

/** The next step of a cancel: it is repeated after a failure and forced when the run does not end; null: wait. */
function decideNextCancel(cancel: CancelState, lastAt: number | null, now: number): Cancel | null {
  const { reason, requestedAt, forcedAt, answeredAt, failedAt } = cancel
  if (answeredAt === null && failedAt === null) {
    return { type: 'cancel', at: now, reason, force: forcedAt !== null }
  }
  // A request may wait long in the queue, so the timeout starts with GitHub's answer if there is one.
  const isSlow = lastAt !== null && lastAt >= (answeredAt ?? requestedAt) + cancelTimeoutMs
  const force = forcedAt !== null || isSlow
  if (failedAt !== null) return { type: 'cancel', at: failedAt + cancelRetryDelayMs, reason, force }
  return forcedAt === null && isSlow ? { type: 'cancel', at: now, reason, force } : null
}

function decideCancel(
  state: RunningJob,
  seen: { movedBy: WorkflowRun | null },
  deadlines: readonly Deadline[],
  stop: Stop,
  orchestration: Orchestration,
  now: number,
): Cancel | null {
  const { cancel, observation } = state
  const lastAt = observation.lastAt
  if (cancel) return decideNextCancel(cancel, lastAt, now)
  if (seen.movedBy) return { type: 'cancel', at: now, reason: 'moved', force: false }
  const passed = deadlines.find((deadline) => lastAt !== null && lastAt >= deadline.at)
  if (passed) return { type: 'cancel', at: now, reason: passed.reason, force: false }
  if (stop?.cancel === 'fail-fast' && state.isRestarted) return null
  if (stop?.cancel && (orchestration.options.failFast || stop.cancel === 'interrupted'))
    return { type: 'cancel', at: now, reason: stop.cancel, force: false }
  return null
}

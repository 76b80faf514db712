import type { Graph, Job } from '../model/graph.js'
import type {
  CancelReason,
  CancelState,
  JobState,
  Observation,
  Orchestration,
  RunningJob,
  SearchingJob,
  SettledJob,
  WaitingJob,
} from '../model/orchestration.js'
import { deadlineOf } from '../model/orchestration.js'
import type { Plan, PlannedJob } from '../model/plan.js'
import { isCompleted } from '../model/workflow-run.js'
import type { WorkflowRun } from '../model/workflow-run.js'
import type { Action } from './actions.js'
import { decideLook, listingLag } from './decide-look.js'
import { isRetriable, judgeCancelled, judgeConclusion } from './judge.js'

/** How long a run may answer 404 before it counts as lost (law 5), ms. */
const lostAfter = 5 * 60_000
/** How long a cancel may take before the next, stronger step, ms. GitHub itself ends a cancelled run after 5 minutes. */
const cancelPatience = 60_000
/** After a cancel request that failed, ms. */
const cancelAgainAfter = 5_000
/** How long a run that cannot be read is waited for once the last deadline has passed, ms. */
const blindPatience = 5 * 60_000

/**
 * Why nothing new is dispatched, and why what runs is cancelled with `failFast` (null: it is not); null: go on.
 * `useless`: the jobs whose runs are cancelled, because nobody can use them; the others are left running. null: all are cancelled.
 */
export type Stop = { reason: string; cancel: CancelReason | null; useless: ReadonlySet<string> | null } | null

/** What should happen next for the jobs, in the order of the graph. */
export function decideJobs(graph: Graph, orchestration: Orchestration, stop: Stop, now: number): Action[] {
  const planned = plannedJobs(orchestration.plan)
  const limit = orchestration.options.maxParallel ?? Infinity
  let active = 0
  for (const job of orchestration.jobs.values()) if (isActive(job)) active += 1
  const isWatched = mayRunAgain(orchestration)
  const actions: Action[] = []
  for (const job of graph.jobs) {
    const state = orchestration.jobs.get(job.id)
    const plan = planned.get(job.id)
    if (!state || !plan) throw new Error(`the plan does not hold ${job.id}`)
    if (state.phase === 'searching') actions.push(decideSearching(job.id, state, now))
    if (state.phase === 'running') actions.push(...decideRunning(job, plan, state, orchestration, stop, now))
    if (state.phase === 'settled' && isWatched) actions.push(...decideSettled(job.id, state, now))
    if (state.phase !== 'waiting') continue
    const action = decideWaiting(job, plan, state, orchestration, stop, now)
    const starts = action !== null && ['dispatch', 'look', 'adopt'].includes(action.type)
    if (starts && active >= limit) continue
    if (starts) active += 1
    if (action) actions.push(action)
  }
  return actions
}

const plannedJobsOf = new WeakMap<Plan, ReadonlyMap<string, PlannedJob>>()

/** By job. Asked for at every decision, and a plan never changes: so it is indexed once. */
function plannedJobs(plan: Plan): ReadonlyMap<string, PlannedJob> {
  const known = plannedJobsOf.get(plan)
  if (known) return known
  const indexed = new Map(plan.jobs.map((entry) => [entry.job, entry]))
  plannedJobsOf.set(plan, indexed)
  return indexed
}

/** Whether a run of it is, or may be, under way. */
function isActive({ phase }: JobState): boolean {
  return phase === 'dispatching' || phase === 'searching' || phase === 'running'
}

/** Exactly one run: it is ours. None for two minutes, or several: it cannot be told, and nothing is dispatched again (law 2). */
function decideSearching(job: string, search: SearchingJob, now: number): Action {
  const { found, attempt, listedAt, since, failure } = search
  const [first, second] = found
  const why = `whether a run started cannot be told: ${failure.message}`
  const unknown = (reason: string): Action => ({ type: 'settle', at: now, job, outcome: 'unknown', reason })
  if (search.serverTime === null) return unknown(`${why}; GitHub's time of the dispatch is not known`)
  if (first && !second) return { type: 'adopt', at: now, job, attempt, ...first }
  if (second) return unknown(`${why}; ${found.length} runs could be it`)
  if (listedAt !== null && listedAt >= since + listingLag) return unknown(`${why}; no run appeared`)
  if (now >= since + listingLag + blindPatience) return unknown(`${why}, nor could the runs be listed`)
  return { type: 'search', at: Math.max(now, search.nextAt), job }
}

function decideWaiting(
  job: Job,
  plan: PlannedJob,
  state: WaitingJob,
  orchestration: Orchestration,
  stop: Stop,
  now: number,
): Action | null {
  if (plan.action === 'fresh' && plan.built) {
    return { type: 'settle', at: now, job: job.id, outcome: 'fresh', reason: plan.reason, built: plan.built }
  }
  if (plan.action === 'leave') {
    return { type: 'settle', at: now, job: job.id, outcome: 'not-run', reason: plan.reason }
  }
  const needs = job.needs.map((need) => orchestration.jobs.get(need))
  const needsSettled = needs.every((need) => need?.phase === 'settled')
  if (plan.action === 'skip') {
    return needsSettled || stop ? { type: 'skip', at: now, job: job.id, reason: plan.reason } : null
  }
  if (stop) return { type: 'settle', at: now, job: job.id, outcome: 'not-run', reason: stop.reason }
  if (!needsSettled) return null
  const decision = decideLook(plan, state.look, orchestration, now)
  return decision.kind === 'do'
    ? decision.action
    : { type: 'dispatch', at: now, job: job.id, attempt: decision.attempt }
}

function decideRunning(
  job: Job,
  plan: PlannedJob,
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
  if (stop?.useless && !state.cancel && !(stop.useless.has(job.id) && orchestration.options.failFast)) {
    const reason = 'its run goes on, for whoever builds the change next'
    return [{ type: 'settle', at: now, job: job.id, outcome: 'left', reason }]
  }
  const deadlines = deadlinesOf(job, state, orchestration)
  const cancel = decideCancel(state, { movedBy: movedRun(plan, observation.run) }, deadlines, stop, orchestration, now)
  const lastTry = observation.triedAt ?? state.dispatchedAt
  // A deadline needs an observation later than it: look right then, but never twice for the same one.
  let next = observation.nextAt
  for (const { at } of deadlines) if (at > lastTry && at < next) next = at
  const observe: Action = { type: 'observe', at: Math.max(now, next), job: job.id }
  return cancel ? [{ ...cancel, job: job.id, runId: state.runId, urgent: false }, observe] : [observe]
}

/** The failed jobs of a run are run again, if the graph file says so and this has not been asked for as often as it may. */
function decideRetry(job: Job, plan: PlannedJob, state: RunningJob, now: number): Action | null {
  const { run, absentSince } = state.observation
  if (!run || !isCompleted(run) || absentSince !== null || state.cancel || state.rerun || movedRun(plan, run))
    return null
  if (state.reruns >= job.retries || !isRetriable(run.conclusion, job.retryOn)) return null
  return { type: 'rerun', at: now, job: job.id, runId: state.runId, fromAttempt: run.runAttempt }
}

/** Whether a re-run by hand could still turn it: somebody else's builds go on, and only failed ones stand in the way. */
function mayRunAgain({ jobs }: Orchestration): boolean {
  return [...jobs.values()].every(
    (job) =>
      job.phase !== 'settled' || ['succeeded', 'fresh', 'skipped', 'not-run'].includes(job.outcome) || isFailedRun(job),
  )
}

function isFailedRun(job: SettledJob): boolean {
  return job.outcome === 'failed' && job.runId !== null
}

function decideSettled(job: string, state: SettledJob, now: number): Action[] {
  if (!isFailedRun(state) || state.nextAt === undefined) return []
  return [{ type: 'observe', at: Math.max(now, state.nextAt), job }]
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
  if (lastAt !== null && observation.absentSince !== null && lastAt - observation.absentSince >= lostAfter) {
    return { outcome: 'lost', reason: `GitHub has not known its run for ${lostAfter / 60_000} minutes` }
  }
  if (cancel && isGivenUp(cancel, lastAt)) {
    const judgement = judgeCancelled(cancel.reason)
    // Whoever asked for the cancel must know that it was not done.
    const outcome = cancel.reason === 'interrupted' ? 'unknown' : judgement.outcome
    return { outcome, reason: `${judgement.reason}; GitHub did not end its run, which may still be going` }
  }
  return isBlind(observation, deadlineOf(orchestration))
    ? { outcome: 'unknown', reason: 'its run could not be read when the time for the whole orchestration was up' }
    : null
}

/** The end of a run that GitHub has concluded; null: it has not, or a re-run that was asked for may still show. */
function concludedEnd(plan: PlannedJob, { observation, cancel, rerun }: RunningJob): End | null {
  const { run, lastAt, absentSince } = observation
  if (!run || !isCompleted(run) || absentSince !== null) return null
  if (movedRun(plan, run)) return movedEnd(plan, run)
  const judgement = judgeConclusion(run.conclusion, cancel?.reason ?? null)
  if (!rerun) return judgement
  if (rerun.refusal) {
    return { ...judgement, reason: `${judgement.reason}; it was not run again: ${rerun.refusal.message}` }
  }
  if (lastAt === null || lastAt < rerun.requestedAt + listingLag) return null
  return { ...judgement, reason: `${judgement.reason}; the re-run that was asked for did not begin` }
}

/** Whether even the forced cancel did not end the run in time; a forced cancel that fails counts from the first one. */
function isGivenUp({ forcedAt, answeredAt, failedAt }: CancelState, lastAt: number | null): boolean {
  if (forcedAt === null || lastAt === null || (answeredAt === null && failedAt === null)) return false
  return lastAt >= (answeredAt ?? forcedAt) + cancelPatience
}

/** Whether readings go on failing after the last deadline: time alone does not tell, for the process may have been asleep. */
function isBlind({ failure, triedAt, lastAt }: Observation, lastDeadline: number): boolean {
  if (failure === null || triedAt === null) return false
  return triedAt >= Math.max(lastDeadline, lastAt ?? 0) + blindPatience
}

function movedEnd(plan: PlannedJob, run: WorkflowRun): End {
  return {
    outcome: 'moved',
    reason: `its run built ${run.headSha.slice(0, 7)} instead of the planned ${(plan.headSha ?? '').slice(0, 7)}`,
  }
}

interface Deadline {
  at: number
  reason: CancelReason
}

function deadlinesOf(job: Job, state: RunningJob, orchestration: Orchestration): Deadline[] {
  const { inProgressSince } = state.observation
  const own: Deadline =
    inProgressSince === null
      ? { at: state.attemptSince + job.queueTimeoutMs, reason: 'queue-timeout' }
      : { at: inProgressSince + job.timeoutMs, reason: 'job-timeout' }
  return [own, { at: deadlineOf(orchestration), reason: 'timeout' }]
}

type Cancel = { type: 'cancel'; at: number; reason: CancelReason; force: boolean }

/** The next step of a cancel that is under way: again after a failure, by force when the run does not end; null: wait. */
function decideNextCancel(cancel: CancelState, lastAt: number | null, now: number): Cancel | null {
  const { reason, requestedAt, forcedAt, answeredAt, failedAt } = cancel
  if (answeredAt === null && failedAt === null) {
    return { type: 'cancel', at: now, reason, force: forcedAt !== null }
  }
  // A request may wait long for its turn: patience begins with GitHub's answer, if there is one.
  const isSlow = lastAt !== null && lastAt >= (answeredAt ?? requestedAt) + cancelPatience
  const force = forcedAt !== null || isSlow
  if (failedAt !== null) return { type: 'cancel', at: failedAt + cancelAgainAfter, reason, force }
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
  if (stop?.cancel && (orchestration.options.failFast || stop.cancel === 'interrupted'))
    return { type: 'cancel', at: now, reason: stop.cancel, force: false }
  return null
}

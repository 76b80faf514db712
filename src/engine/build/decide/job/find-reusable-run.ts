import type { Orchestration } from '../../../../model/build/orchestration.js'
import type { EarlierRun, RunReuse } from '../../../../model/build/state/job-state.js'
import { originOf } from '../../../../model/build/orchestration.js'
import type { KnownRun, PlannedJob } from '../../../../model/build/plan.js'
import type { Action } from '../actions.js'
import { indexPlan } from '../../state/plan-index.js'
import type { DecisionClock } from '../decision-clock.js'

/** The longest time that GitHub's listing of runs lags behind a dispatch, ms. */
export const listingLagMs = 120_000
/**
 * Two orchestrations that claim a change within this time start at the same time: the newer one awaits the runs of the older one for as long
 * after its start, ms. The older one learns of the newer claim within 30 s and dispatches nothing more, and a listing usually lags by a few
 * seconds.
 */
export const concurrentStartMs = 30_000
/** The time for which an overdue, unreadable answer is awaited, ms. */
export const unreadableTimeoutMs = 5 * 60_000

/** `do`: the action that replaces or precedes the dispatch of a job whose needs are settled. `dispatch`: no run is reused. */
export type ReuseDecision = { kind: 'do'; action: Action } | { kind: 'dispatch'; attempt: number }

/**
 * Reuses a run of an earlier orchestration with the same build instead of dispatching. An earlier start for the same event counts as
 * this orchestration: a dispatch attempt that it may have made is never repeated.
 */
export function decideReuse(
  planned: PlannedJob,
  reuse: RunReuse | undefined,
  orchestration: Orchestration,
  clock: DecisionClock,
): ReuseDecision {
  const { now } = clock
  const { job } = planned
  if (!mayHaveReusableRun(planned, orchestration)) return { kind: 'dispatch', attempt: 1 }
  if (!reuse) return { kind: 'do', action: { type: 'find-reusable-run', at: now, job } }
  const again: ReuseDecision = {
    kind: 'do',
    action: { type: 'find-reusable-run', at: Math.max(now, reuse.nextAt), job },
  }
  const { found } = reuse
  const isRestart = orchestration.options.isRestart && planned.carriesMarker
  // Without an earlier start of this event, a dispatch now repeats nothing: the only loss is a run that could have been reused.
  if (found === null)
    return isRestart || !clock.isDue(reuse.since + listingLagMs) ? again : { kind: 'dispatch', attempt: 1 }
  const run = bestOf(found, orchestration)
  if (run)
    return { kind: 'do', action: { type: 'adopt', at: now, job, attempt: Math.max(1, run.attempt), ...linkOf(run) } }
  const own = found.filter(({ origin }) => origin === originOf(orchestration))
  const until = awaitedUntil(planned, orchestration, own)
  // Only a listing that is read after the wait shows what may have been dispatched during it.
  if (!clock.isDue(until) || reuse.triedAt < until)
    return { kind: 'do', action: { type: 'find-reusable-run', at: Math.max(now, Math.min(reuse.nextAt, until)), job } }
  if (isRestart && own.length === 0 && (reuse.listedAt ?? -Infinity) < until) return again
  return { kind: 'dispatch', attempt: 1 + Math.max(0, ...own.map(({ attempt }) => attempt)) }
}

/** Until when a run that no listing shows yet is awaited, ms, UTC; -Infinity: none is. */
function awaitedUntil(
  { carriesMarker }: PlannedJob,
  { options, startedAt, olderClaims }: Orchestration,
  own: readonly EarlierRun[],
): number {
  if (!carriesMarker) return -Infinity
  if (options.isRestart && own.length === 0) return startedAt + listingLagMs
  return olderClaims.length > 0 ? startedAt + concurrentStartMs : -Infinity
}

/** Whether another orchestration may have built something since the change was planned, so that its records are worth reading again. */
export function mayBeBuiltElsewhere({ options, plan, olderClaims }: Orchestration): boolean {
  if (options.force === true || options.recordJobs !== true) return false
  return options.isRestart || olderClaims.length > 0 || indexPlan(plan).isBuiltElsewhere
}

/** Whether a run that the job could reuse may exist. */
function mayHaveReusableRun(planned: PlannedJob, orchestration: Orchestration): boolean {
  if (planned.carriesMarker && mayHaveEarlierRuns(orchestration)) return true
  if (planned.restarted || mayBeBuiltElsewhere(orchestration)) return true
  return knownBuilds(orchestration.options.knownRuns).has(`${planned.job} ${planned.fingerprint}`)
}

const knownBuildsOf = new WeakMap<readonly KnownRun[], ReadonlySet<string>>()

/** Indexed once, because it is called at the start of each job and each job may have a known run. */
function knownBuilds(runs: readonly KnownRun[]): ReadonlySet<string> {
  const known = knownBuildsOf.get(runs)
  if (known) return known
  const indexed = new Set(runs.map(({ job, fingerprint }) => `${job} ${fingerprint}`))
  knownBuildsOf.set(runs, indexed)
  return indexed
}

/** Whether another orchestration has claimed a head, or one was already started for this event. */
export function mayHaveEarlierRuns({ options, plan, olderClaims }: Orchestration): boolean {
  return (
    options.eventKey !== null ||
    options.predecessors.length > 0 ||
    olderClaims.length > 0 ||
    indexPlan(plan).isClaimedBefore
  )
}

/**
 * The newest reusable run of this orchestration, else the newest one of another. A newer run of another one would make all later builds of
 * this orchestration out of date, so that they would be built again.
 */
function bestOf(found: readonly EarlierRun[], orchestration: Orchestration): EarlierRun | undefined {
  const reusable = found.filter((run) => isReusable(run, orchestration)).sort((one, other) => other.runId - one.runId)
  return reusable.find((run) => isOwn(run, orchestration)) ?? reusable[0]
}

/** Whether the job can rely on the run. A completed run counts only if it succeeded, and belongs to this orchestration or is trusted (law 9). */
export function isReusable(run: EarlierRun, orchestration: Orchestration): boolean {
  const { isSameBuild, conclusion, isTrusted } = run
  if (!isSameBuild) return false
  if (conclusion !== 'success') return conclusion === null
  return isTrusted === true || isOwn(run, orchestration)
}

/** Whether this orchestration, or one that it continues, dispatched the run. */
function isOwn({ origin }: EarlierRun, orchestration: Orchestration): boolean {
  return origin === null || origin === originOf(orchestration) || orchestration.options.predecessors.includes(origin)
}

function linkOf({ runId, url }: EarlierRun): { runId: number; url: string } {
  return { runId, url }
}

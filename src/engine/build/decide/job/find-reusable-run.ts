import type { Orchestration } from '../../../../model/build/orchestration.js'
import type { EarlierRun, RunReuse } from '../../../../model/build/state/job-state.js'
import { originOf } from '../../../../model/build/orchestration.js'
import type { KnownRun, PlannedJob } from '../../../../model/build/plan.js'
import type { Action } from '../actions.js'
import { indexPlan } from '../../state/plan-index.js'
import type { DecisionClock } from '../decision-clock.js'

/** The longest time that GitHub's listing of runs lags behind a dispatch, ms. */
export const listingLagMs = 120_000
/** The time for which an overdue, unreadable answer is awaited, ms. */
export const unreadableTimeoutMs = 5 * 60_000

/** `do`: the action that replaces or precedes the dispatch of a job whose needs are settled. `dispatch`: no run is reused. */
export type ReuseDecision = { kind: 'do'; action: Action } | { kind: 'dispatch'; attempt: number }

/**
 * Reuses a run of an earlier orchestration with the same build instead of dispatching. An earlier start for the same event counts as
 * this orchestration: its successes are reused too, and a dispatch attempt that it may have made is never repeated.
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
  if (isRestart && own.length === 0 && !clock.isDue(orchestration.startedAt + listingLagMs)) return again
  return { kind: 'dispatch', attempt: 1 + Math.max(0, ...own.map(({ attempt }) => attempt)) }
}

/** Whether a run that the job could reuse may exist. */
function mayHaveReusableRun(planned: PlannedJob, orchestration: Orchestration): boolean {
  if (planned.carriesMarker && mayHaveEarlierRuns(orchestration)) return true
  if (planned.restarted) return true
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

/** The newest reusable run. A completed run counts only if it succeeded and belongs to this orchestration (law 9). */
function bestOf(found: readonly EarlierRun[], orchestration: Orchestration): EarlierRun | undefined {
  const own = new Set([originOf(orchestration), ...orchestration.options.predecessors])
  return found
    .filter(({ isSameBuild, conclusion, origin }) => {
      if (!isSameBuild) return false
      return conclusion === null || (conclusion === 'success' && (origin === null || own.has(origin)))
    })
    .sort((one, other) => other.runId - one.runId)[0]
}

function linkOf({ runId, url }: EarlierRun): { runId: number; url: string } {
  return { runId, url }
}

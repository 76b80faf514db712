import type { Job } from '../../../../model/graph.js'
import type { JobState, SearchingJob } from '../../../../model/build/state/job-state.js'
import { lostDispatchOf } from '../../state/lost-dispatch.js'
import type { PlanNode } from '../../state/plan-index.js'
import type { Action } from '../actions.js'
import type { DecisionClock } from '../decision-clock.js'
import type { Stop } from '../rules.js'
import { listingLagMs, unreadableTimeoutMs } from './find-reusable-run.js'

/**
 * Adopts the run if exactly one was found. With none after two minutes, or several, the job settles as unknown. With none it is dispatched
 * once more if the graph file asks for it; otherwise it is never dispatched again (law 2).
 */
export function decideSearching(
  { job, planned }: PlanNode,
  search: SearchingJob,
  { stop, isHeld }: { stop: Stop; isHeld: boolean },
  clock: DecisionClock,
): Action {
  const { now } = clock
  const { found, attempt, listedAt, since, failure } = search
  const [first, second] = found
  const why = `it is not known whether a run started: ${failure.message}`
  const unknown = (reason: string): Action => ({ type: 'settle', at: now, job: job.id, outcome: 'unknown', reason })
  const again: Action = { type: 'search', at: Math.max(now, search.nextAt), job: job.id }
  if (search.serverTime === null) return unknown(`${why}; GitHub's time of the dispatch is not known`)
  // Other changes start the same workflow on the same commit, with other inputs.
  if (planned.defaultBranch !== undefined && !planned.carriesMarker)
    return unknown(`${why}; its run on ${planned.defaultBranch} cannot be told apart from those of other changes`)
  if (first && !second) return { type: 'adopt', at: now, job: job.id, attempt, ...first }
  if (second) return unknown(`${why}; ${found.length} runs match`)
  if (listedAt !== null && listedAt >= since + listingLagMs) {
    if (stop || !mayDispatchAgain(job, search)) return unknown(`${why}; no run appeared`)
    return isHeld ? again : { type: 'dispatch', at: now, job: job.id, attempt: attempt + 1 }
  }
  if (clock.isDue(since + listingLagMs + unreadableTimeoutMs))
    return unknown(`${why}, and the runs could not be listed`)
  return again
}

/** Whether the graph file asks for another dispatch after one that left no run. It is made at most once for each job. */
function mayDispatchAgain({ onLostDispatch }: Job, { lost }: SearchingJob): boolean {
  return onLostDispatch === 'dispatch-again' && lost === undefined
}

/** Looks for the run of a lost dispatch as long as anything is built, and cancels it: only the later run of the job counts. */
export function decideLostDispatch({ job, planned }: PlanNode, state: JobState, now: number): Action[] {
  const lost = lostDispatchOf(state)
  if (!lost || lost.isDone) return []
  const at = Math.max(now, lost.nextAt)
  if (lost.runId !== null) return [{ type: 'cancel-lost', at, job: job.id, runId: lost.runId }]
  // Without a marker, a run is recognized only by the time of its creation.
  return planned.carriesMarker || lost.until !== null ? [{ type: 'search-lost', at, job: job.id }] : []
}

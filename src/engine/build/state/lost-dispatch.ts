import { assertNever } from '../../../lib/assert-never.js'
import type { Event } from '../../../model/build/events.js'
import type { JobState, LostDispatch } from '../../../model/build/state/job-state.js'
import { changedRunning, changedSearching, changedSettled } from './changed.js'
import { firstObservationDelay } from './delays.js'

/** The dispatch of this job that was lost, so that it was dispatched again; undefined if there is none. */
export function lostDispatchOf(job: JobState): LostDispatch | undefined {
  return job.phase === 'waiting' ? undefined : job.lost
}

/** The job with the dispatch that it lost before, whatever happens to it later. */
export function keepLost(job: JobState, lost: LostDispatch | undefined): JobState {
  return lost === undefined || lostDispatchOf(job) !== undefined ? job : withLost(job, lost)
}

/** The job with this lost dispatch; a waiting job has none. */
export function withLost(job: JobState, lost: LostDispatch | undefined): JobState {
  switch (job.phase) {
    case 'waiting':
      return job
    case 'dispatching':
      return { ...job, lost }
    case 'searching':
      return changedSearching(job, { lost })
    case 'running':
      return changedRunning(job, { lost })
    case 'settled':
      return changedSettled(job, { lost })
    default:
      return assertNever(job)
  }
}

/** The lost dispatch of a job after a dispatch was requested. Only a search that found nothing is followed by another dispatch. */
export function lostAfterDispatch(
  job: JobState,
  { at, serverTime }: Extract<Event, { type: 'dispatch-requested' }>,
): LostDispatch | undefined {
  const before = lostDispatchOf(job)
  // A rate limit proves that the request had no effect, so it is sent again later.
  if (before) return { ...before, until: serverTime }
  if (job.phase !== 'searching') return undefined
  const nextAt = at + firstObservationDelay
  return { search: job, until: serverTime, runId: null, isDone: false, count: 0, nextAt }
}

/** The lost dispatch after its runs were listed or its run was cancelled. */
export function lostAfter(
  lost: LostDispatch | undefined,
  event: Extract<Event, { type: 'lost-runs-listed' | 'lost-run-cancelled' }>,
): LostDispatch | undefined {
  if (!lost) return undefined
  const { nextAt } = event
  if (event.type === 'lost-run-cancelled') return { ...lost, isDone: event.failure === null, nextAt }
  const [first, second] = event.found
  const count = lost.count + 1
  if (first && !second) return { ...lost, runId: first.runId, count, nextAt: event.at }
  return { ...lost, isDone: second !== undefined, count, nextAt }
}

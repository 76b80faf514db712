import type { Failure } from '../../failure.js'
import type { EarlierRun, FoundRun } from '../state/job-state.js'

/** The dispatch of a job may have left for GitHub: its request was let go. */
export interface DispatchRequested {
  type: 'dispatch-requested'
  job: string
  attempt: number
  /** GitHub's time, ms, UTC; null: unknown. */
  serverTime: number | null
}

/** GitHub answered a dispatch with the run that it started. */
export interface DispatchAccepted {
  type: 'dispatch-accepted'
  job: string
  attempt: number
  runId: number
  url: string
}

/** A dispatch provably started no run: GitHub refused it, or no connection was made. */
export interface DispatchRefused {
  type: 'dispatch-refused'
  job: string
  attempt: number
  failure: Failure
}

/** A dispatch got no clear answer: a run may exist, and orch searches for it from now on. */
export interface DispatchAmbiguous {
  type: 'dispatch-ambiguous'
  job: string
  attempt: number
  failure: Failure
}

/** GitHub listed the runs that an ambiguous dispatch may have started. */
export interface RunsListed {
  type: 'runs-listed'
  job: string
  /** Empty if no run matches yet. */
  found: readonly FoundRun[]
  nextAt: number
}

/** GitHub listed the runs of earlier orchestrations that a waiting job could reuse. */
export interface EarlierRunsListed {
  type: 'earlier-runs-listed'
  job: string
  found: readonly EarlierRun[]
  nextAt: number
}

/** A search for the run of a job failed; it is repeated at `nextAt`. */
export interface ListingFailed {
  type: 'listing-failed'
  job: string
  failure: Failure
  nextAt: number
}

/** A job took over a run that was found instead of dispatched: the run of an ambiguous dispatch, or one of an earlier orchestration. */
export interface RunAdopted {
  type: 'run-adopted'
  job: string
  attempt: number
  runId: number
  url: string
}

/** GitHub listed the runs that a lost dispatch may have started after all, or the listing failed. The job was dispatched again meanwhile. */
export interface LostRunsListed {
  type: 'lost-runs-listed'
  job: string
  /** The attempt that was lost. */
  attempt: number
  /** Empty if none has turned up, or after a failure. */
  found: readonly FoundRun[]
  /** Why the runs could not be listed; null: they were. */
  failure: Failure | null
  nextAt: number
}

/** GitHub answered the cancel of the run of a lost dispatch, or the answer is missing. */
export interface LostRunCancelled {
  type: 'lost-run-cancelled'
  job: string
  /** The attempt that was lost. */
  attempt: number
  runId: number
  /** Why it could not be cancelled; null: it was, or it had ended before. */
  failure: Failure | null
  /** When a failed cancel is repeated. */
  nextAt: number
}

/** The events of a job that has no run yet, and those of a dispatch that was lost. */
export type DispatchEvent =
  | DispatchRequested
  | DispatchAccepted
  | DispatchRefused
  | DispatchAmbiguous
  | RunsListed
  | EarlierRunsListed
  | ListingFailed
  | RunAdopted
  | LostRunsListed
  | LostRunCancelled

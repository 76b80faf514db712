import type { Failure } from '../../failure.js'
import type { PendingDeployment, RunFailure, WorkflowRun } from '../../workflow-run.js'

/** How a job ended. Only `succeeded` and `fresh` are success. */
export type JobOutcome =
  | 'succeeded'
  | 'fresh' // an earlier run built the same, and the job relies on it
  | 'failed' // its run concluded without success, or GitHub refused the dispatch
  | 'cancelled' // its run was cancelled, by orch or on GitHub
  | 'timed-out' // one of its deadlines passed
  | 'moved' // its run built another commit than the planned one
  | 'lost' // GitHub does not know its run any more
  | 'unknown' // whether it was dispatched, or how it ended, could not be determined
  | 'skipped' // its repository does not have the branch
  | 'not-run' // nothing was dispatched: one of its needs failed, or --only excluded it
  | 'left-running' // superseded; its run was left running so that the next orchestration can reuse it

/** Why orch cancels a run on GitHub. */
export type CancelReason =
  | 'fail-fast'
  | 'job-timeout'
  | 'queue-timeout'
  | 'approval-timeout'
  | 'timeout'
  | 'moved'
  | 'superseded'
  | 'interrupted'

/** A cancel of a run that is under way: it is repeated, then forced, until the run ends or orch gives up. All times are ms, UTC. */
export interface CancelState {
  reason: CancelReason
  /** When the first cancel was requested. */
  requestedAt: number
  /** When the forced cancel was requested; null: not yet. */
  forcedAt: number | null
  /** When GitHub answered the latest request; null: not yet. */
  answeredAt: number | null
  /** When the latest request failed; null: it did not. */
  failedAt: number | null
}

/** What the readings of a job's run have shown. All times are ms, UTC, by the orchestration's clock. */
export interface Observation {
  /** Number of readings, successful or not. */
  count: number
  /** When the latest reading ended, successful or not; null: none yet. */
  triedAt: number | null
  /** When the latest reading with an answer ended (a run, or a 404); null: none yet. */
  lastAt: number | null
  /** The run as last read; null: never read. */
  run: WorkflowRun | null
  /** When the run was first read in progress or later. */
  inProgressSince: number | null
  /** When the run was first read waiting for an approval, without being read otherwise since; null: it does not wait. */
  waitingSince: number | null
  /**
   * How long the run waited for earlier approvals, ms: while it was queued until it is in progress, and since `inProgressSince` from then
   * on. The time between a reading that shows it waiting and one that does not counts as waiting.
   */
  waitedMs: number
  /** When the run was first missing (404), without being found since; null: it is not missing. */
  absentSince: number | null
  /** The latest failed reading; null: a later one succeeded. */
  failure: Failure | null
  /** When to read it next. */
  nextAt: number
}

/** What a run waits for, read once each time it begins to wait. */
export interface AwaitedApproval {
  /** Empty: GitHub names no environment, as for the approval of a first-time contributor; null: it could not be read. */
  deployments: readonly PendingDeployment[] | null
  /** Why it could not be read; null: it was. */
  failure: Failure | null
}

/** Nothing was dispatched for the job: it waits for its needs, a slot, or the search for a run to reuse. */
export interface WaitingJob {
  phase: 'waiting'
  /** Absent: orch has not searched for a run of an earlier orchestration. */
  reuse?: RunReuse
}

/** The search for a run of an earlier orchestration that the job can reuse instead of a dispatch. */
export interface RunReuse {
  /** The latest listing; null: none could be read yet. */
  found: readonly EarlierRun[] | null
  count: number
  /** When the first listing ended, ms, UTC. */
  since: number
  /** When the latest listing that could be read ended, ms, UTC; null: none could. */
  listedAt: number | null
  /** When the latest listing ended, whether it could be read or not, ms, UTC. */
  triedAt: number
  nextAt: number
}

/** A run of an earlier orchestration, or of an earlier start of this one. */
export interface EarlierRun {
  runId: number
  url: string
  /** The origin in its marker; null: it is known from a journal or a record. */
  origin: string | null
  /** The attempt in its marker; 0 without one. */
  attempt: number
  /** It builds the planned commit with the same fingerprint, and none of the needs was built after it. */
  isSameBuild: boolean
  /** GitHub's conclusion; null: not completed. */
  conclusion: string | null
  /** Its success counts, although another orchestration dispatched it: a trusted author did, and it is not older than `fresh-for`. Absent: no. */
  isTrusted?: boolean
}

/** The intent to dispatch is journaled; GitHub's answer is not. */
export interface DispatchingJob {
  phase: 'dispatching'
  attempt: number
  /** What was known of earlier runs before the dispatch. */
  reuse?: RunReuse
  requestedAt: number
  /** GitHub's time, ms, UTC; null: unknown. */
  serverTime: number | null
  lost?: LostDispatch
}

/** Whether the dispatch started a run is unknown: orch searches for the run, and dispatches again only if the graph file asks for it (law 2). */
export interface SearchingJob {
  phase: 'searching'
  attempt: number
  requestedAt: number
  /** GitHub's time of the intent, ms, UTC: a run of this attempt was created then or later; null: unknown. */
  serverTime: number | null
  /** Why the answer is missing. */
  failure: Failure
  /** When the search began. */
  since: number
  /** When the latest listing was read; null: none yet. */
  listedAt: number | null
  /** The runs in the latest listing that match. */
  found: readonly FoundRun[]
  count: number
  nextAt: number
  lost?: LostDispatch
}

/**
 * A dispatch whose run was not found in time, so that the job was dispatched again, as the graph file asks. Its run is cancelled if it turns
 * up later, and never counts. A job has at most one.
 */
export interface LostDispatch {
  /** The search that found nothing. */
  search: SearchingJob
  /** GitHub's time of the next dispatch, ms, UTC: without a marker, a run that was created later is not of the lost one; null: unknown. */
  until: number | null
  /** The run that turned up; null: none yet. */
  runId: number | null
  /** Its run was cancelled or has ended, or several runs match, so that it cannot be told apart. */
  isDone: boolean
  /** Number of listings. */
  count: number
  nextAt: number
}

/** A run that an ambiguous dispatch may have started. */
export interface FoundRun {
  runId: number
  url: string
}

/** The job has a run on GitHub, and orch observes it until it ends. */
export interface RunningJob {
  phase: 'running'
  attempt: number
  runId: number
  url: string
  dispatchedAt: number
  observation: Observation
  cancel: CancelState | null
  /** Number of re-runs requested. */
  reruns: number
  /** A requested re-run that no reading shows yet; null: none. */
  rerun: RerunState | null
  /** A person re-ran its failed run: fail-fast does not cancel that attempt. Absent: no. */
  isRestarted?: true
  /** When the current run attempt was dispatched, or first read, ms, UTC. */
  attemptSince: number
  /** When the first run attempt left the queue, as far as the readings show, ms, UTC; absent: it was not read outside the queue. */
  inProgressAt?: number
  /** What the run waits for, or waited for when it ended; absent: it does not wait, or this was not read yet. */
  awaited?: AwaitedApproval
  lost?: LostDispatch
}

/** A requested re-run of a run's failed jobs that no reading shows yet. */
export interface RerunState {
  /** The run attempt that did not succeed. */
  fromAttempt: number
  requestedAt: number
  /** Why GitHub refused it; null: it did not, or has not answered. */
  refusal: Failure | null
}

/** The job ended. A re-run by hand of its failed run makes it running again. */
export interface SettledJob {
  phase: 'settled'
  outcome: JobOutcome
  /** One clause for a reader. */
  reason: string
  settledAt: number
  attempt: number | null
  runId: number | null
  runAttempt: number | null
  url: string | null
  dispatchedAt: number | null
  /** When the first run attempt left the queue, as far as the readings show, ms, UTC; absent: it was not read outside the queue. */
  inProgressAt?: number
  /** What its run waited for when it was read last before its end; absent: it did not wait then, or this was not read. */
  awaited?: AwaitedApproval
  /** Why orch had cancelled its run; absent: it had not. */
  cancelReason?: CancelReason
  /** GitHub's conclusion of its run; absent: none was read. */
  conclusion?: string
  /** The refusal or ambiguity that settled it without a run. */
  failure: Failure | null
  /** Where its run failed; undefined: not read yet; null: it could not be read. */
  explanation?: RunFailure | null
  /** When its run is read again, in case it was re-run on GitHub; absent: never. */
  nextAt?: number
  /** When the latest reading of its run ended, ms, UTC; absent: it was never read. */
  readAt?: number
  /** Number of re-runs requested; absent: none. */
  reruns?: number
  /** The job's own commit status; absent: not requested yet. */
  record?: RecordState
  lost?: LostDispatch
}

/** The status `<context>/<job>` that a settled job leaves on its head. */
export type RecordState =
  | { phase: 'requested'; at: number }
  | { phase: 'posted' }
  | { phase: 'failed'; failure: Failure }

/** The state of one job: waiting, dispatching, searching (only after an ambiguous dispatch), running, settled. */
export type JobState = WaitingJob | DispatchingJob | SearchingJob | RunningJob | SettledJob

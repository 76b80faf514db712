import type { ListedStatus, StatusState } from '../change.js'
import type { Failure } from '../failure.js'
import type {
  CancelReason,
  EarlierHeads,
  EarlierRun,
  Ending,
  FoundRun,
  InterruptionCause,
  JobOutcome,
  PostRound,
  VerificationResult,
  VerificationStage,
} from './orchestration.js'
import type { BuiltRun, Plan, RunOptions } from './plan.js'
import type { RunFailure, WorkflowRun } from '../workflow-run.js'

/**
 * What did happen, one closed union. The journal stores events, reporters draw them, and the orchestration is their fold.
 * An event that ends in `-requested` is an intent: journaled at the moment its request may leave.
 */
export type EventBody =
  | { type: 'started'; id: string; plan: Plan; options: RunOptions }
  | {
      type: 'status-requested'
      repo: string
      headSha: string
      round: PostRound
      state: StatusState
      description: string
    }
  | { type: 'status-posted'; repo: string; headSha: string; round: PostRound; status: ListedStatus }
  | { type: 'status-failed'; repo: string; headSha: string; round: PostRound; failure: Failure }
  | { type: 'status-withheld'; repo: string; headSha: string; round: PostRound; reason: string }
  /** `serverTime`: GitHub's time, ms, UTC; null: not known. */
  | { type: 'dispatch-requested'; job: string; attempt: number; serverTime: number | null }
  | { type: 'dispatch-accepted'; job: string; attempt: number; runId: number; url: string }
  /** Proven absence: GitHub refused, or the connection was never made. */
  | { type: 'dispatch-refused'; job: string; attempt: number; failure: Failure }
  /** Whether a run exists cannot be told: it is looked for. */
  | { type: 'dispatch-ambiguous'; job: string; attempt: number; failure: Failure }
  | { type: 'runs-listed'; job: string; found: readonly FoundRun[]; nextAt: number }
  | { type: 'listing-failed'; job: string; failure: Failure; nextAt: number }
  /** Runs of earlier orchestrations that the job could take over. */
  | { type: 'earlier-runs-listed'; job: string; found: readonly EarlierRun[]; nextAt: number }
  | { type: 'run-adopted'; job: string; attempt: number; runId: number; url: string }
  | { type: 'run-observed'; job: string; run: WorkflowRun; nextAt: number }
  | { type: 'run-absent'; job: string; nextAt: number }
  | { type: 'observation-failed'; job: string; failure: Failure; nextAt: number }
  | { type: 'cancel-requested'; job: string; runId: number; reason: CancelReason; force: boolean }
  /** `finished`: the run had already ended, so that there was nothing to cancel. */
  | { type: 'cancel-answered'; job: string; runId: number; result: 'requested' | 'finished' }
  | { type: 'cancel-failed'; job: string; runId: number; failure: Failure }
  | { type: 'rerun-requested'; job: string; runId: number; fromAttempt: number }
  /** `failure`: why GitHub refused it, or why its answer is missing. */
  | {
      type: 'rerun-answered'
      job: string
      runId: number
      result: 'accepted' | 'ambiguous' | 'refused'
      failure: Failure | null
    }
  /** Somebody ran the failed run of a settled job again by hand. */
  | { type: 'run-restarted'; job: string; run: WorkflowRun; nextAt: number }
  | ({ type: 'earlier-heads-locked' } & EarlierHeads)
  /** `built`: the run that a fresh job rests on. */
  | { type: 'job-settled'; job: string; outcome: JobOutcome; reason: string; built?: BuiltRun }
  /** The commit status of a settled job, for one attempt of its run. */
  | {
      type: 'job-status-requested'
      job: string
      runAttempt: number | null
      context: string
      state: StatusState
      description: string
    }
  | { type: 'job-status-posted'; job: string; runAttempt: number | null; status: ListedStatus }
  | { type: 'job-status-failed'; job: string; runAttempt: number | null; failure: Failure }
  | { type: 'failure-explained'; job: string; explanation: RunFailure | null; failure: Failure | null }
  | { type: 'verified'; stage: VerificationStage; result: VerificationResult; nextAt: number }
  /** What runs is cancelled. `journal`: it cannot be written any more. `cancel`: asked for, with all the time that cancelling needs. */
  | { type: 'interrupted'; signal: string; cause: InterruptionCause }
  /** The token is refused: nobody drives the orchestration any more until it is resumed. */
  | { type: 'suspended'; failure: Failure }
  /** Another process goes on with the orchestration. */
  | { type: 'resumed' }
  | ({ type: 'finished' } & Ending)

/** An event with its moment: ms since the epoch, UTC, by the clock port. */
export type Event = EventBody & { at: number }

import type { Failure } from '../../failure.js'
import type { PendingDeployment, RunFailure, WorkflowRun } from '../../workflow-run.js'
import type { BuiltRun } from '../plan.js'
import type { CancelReason, JobOutcome } from '../state/job-state.js'

/** GitHub returned the run of a job. */
export interface RunObserved {
  type: 'run-observed'
  job: string
  run: WorkflowRun
  nextAt: number
}

/** GitHub answered that the run of a job does not exist (404), which it may say of a run that is too new or deleted. */
export interface RunAbsent {
  type: 'run-absent'
  job: string
  nextAt: number
}

/** The run of a job could not be read; nothing is known about it that was not known before. */
export interface ObservationFailed {
  type: 'observation-failed'
  job: string
  failure: Failure
  nextAt: number
}

/** The run of a job began to wait for an approval, and what it waits for was read from GitHub, or could not be read. */
export interface PendingDeploymentsRead {
  type: 'pending-deployments-read'
  job: string
  runId: number
  /** Page of the run, on which deployments are reviewed. */
  url: string
  /** Empty: GitHub names no environment; null: they could not be read. */
  deployments: readonly PendingDeployment[] | null
  /** Why they could not be read; null: they were. */
  failure: Failure | null
}

/** The cancel of a run may have left for GitHub. */
export interface CancelRequested {
  type: 'cancel-requested'
  job: string
  runId: number
  reason: CancelReason
  /** GitHub ends the run without letting its steps clean up. */
  force: boolean
}

/** GitHub answered the cancel of a run. */
export interface CancelAnswered {
  type: 'cancel-answered'
  job: string
  runId: number
  /** `finished`: the run had already ended, so that there was nothing to cancel. */
  result: 'requested' | 'finished'
}

/** The cancel of a run got no usable answer; it is requested again. */
export interface CancelFailed {
  type: 'cancel-failed'
  job: string
  runId: number
  failure: Failure
}

/** The re-run of the failed jobs of a run may have left for GitHub. */
export interface RerunRequested {
  type: 'rerun-requested'
  job: string
  runId: number
  /** The run attempt that did not succeed. */
  fromAttempt: number
}

/** GitHub answered a re-run, or its answer is missing. */
export interface RerunAnswered {
  type: 'rerun-answered'
  job: string
  runId: number
  result: 'accepted' | 'ambiguous' | 'refused'
  /** Why GitHub refused it, or why the answer is missing; null: accepted. */
  failure: Failure | null
}

/** Somebody re-ran the failed run of a settled job by hand: the job is running again. */
export interface RunRestarted {
  type: 'run-restarted'
  job: string
  run: WorkflowRun
  nextAt: number
}

/** A job ended: only a re-run by hand changes its outcome. */
export interface JobSettled {
  type: 'job-settled'
  job: string
  outcome: JobOutcome
  /** One clause for a reader. */
  reason: string
  /** The run that a fresh job relies on; absent for all others. */
  built?: BuiltRun
}

/** Where the run of a failed job failed was read from GitHub, or could not be read. */
export interface FailureExplained {
  type: 'failure-explained'
  job: string
  /** null: it could not be read. */
  explanation: RunFailure | null
  /** Why it could not be read; null: it was. */
  failure: Failure | null
}

/** The events of a job's run, and of the end of a job. */
export type RunEvent =
  | RunObserved
  | RunAbsent
  | ObservationFailed
  | PendingDeploymentsRead
  | CancelRequested
  | CancelAnswered
  | CancelFailed
  | RerunRequested
  | RerunAnswered
  | RunRestarted
  | JobSettled
  | FailureExplained

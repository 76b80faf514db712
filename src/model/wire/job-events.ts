import type { CancelReason, JobOutcome } from '../build/state/job-state.js'
import type { StatusState } from '../change.js'
import type {
  BuiltRunJson,
  CommitSha,
  FailureJson,
  GitHubId,
  Ordinal,
  PendingDeploymentJson,
  RunFailureJson,
} from './common.js'
import type { AttemptLine, JobLine } from './event-line.js'

/** GitHub's workflow run. */
export interface WorkflowRunJson {
  id: GitHubId
  /** GitHub's status. */
  status: string
  /** GitHub's conclusion. */
  conclusion: string | null
  /** GitHub's re-run counter; null: not returned, as for unfinished runs that are read in one request. */
  runAttempt: Ordinal | null
  headSha: CommitSha
  url: string
}

/** A run that could be the one whose dispatch was not answered. */
export interface FoundRunJson {
  runId: GitHubId
  url: string
}

/** A run of an earlier orchestration that the job could reuse. */
export interface EarlierRunJson extends FoundRunJson {
  /** null: it is still running. */
  conclusion: string | null
}

/** A line about the run of a job. */
interface RunLine<Type extends string> extends JobLine<Type> {
  runId: GitHubId
}

/** A request to dispatch the job's workflow is about to be sent. */
export interface DispatchRequestedJson extends AttemptLine<'dispatch-requested'> {}

/** GitHub accepted the dispatch and returned the run. */
export interface DispatchAcceptedJson extends AttemptLine<'dispatch-accepted'> {
  runId: GitHubId
  url: string
}

/** The dispatch certainly started no run: GitHub refused it, or it was never sent. */
export interface DispatchRefusedJson extends AttemptLine<'dispatch-refused'> {
  failure: FailureJson
}

/** It is not known whether the dispatch started a run; orch searches for it. */
export interface DispatchAmbiguousJson extends AttemptLine<'dispatch-ambiguous'> {
  failure: FailureJson
}

/** The runs that could be the one whose dispatch was not answered were listed. */
export interface RunsListedJson extends JobLine<'runs-listed'> {
  found: readonly FoundRunJson[]
}

/** The runs of earlier orchestrations that the job could reuse were listed. */
export interface EarlierRunsListedJson extends JobLine<'earlier-runs-listed'> {
  found: readonly EarlierRunJson[]
}

/** Runs could not be listed. */
export interface ListingFailedJson extends JobLine<'listing-failed'> {
  failure: FailureJson
}

/** The runs that a lost dispatch may have started after all were listed, or could not be. The job was dispatched again meanwhile. */
export interface LostRunsListedJson extends AttemptLine<'lost-runs-listed'> {
  found: readonly FoundRunJson[]
  failure: FailureJson | null
}

/** The run of a lost dispatch turned up and was cancelled, or could not be. */
export interface LostRunCancelledJson extends AttemptLine<'lost-run-cancelled'> {
  runId: GitHubId
  failure: FailureJson | null
}

/** The job continues with a run that was found instead of dispatched. */
export interface RunAdoptedJson extends AttemptLine<'run-adopted'> {
  runId: GitHubId
  url: string
}

/** The run of the job was read. */
export interface RunObservedJson extends JobLine<'run-observed'> {
  run: WorkflowRunJson
}

/** GitHub answered that the run does not exist. */
export interface RunAbsentJson extends JobLine<'run-absent'> {}

/** The run of the job could not be read. */
export interface ObservationFailedJson extends JobLine<'observation-failed'> {
  failure: FailureJson
}

/** The run began to wait for an approval, and what it waits for was read, or could not be read. */
export interface PendingDeploymentsReadJson extends RunLine<'pending-deployments-read'> {
  /** Page of the run, on which deployments are reviewed. */
  url: string
  /** Empty: GitHub names no environment, as for the approval of a first-time contributor; null: they could not be read. */
  deployments: readonly PendingDeploymentJson[] | null
  failure: FailureJson | null
}

/** A request to cancel the run is about to be sent. */
export interface CancelRequestedJson extends RunLine<'cancel-requested'> {
  reason: CancelReason
  force: boolean
}

/** GitHub answered the request to cancel the run. */
export interface CancelAnsweredJson extends RunLine<'cancel-answered'> {
  /** `finished`: the run had ended before. */
  result: 'requested' | 'finished'
}

/** The run could not be cancelled. */
export interface CancelFailedJson extends RunLine<'cancel-failed'> {
  failure: FailureJson
}

/** A request to run the failed jobs of the run again is about to be sent. */
export interface RerunRequestedJson extends RunLine<'rerun-requested'> {
  fromAttempt: Ordinal
}

/** GitHub answered the request to run the failed jobs again, or its answer is missing. */
export interface RerunAnsweredJson extends RunLine<'rerun-answered'> {
  result: 'accepted' | 'ambiguous' | 'refused'
  failure: FailureJson | null
}

/** Somebody ran the failed run of a settled job again on GitHub. */
export interface RunRestartedJson extends JobLine<'run-restarted'> {
  run: WorkflowRunJson
}

/** The job has its outcome. */
export interface JobSettledJson extends JobLine<'job-settled'> {
  outcome: JobOutcome
  reason: string
  /** The run that a fresh job reuses; null for all others. */
  built: BuiltRunJson | null
}

/** A request to post the job's own commit status is about to be sent. */
export interface JobStatusRequestedJson extends JobLine<'job-status-requested'> {
  /** `<status-context>/<job>`. */
  context: string
  state: StatusState
  description: string
}

/** GitHub accepted the job's own commit status. */
export interface JobStatusPostedJson extends JobLine<'job-status-posted'> {
  /** `<status-context>/<job>`. */
  context: string
  state: StatusState
}

/** The job's own commit status could not be posted. */
export interface JobStatusFailedJson extends JobLine<'job-status-failed'> {
  failure: FailureJson
}

/** The place where the job's run failed was read, or could not be read. */
export interface FailureExplainedJson extends JobLine<'failure-explained'> {
  explanation: RunFailureJson | null
  failure: FailureJson | null
}

export type JobEventJson =
  | DispatchRequestedJson
  | DispatchAcceptedJson
  | DispatchRefusedJson
  | DispatchAmbiguousJson
  | RunsListedJson
  | EarlierRunsListedJson
  | ListingFailedJson
  | RunAdoptedJson
  | LostRunsListedJson
  | LostRunCancelledJson
  | RunObservedJson
  | RunAbsentJson
  | ObservationFailedJson
  | PendingDeploymentsReadJson
  | CancelRequestedJson
  | CancelAnsweredJson
  | CancelFailedJson
  | RerunRequestedJson
  | RerunAnsweredJson
  | RunRestartedJson
  | JobSettledJson
  | JobStatusRequestedJson
  | JobStatusPostedJson
  | JobStatusFailedJson
  | FailureExplainedJson

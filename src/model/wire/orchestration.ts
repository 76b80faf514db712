import type { JobOutcome, JobState } from '../build/state/job-state.js'
import type { PostRound, PostState } from '../build/state/post-state.js'
import type { StatusState } from '../change.js'
import type {
  Count,
  FailureJson,
  GitHubId,
  HeadJson,
  JsonVersion,
  Milliseconds,
  Ordinal,
  PendingDeploymentJson,
  PullRequestResultJson,
  RunFailureJson,
  Timestamp,
} from './common.js'
import type { OrchestrationSummaryJson } from './history.js'
import type { PlanContentJson, PlannedJobJson } from './plan.js'

/** The run of a job as far as the journal shows it; every field is null while no run is known. */
export interface JobRunJson {
  runId: GitHubId | null
  /** GitHub's re-run counter. */
  runAttempt: Ordinal | null
  /** GitHub's status of a run that is not settled. */
  runStatus: string | null
  /** GitHub's conclusion of a run that is not settled. */
  runConclusion: string | null
  /** Page of the run. */
  url: string | null
}

/** How far a job has come. */
export interface JobStateJson extends JobRunJson {
  phase: JobState['phase']
  outcome: JobOutcome | null
  outcomeReason: string | null
  /** The number of our latest dispatch; null: none. */
  attempt: Ordinal | null
  dispatchedAt: Timestamp | null
  /** When its first run attempt left the queue, as far as it was observed; null: it did not, or was not observed. */
  inProgressAt: Timestamp | null
  settledAt: Timestamp | null
  /** Since the dispatch. */
  durationMs: Milliseconds | null
  failure: FailureJson | null
  /** What its run waits for, or waited for at its end; null: it does not wait for an approval, or this could not be read. */
  pendingDeployments: readonly PendingDeploymentJson[] | null
  /** Where its run failed. */
  explanation: RunFailureJson | null
}

/** A job of `orch show --json`: its plan and its state. */
export interface JobJson extends PlannedJobJson, JobStateJson {}

/** What one round of posting did to one head. */
export interface PostResultJson {
  statusId: GitHubId | null
  state: StatusState | null
  description: string | null
  postedAt: Timestamp | null
  /** Why it was withheld. */
  reason: string | null
  failure: FailureJson | null
}

/** One commit status of ours on one head. */
export interface PostJson extends HeadJson, PostResultJson {
  round: PostRound
  /** `requested`: the answer is not known; `withheld`: not posted, because the newest status is not ours. */
  phase: PostState['phase']
}

/** The document of `orch show --json`. */
export interface OrchestrationJson
  extends OrchestrationSummaryJson, Omit<PlanContentJson, 'branch' | 'jobs' | 'pullRequests'> {
  version: JsonVersion
  /** True: another process resumed it. */
  isResumed: boolean
  /** For how long no process drove it. */
  unattendedMs: Milliseconds
  /** The signal. */
  interruptedBy: string | null
  /** In a topological order. */
  jobs: readonly JobJson[]
  /** Milliseconds from the start to the end of the last build, or to now; 0: nothing was dispatched. */
  makespanMs: Count
  /** Milliseconds from the dispatch to the end of the builds of `criticalPath`, added up. */
  criticalPathMs: Count
  /** The chain of jobs whose builds took longest. */
  criticalPath: readonly string[]
  /** By pull request head, then by round. */
  statuses: readonly PostJson[]
  pullRequests: readonly PullRequestResultJson[]
}

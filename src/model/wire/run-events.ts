import type { InterruptionCause, OrchestrationOutcome } from '../build/orchestration.js'
import type { JobOutcome } from '../build/state/job-state.js'
import type { Finding, VerificationStage } from '../build/state/verification.js'
import type {
  ChangePullRequestJson,
  Count,
  FailureJson,
  GitHubId,
  MergeBlockerJson,
  JsonVersion,
  Milliseconds,
  Ordinal,
  PullRequestResultJson,
  RepositoryName,
  Timestamp,
} from './common.js'
import type { EventLine } from './event-line.js'
import type { EarlierHeadsJson } from './invalidation.js'
import type { JobEventJson } from './job-events.js'
import type { PlanContentJson } from './plan.js'
import type { StatusEventJson } from './status-events.js'

/** The orchestration started with this plan. */
export interface StartedJson extends EventLine<'started'>, PlanContentJson {}

/** A difference between the plan and a later reading of the change. */
export interface FindingJson {
  kind: Finding['kind']
  repository: RepositoryName
  message: string
}

/** A line about a later reading of the change. */
export interface VerifiedLine extends EventLine<'verified'> {
  stage: VerificationStage
}

/** The change was read again, and nothing moved but pull requests that were merged at their tested commit (`findings`), or it moved. */
export interface ComparedJson extends VerifiedLine {
  result: 'unchanged' | 'moved'
  findings: readonly FindingJson[]
}

/** The change was read again, and it cannot be merged as a set. */
export interface BlockedJson extends VerifiedLine {
  result: 'blocked'
  blockers: readonly MergeBlockerJson[]
}

/** A closed pull request whose place another one with the same base has taken. */
export interface ReplacedPullRequestJson {
  repository: RepositoryName
  number: Ordinal
}

/** The change was read again, nothing that is tested moved, and pull requests were opened that join it. */
export interface JoinedJson extends VerifiedLine {
  result: 'joined'
  pullRequests: readonly ChangePullRequestJson[]
  replaced: readonly ReplacedPullRequestJson[]
}

/** The change was read again, and branch and pull request disagree, as they may for seconds after a push. */
export interface UnsettledJson extends VerifiedLine {
  result: 'unsettled'
  reason: string
}

/** The change was read again, and older orchestrations posted on heads that this one had claimed. */
export interface OvertakenJson extends VerifiedLine {
  result: 'overtaken'
  /** The heads that are locked again. */
  repositories: readonly RepositoryName[]
  /** Ids of the older orchestrations. */
  by: readonly string[]
}

/** The change could not be read again. */
export interface UnreadableJson extends VerifiedLine {
  result: 'unreadable'
  failure: FailureJson
}

/** The change was read again. */
export type VerifiedJson = ComparedJson | BlockedJson | JoinedJson | UnsettledJson | OvertakenJson | UnreadableJson

/** The successes on earlier heads of the branch were looked for and locked. */
export interface EarlierHeadsLockedJson extends EventLine<'earlier-heads-locked'>, EarlierHeadsJson {}

/** GitHub refused the token: no process drives the orchestration until it is resumed. */
export interface SuspendedJson extends EventLine<'suspended'> {
  failure: FailureJson
}

/** The orchestration was interrupted, and its runs are cancelled. */
export interface InterruptedJson extends EventLine<'interrupted'> {
  signal: string
  /** `journal`: the journal cannot be written; `cancel`: `orch cancel` asked for it. */
  cause: InterruptionCause
}

/** Another process continues the orchestration. */
export interface ResumedJson extends EventLine<'resumed'> {}

/** A job at the end of the orchestration; every field but `job` is null if it has no outcome. */
export interface EndedJobJson {
  job: string
  outcome: JobOutcome | null
  reason: string | null
  runId: GitHubId | null
  url: string | null
  durationMs: Milliseconds | null
}

/** The orchestration ended; this is its last line. */
export interface FinishedJson extends EventLine<'finished'> {
  outcome: OrchestrationOutcome
  reason: string
  /** True: another token would help, because this one was refused or lacks a permission (exit code 4). */
  isAuthFailure: boolean
  durationMs: Milliseconds
  jobs: readonly EndedJobJson[]
  pullRequests: readonly PullRequestResultJson[]
}

/** Nothing is sent to GitHub for a while. It is not an event of the orchestration, and not in its journal. */
export interface PausedJson {
  version: JsonVersion
  type: 'paused'
  at: Timestamp
  /** Id of the orchestration; null before its first event. */
  orchestration: string | null
  /** `primary`: the token's hourly limit is used up; `secondary`: GitHub asks to slow down; `writes`: the hour's writes are used up, and only writes wait. */
  limit: 'primary' | 'secondary' | 'writes'
  until: Timestamp
  /** From `at` to `until`, in milliseconds. */
  waitMs: Count
}

/** A line that reports an event of the journal. */
export type EventJson =
  | StartedJson
  | StatusEventJson
  | JobEventJson
  | VerifiedJson
  | EarlierHeadsLockedJson
  | SuspendedJson
  | InterruptedJson
  | ResumedJson
  | FinishedJson

/** One line of `orch run --json`. */
export type RunEventJson = EventJson | PausedJson

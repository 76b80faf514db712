import type { FailureKind } from '../failure.js'
import type { MergeBlocker } from '../merge-blocker.js'
import type { PullRequestOutcome } from '../build/pull-request-outcome.js'

/** Version of every JSON document and line; it is raised when a field changes its meaning or is removed. New fields may be added at any time. */
export const jsonVersion = 2
export type JsonVersion = typeof jsonVersion

/**
 * A point in time in ISO 8601, UTC, with milliseconds.
 * @format date-time
 * @pattern Z$
 */
export type Timestamp = string

/**
 * A commit SHA in lower-case hexadecimal digits.
 * @pattern ^[0-9a-f]{40,64}$
 */
export type CommitSha = string

/**
 * A set digest: the sha256 of everything that was tested together, 64 hexadecimal digits.
 * @pattern ^[0-9a-f]{64}$
 */
export type SetDigest = string

/** A repository as `owner/name`. */
export type RepositoryName = string

/**
 * The id of one of GitHub's things: a run or a commit status.
 * @asType integer
 */
export type GitHubId = number

/**
 * A whole number.
 * @asType integer
 */
export type Integer = number

/**
 * A whole number from 0.
 * @asType integer
 * @minimum 0
 */
export type Count = number

/**
 * A whole number from 1.
 * @asType integer
 * @minimum 1
 */
export type Ordinal = number

/**
 * A duration in whole milliseconds.
 * @asType integer
 */
export type Milliseconds = number

/** A request to GitHub that returned no usable answer. */
export interface FailureJson {
  kind: FailureKind
  /** What happened, in one sentence; it may contain text from GitHub. */
  message: string
  remedy: string | null
  repository: RepositoryName | null
  httpStatus: Integer | null
  /** The permission that GitHub asked for. */
  permission: string | null
}

/** An open pull request. */
export interface PullRequestJson {
  number: Ordinal
  url: string
  /** Untrusted text. */
  title: string
  baseBranch: string
  isDraft: boolean
  /** Whether it could be merged into its base without a conflict; null: GitHub has not computed it, or it was not read. */
  mergeable: boolean | null
  /** Whether its base takes pull requests only through a merge queue; null: GitHub's answer does not contain it. */
  hasMergeQueue: boolean | null
}

/** A merged pull request of a branch that still exists. */
export interface MergedPullRequestJson {
  number: Ordinal
  url: string
  baseBranch: string
}

/** Why a tested change cannot be merged as a set. */
export interface MergeBlockerJson {
  /** `draft`, `conflict` with its base, `unknown` mergeability, or a member with commits and `no-pull-request`. */
  kind: MergeBlocker['kind']
  repository: RepositoryName
  /** The number of the pull request; null: there is none. */
  number: Ordinal | null
  /** One clause for a reader. */
  message: string
}

/** A commit of a repository. */
export interface HeadJson {
  repository: RepositoryName
  headSha: CommitSha
}

/** An open pull request of the change, with its head. */
export interface ChangePullRequestJson extends HeadJson, PullRequestJson {}

/** A pull request of the change and what the orchestration did to it. */
export interface PullRequestResultJson extends ChangePullRequestJson {
  /** What the orchestration did to the pull request. */
  fate: PullRequestOutcome
  /** One clause that explains the outcome; empty if there is nothing to add. */
  detail: string
}

/** Where a workflow run failed. */
export interface RunFailureJson {
  workflowJob: string | null
  step: string | null
  url: string
  /** The last lines of the log: untrusted text. */
  logTail: readonly string[]
  /** Why the log could not be read. */
  logFailure: FailureJson | null
  /** The review that rejected its deployment; null: none, as far as is known. */
  rejection: RejectionJson | null
}

/** A review that rejected a deployment. */
export interface RejectionJson {
  environments: readonly string[]
  /** Login of the reviewer. */
  by: string
  /** Untrusted text; empty: none. */
  comment: string
}

/** An environment whose protection rules hold a run back. */
export interface PendingDeploymentJson {
  environment: string
  /** Logins of users, and `team <slug>`, one of whom must approve; empty: nobody has to. */
  reviewers: readonly string[]
  /** When its wait timer ends; null: it has none. */
  timerEndsAt: Timestamp | null
}

/** The run that a fresh job reuses. */
export interface BuiltRunJson {
  runId: GitHubId
  /** Page of the run. */
  url: string
  /** When the run ended, by GitHub's clock. */
  endedAt: Timestamp
}

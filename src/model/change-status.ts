import type { OtherBase } from './base-branch.js'
import type { MergedBranch } from './build/plan.js'
import type { CommitStatus, PullRequest } from './change.js'
import type { Failure } from './failure.js'
import type { MergeBlocker } from './merge-blocker.js'
import type { RepoName } from './repo-name.js'

/** A default branch that is part of the tested set, because a job builds it in place of an absent branch. */
export interface BuiltDefaultBranch {
  defaultBranch: string
  headSha: string
}

/** One row of `orch status`: a repository of the graph. */
export type RepositoryStatus =
  | { kind: 'absent'; repo: RepoName; built?: BuiltDefaultBranch }
  /** The branch is only the leftover of merged pull requests: the default branch counts in its place. */
  | { kind: 'merged'; repo: RepoName; defaultBranch: string; merged: MergedBranch; built?: BuiltDefaultBranch }
  /** There is no such branch, but there are others whose name differs only in case. */
  | { kind: 'near-miss'; repo: RepoName; branches: readonly string[] }
  | { kind: 'unreadable'; repo: RepoName; failure: Failure }
  | {
      kind: 'member'
      repo: RepoName
      headSha: string
      pullRequests: readonly PullRequest[]
      /** It has commits that the default branch lacks, and no pull request. */
      isAhead: boolean
      /** What prevents the merge of this member with the others; empty: nothing. */
      blockers: readonly MergeBlocker[]
      /** Its pull requests whose base is not the default branch. */
      otherBases: readonly OtherBase[]
      /** Newest status of the context on the head; null: none. */
      status: CommitStatus | null
      /** Whether the status has the digest of the current change; null: it has none, or one without the bases. */
      digestMatches: boolean | null
      /** An older version posted the status for these heads, and did not record the bases: what was tested is unknown. */
      isBaseUnknown: boolean
    }

/**
 * The result of `orch status`. `green`: every head of an open pull request has a success with the digest of the current change, and none
 * is a draft, conflicts with its base, or is stacked although the graph file does not allow that.
 */
export interface ChangeStatus {
  branch: string
  statusContext: string
  /** Set digest of the current change, 64 hex digits; null: a repository could not be read. */
  setDigest: string | null
  repositories: readonly RepositoryStatus[]
  verdict: 'green' | 'pending' | 'not-green'
}

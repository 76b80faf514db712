import type { ChangeStatus } from '../change-status.js'
import type { OtherBase } from '../base-branch.js'
import type { StatusState } from '../change.js'
import type {
  CommitSha,
  FailureJson,
  GitHubId,
  JsonVersion,
  MergeBlockerJson,
  MergedPullRequestJson,
  Ordinal,
  PullRequestJson,
  RepositoryName,
  SetDigest,
  Timestamp,
} from './common.js'

/** A commit status. */
export interface CommitStatusJson {
  /** null: GitHub's GraphQL API does not return it. */
  id: GitHubId | null
  state: StatusState
  description: string
  targetUrl: string
  /** Login of the author; empty if GitHub does not return it. */
  creator: string
  createdAt: Timestamp
}

/** A default branch that is part of the set. */
export interface BuiltDefaultBranchJson {
  defaultBranch: string
  headSha: CommitSha
}

/** A pull request whose base is not the default branch of its repository. */
export interface OtherBaseJson {
  number: Ordinal
  baseBranch: string
  defaultBranch: string
  /** Whether its base is the branch of another change: `allowed` by the graph file, or `refused` by `orch run`; null: it is not. */
  stacked: OtherBase['stacked']
}

/** A repository of the graph, as `orch status` found it. */
export interface RepositoryStatusJson {
  repository: RepositoryName
  /**
   * `merged`: the branch is only the leftover of merged pull requests, so the default branch counts; `near-miss`: there is no such branch,
   * but others whose name differs only in case.
   */
  kind: 'member' | 'absent' | 'unreadable' | 'merged' | 'near-miss'
  headSha: CommitSha | null
  pullRequests: readonly PullRequestJson[]
  /** Whether it has commits that the default branch lacks, and no pull request. */
  isMissingPullRequest: boolean
  /** What prevents the merge of this repository with the others; empty: nothing. */
  blockers: readonly MergeBlockerJson[]
  /** Its pull requests whose base is not the default branch. */
  otherBases: readonly OtherBaseJson[]
  /** The newest status of the context on the head; null: there is none. */
  status: CommitStatusJson | null
  /**
   * Whether the status was posted for the change as it is now, the bases of its pull requests included; null: the status has no digest, or
   * that of an older version, which did not record the bases.
   */
  digestMatches: boolean | null
  failure: FailureJson | null
  /** The pull requests that were merged at the head of the branch; empty unless `kind` is `merged`. */
  mergedPullRequests: readonly MergedPullRequestJson[]
  /** The default branch that a job builds in place of an absent or merged branch; null: none. */
  builtDefaultBranch: BuiltDefaultBranchJson | null
  /** Branches whose name differs from the change's only in case; empty unless `kind` is `near-miss`. */
  caseVariants: readonly string[]
}

/** The document of `orch status --json`. */
export interface ChangeStatusJson {
  version: JsonVersion
  branch: string
  statusContext: string
  /** null: a repository could not be read. */
  setDigest: SetDigest | null
  /** The exit code as a word: 0, 8, 1. */
  verdict: ChangeStatus['verdict']
  /** Every repository of the graph. */
  repositories: readonly RepositoryStatusJson[]
}

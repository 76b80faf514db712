import type { ChangeStatus } from '../change-status.js'
import type { StatusState } from '../change.js'
import type {
  CommitSha,
  FailureJson,
  GitHubId,
  JsonVersion,
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

/** A repository of the graph, as `orch status` found it. */
export interface RepositoryStatusJson {
  repository: RepositoryName
  kind: 'member' | 'absent' | 'unreadable'
  headSha: CommitSha | null
  pullRequests: readonly PullRequestJson[]
  /** The newest status of the context on the head; null: there is none. */
  status: CommitStatusJson | null
  /** Whether the status was posted for the change as it is now; null: the status has no digest. */
  digestMatches: boolean | null
  failure: FailureJson | null
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

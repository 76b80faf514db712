import type { CommitStatus, PullRequest } from './change.js'
import type { Failure } from './failure.js'
import type { RepoName } from './repo-name.js'

/** One row of `orch status`: a repository of the graph. */
export type RepositoryStatus =
  | { kind: 'absent'; repo: RepoName }
  | { kind: 'unreadable'; repo: RepoName; failure: Failure }
  | {
      kind: 'member'
      repo: RepoName
      headSha: string
      pullRequests: readonly PullRequest[]
      /** Newest status of the context on the head; null: none. */
      status: CommitStatus | null
      /** Whether the digest in the status is that of the change as it is now; null: the status carries none. */
      digestMatches: boolean | null
    }

/** `orch status`: `green` only when every head of an open pull request has success with the digest of the change as it is now. */
export interface ChangeStatus {
  branch: string
  statusContext: string
  /** sha256 of the change as it is now, 64 hex digits; null: some repository could not be read. */
  setDigest: string | null
  repositories: readonly RepositoryStatus[]
  verdict: 'green' | 'pending' | 'not-green'
}

import type { EndedPullRequest } from '../../model/change.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** Reads pull requests that are no longer open. Expected failures are values; a rejection is a bug. */
export interface EndedPullRequests {
  /** Those of a branch, which may be deleted, never a fork's, newest first. */
  readEndedPullRequests(repo: RepoName, branch: string): Promise<Read<EndedPullRequest[]>>
}

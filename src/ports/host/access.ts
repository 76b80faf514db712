import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** Finds out what the token may do, by requests that change nothing. A failure is the refusal, or the reason why it is not known. */
export interface Access {
  /** Asks GitHub to post a status on a commit that cannot exist: it refuses that only after it has checked the permission. */
  mayPostStatuses(repo: RepoName): Promise<Read<null>>
  /** Asks GitHub to dispatch a workflow of the default branch on a branch that cannot exist, in the same way. */
  mayDispatch(repo: RepoName, workflow: string): Promise<Read<null>>
  /**
   * The id of a GitHub App.
   * @param repo the repository that a failure names
   */
  readAppId(repo: RepoName, slug: string): Promise<Read<number>>
}

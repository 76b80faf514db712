import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** A repository as a listing shows it. */
export interface ListedRepository {
  repo: RepoName
  isArchived: boolean
  isFork: boolean
  topics: readonly string[]
}

/** Files of the default branch of a repository. */
export interface RepositoryFiles {
  /** As GitHub spells it. */
  repo: RepoName
  isArchived: boolean
  /** Null: the repository has no commit. */
  defaultBranch: string | null
  /** The selected files. `text` null: the file is not text, or too large for an answer. */
  files: readonly { path: string; text: string | null }[]
}

/** Reads which repositories there are, and their files. Expected failures are values; a rejection is a bug. */
export interface Repositories {
  /** All repositories of a user or an organization that the token can see. An owner that does not exist is a failure. */
  listRepositories(owner: string): Promise<Read<ListedRepository[]>>
  /**
   * Files of the default branch, all of one commit: one reading for each repository, in the same order.
   * @param isSelected called with the paths of the files in the root folder and in `.github/workflows`
   */
  readFiles(
    repositories: readonly RepoName[],
    isSelected: (path: string) => boolean,
  ): Promise<{ repo: RepoName; read: Read<RepositoryFiles> }[]>
}

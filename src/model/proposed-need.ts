import type { RepoName } from './repo-name.js'

/** A line of a file of a repository that names another repository. */
export interface NeedSource {
  /** Path in the repository. */
  file: string
  /** From 1. */
  line: number
  /** As the file names it: untrusted text. */
  text: string
}

/** A need that was found in the files of a repository. */
export interface ProposedNeed {
  dependent: RepoName
  needed: RepoName
  /** At least one, in the order in which they were found. */
  sources: readonly NeedSource[]
}

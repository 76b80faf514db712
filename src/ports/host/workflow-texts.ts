import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** A workflow file of the default branch. */
export interface WorkflowText {
  /** File name below `.github/workflows/`. */
  workflow: string
  text: string
}

/** Reads workflow files. Expected failures are values; a rejection is a bug. */
export interface WorkflowTexts {
  /** All workflow files of the default branch. */
  readWorkflowTexts(repo: RepoName): Promise<Read<WorkflowText[]>>
}

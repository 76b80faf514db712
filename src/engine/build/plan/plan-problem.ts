import type { Failure } from '../../../model/failure.js'
import type { RepoName } from '../../../model/repo-name.js'

/** A workflow file that a repository does not have at a commit. */
export interface MissingWorkflow {
  repo: RepoName
  workflow: string
  /** null: the head of the default branch. */
  sha: string | null
}

/** The reason why a change cannot be run. `usage`: the command line is wrong (exit code 2). */
export interface PlanProblem {
  kind:
    | 'usage'
    | 'unreadable'
    | 'repository'
    | 'workflow'
    /** A job builds the default branch where the branch is absent, but that has no workflow that can be dispatched (exit code 2). */
    | 'default-branch'
    | 'head-shared'
    | 'absent-everywhere'
    /** The branch exists, but everywhere only as the leftover of a merged pull request (exit code 2). */
    | 'merged-everywhere'
    /** The base of a pull request is the branch of another change, and the graph file does not allow that (exit code 2). */
    | 'stacked'
    /** A branch of a repository differs from the change's only in case (exit code 2). */
    | 'near-miss'
  repo: string | null
  /** The problem, as one sentence without a final full stop. */
  message: string
  /** The action that fixes the problem. */
  remedy: string
  /** The workflow file that is missing, if that is the problem: a file of a similar name may be meant. */
  missing?: MissingWorkflow
  /** The failed request that caused the problem, if there is one. */
  failure: Failure | null
}

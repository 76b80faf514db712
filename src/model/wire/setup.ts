import type { FileStep, RulesetStep } from '../setup.js'
import type { FailureJson, JsonVersion, Ordinal, RepositoryName } from './common.js'

/** A workflow file of a repository. */
export interface SetupFileJson {
  /** From the root of the repository. */
  path: string
  /**
   * `add`, `remove`: a pull request does it; `proposed`: an open one does it already; `present`, `absent`: nothing is left to do; `own`: the
   * repository has a file of its own; `edited`: somebody changed what orch had made, so it is left alone; `outdated`: an older orch made it, or it is for an
   * older graph file, and it is left alone.
   */
  step: FileStep
  /** The lines that change, or that were edited, as a unified diff without a head; empty: none. */
  diff: string
}

/** An open pull request of `orch setup`. */
export interface SetupPullRequestJson {
  number: Ordinal
  url: string
}

/** What is done in one repository. */
export interface RepositorySetupJson {
  repository: RepositoryName
  files: readonly SetupFileJson[]
  /** What is done with the ruleset, in the words of files; null: not read. */
  ruleset: RulesetStep | null
  pullRequest: SetupPullRequestJson | null
  /** `unchanged`: nothing was to be done; `planned`: a dry run. */
  result: 'unchanged' | 'planned' | 'done' | 'failed'
  failure: FailureJson | null
}

/** The document of `orch setup --json`. */
export interface SetupJson {
  version: JsonVersion
  isDryRun: boolean
  isRemoval: boolean
  repositories: readonly RepositorySetupJson[]
}

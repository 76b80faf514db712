import type { Failure } from './failure.js'
import type { RepoName } from './repo-name.js'

/**
 * What `orch setup` does with a file. `add`, `remove`: a pull request does it. `proposed`: an open pull request does it already. `present`,
 * `absent`: nothing is left to do. `own`: the repository has a file of its own, which serves as well. `edited`: somebody changed what orch
 * had made, so it is left alone. `outdated`: orch made it otherwise, in an older version or for an older graph file; it is left alone.
 */
export type FileStep = 'add' | 'remove' | 'proposed' | 'present' | 'absent' | 'own' | 'edited' | 'outdated'

export interface SetupFile {
  /** From the root of the repository. */
  path: string
  step: FileStep
  /** The text on the default branch; null: there is none. */
  before: string | null
  /** The text as orch makes it. */
  made: string
  /** Whether the branch of the pull request has the result already. */
  isOnBranch: boolean
}

/** What `orch setup` does with the ruleset; the words mean the same as for files. */
export type RulesetStep = 'create' | 'remove' | 'present' | 'absent' | 'own' | 'edited'

/** An open pull request of `orch setup`. */
export interface SetupPullRequest {
  number: number
  url: string
}

/** What is to be done in one repository. */
export interface RepositorySetup {
  repo: RepoName
  defaultBranch: string
  defaultBranchSha: string
  files: readonly SetupFile[]
  ruleset: RulesetStep
  /** The ruleset that orch made; null: none is there. */
  rulesetId: number | null
  /** The branch of the pull request. `stale`: it is left over from an earlier one, and is made again. */
  branch: 'absent' | 'usable' | 'stale'
  /** The open pull request of the branch; null: none. */
  pullRequest: SetupPullRequest | null
  /** The pull request that a removal closes, because it proposes what is to be removed; null: none. */
  closes: SetupPullRequest | null
}

/** A repository that could not be read. */
export interface UnreadableSetup {
  repo: RepoName
  failure: Failure
}

/** What happened in one repository. */
export interface SetupResult {
  repo: RepoName
  /** `unchanged`: nothing was to be done; `planned`: a dry run. */
  kind: 'unchanged' | 'planned' | 'done' | 'failed'
  /** null: it could not be read. */
  setup: RepositorySetup | null
  /** The pull request that is open now; null: none. */
  pullRequest: SetupPullRequest | null
  /** Why it is not done completely; null: it is. */
  failure: Failure | null
}

/** What is shown of `orch setup`. */
export interface SetupReport {
  isDryRun: boolean
  isRemoval: boolean
  /** In the order of the graph; the repository of the graph file comes last if it builds nothing. */
  results: readonly SetupResult[]
}

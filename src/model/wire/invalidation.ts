import type { ChangePullRequestJson, FailureJson, HeadJson, JsonVersion, RepositoryName } from './common.js'

/** A pull request and what the invalidation did to it. */
export interface InvalidatedPullRequestJson extends ChangePullRequestJson {
  branch: string
  /** `planned`: a dry run; `unchanged`: it was invalidated before. */
  result: 'invalidated' | 'unchanged' | 'planned' | 'failed'
  failure: FailureJson | null
}

/** A repository whose pull requests could not be read. */
export interface UnreadableRepositoryJson {
  repository: RepositoryName
  failure: FailureJson
}

/** Successes of ours on commits that were heads of the branch before: pushing one of them again would unlock it. */
export interface EarlierHeadsJson {
  /** The heads that were set back to `pending`. */
  locked: readonly HeadJson[]
  /** What could not be read or locked. */
  failures: readonly FailureJson[]
}

/** The document of `orch invalidate --json`. */
export interface InvalidationJson {
  version: JsonVersion
  id: string
  /** null: every branch that matches `branches`. */
  branch: string | null
  reason: string
  isDryRun: boolean
  /**
   * Why `--if-changed` locked nothing. `green`: the change is green; `no-success`: no open pull request has a success. null: the pull
   * requests were to be locked.
   */
  noLockReason: 'green' | 'no-success' | null
  pullRequests: readonly InvalidatedPullRequestJson[]
  unreadable: readonly UnreadableRepositoryJson[]
  earlierHeads: EarlierHeadsJson
}

import type { FailureJson, JsonVersion, RepositoryName } from './common.js'

/** The document of `orch pass --json`. */
export interface PassJson {
  version: JsonVersion
  repository: RepositoryName
  /** Number of the pull request. */
  number: number
  /**
   * `passed`: success was posted; `unchanged`: it was there before; `coordinated`: the pull request is part of a change; `shared-head`: a pull
   * request of a change has the same head commit; `closed`: it is not open; `other-repository`: the repository is not part of the graph.
   */
  result: 'passed' | 'unchanged' | 'coordinated' | 'shared-head' | 'closed' | 'other-repository' | 'failed'
  /** Head of the pull request, 40 hex digits; null: not read. */
  headSha: string | null
  /** Branch of the change that the pull request is part of; null: it is part of none. */
  branch: string | null
  /** Number of the pull request of a change with the same head; null: there is none. */
  sharedWith: number | null
  failure: FailureJson | null
}

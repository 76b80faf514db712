/** A status context that a branch requires of pull requests. */
export interface RequiredStatus {
  context: string
  /** Only what this GitHub App reports counts; null: anybody who may write statuses can post it. */
  appId: number | null
  /** The ruleset that requires it; null: the classic protection of the branch does. */
  rulesetId: number | null
}

/** The active rules of a branch, of the repository and of its organization. */
export interface BranchRules {
  requiredStatuses: readonly RequiredStatus[]
  /** Pull requests are merged only by a merge queue. */
  hasMergeQueue: boolean
}

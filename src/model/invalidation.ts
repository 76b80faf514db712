import type { PullRequest } from './change.js'
import type { Failure } from './failure.js'
import type { EarlierHeads } from './build/state/verification.js'
import type { RepoName } from './repo-name.js'

/** The result of an invalidation for one pull request. */
export interface InvalidatedPullRequest {
  repo: RepoName
  pullRequest: PullRequest
  /** `unchanged`: its newest status is already an invalidation's `pending`. `planned`: a dry run. */
  result: { kind: 'invalidated' | 'unchanged' | 'planned' } | { kind: 'failed'; failure: Failure }
}

/**
 * Why an invalidation that depends on the state of the change locked nothing. `green`: the change is green. `no-success`: no open pull request
 * has a success, so that all are locked.
 */
export type NoLockReason = 'green' | 'no-success'

/** The result of `orch invalidate`. */
export interface Invalidation {
  id: string
  /** The requested branch; null: every branch that matches `branches`. */
  branch: string | null
  reason: string
  isDryRun: boolean
  /** null: the pull requests were to be locked. */
  noLockReason: NoLockReason | null
  pullRequests: readonly InvalidatedPullRequest[]
  /** Repositories whose pull requests could not be read. */
  unreadable: readonly { repo: RepoName; failure: Failure }[]
  /** Successes of ours on earlier heads of these branches; empty for a dry run. */
  earlierHeads: EarlierHeads
}

import type { PullRequest } from './change.js'
import type { Failure } from './failure.js'
import type { EarlierHeads } from './build/orchestration.js'
import type { RepoName } from './repo-name.js'

/** What an invalidation did, or would do, to one pull request. */
export interface InvalidatedPullRequest {
  repo: RepoName
  pullRequest: PullRequest
  /** `unchanged`: its newest status is already an invalidation's `pending`. `planned`: a dry run. */
  result: { kind: 'invalidated' | 'unchanged' | 'planned' } | { kind: 'failed'; failure: Failure }
}

/** `orch invalidate` from start to end. */
export interface Invalidation {
  id: string
  /** The one branch asked for, or null: every branch that matches `branches`. */
  branch: string | null
  reason: string
  isDryRun: boolean
  pullRequests: readonly InvalidatedPullRequest[]
  /** Repositories whose pull requests could not be read. */
  unreadable: readonly { repo: RepoName; failure: Failure }[]
  /** What became of successes of ours on commits that were heads of these branches before; nothing with a dry run. */
  earlierHeads: EarlierHeads
}

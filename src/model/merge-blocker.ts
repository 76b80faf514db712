import type { PullRequest } from './change.js'
import type { Graph } from './graph.js'
import { repoKey } from './repo-name.js'
import type { RepoName } from './repo-name.js'

/**
 * Why a tested set cannot be merged as a set (law 10). `draft`, `conflict` (with its base) and `unknown` (GitHub has not computed
 * whether it can be merged) belong to a pull request; `no-pull-request` belongs to a member with commits of its own.
 */
export interface MergeBlocker {
  kind: 'draft' | 'conflict' | 'unknown' | 'no-pull-request'
  repo: RepoName
  /** The number of the pull request; null: the member has none. */
  number: number | null
  /** The base of the pull request; null: the member has none. */
  baseRef: string | null
}

/** A member as the plan or a later reading shows it. */
interface MemberPulls {
  repo: RepoName
  pullRequests: readonly PullRequest[]
  isAhead?: boolean
}

/**
 * What prevents the merge of one member with the others: its open pull requests, or that it has none, if the graph file says so. A draft
 * may also conflict with its base.
 */
export function blockersOf(graph: Graph, { repo, pullRequests, isAhead }: MemberPulls): MergeBlocker[] {
  if (pullRequests.length === 0 && isAhead === true && graph.membersWithoutPullRequest === 'hold') {
    return [{ kind: 'no-pull-request', repo, number: null, baseRef: null }]
  }
  return pullRequests.flatMap(({ number, baseRef, isDraft, mergeability = 'unknown' }) => {
    const blocker = { repo, number, baseRef }
    const draft: MergeBlocker[] = isDraft ? [{ kind: 'draft', ...blocker }] : []
    if (mergeability === 'conflicting') return [...draft, { kind: 'conflict' as const, ...blocker }]
    // A draft holds the set anyway, so nothing waits for its mergeability.
    return mergeability === 'unknown' && !isDraft ? [{ kind: 'unknown' as const, ...blocker }] : draft
  })
}

/** The blockers that will not go away by waiting. */
export function definiteBlockers(blockers: readonly MergeBlocker[]): MergeBlocker[] {
  return blockers.filter(({ kind }) => kind !== 'unknown')
}

/** `acme/repoD#1 is a draft`: one clause for a reader. */
export function describeBlocker({ kind, repo, number, baseRef }: MergeBlocker): string {
  switch (kind) {
    case 'draft':
      return `${repo}#${number} is a draft`
    case 'conflict':
      return `${repo}#${number} conflicts with ${baseRef}`
    case 'unknown':
      return `GitHub has not computed whether ${repo}#${number} can be merged`
    case 'no-pull-request':
      return `${repo} has no pull request`
  }
}

function shorten({ kind, baseRef }: MergeBlocker): string {
  switch (kind) {
    case 'draft':
      return 'draft'
    case 'conflict':
      return `conflicts with ${baseRef}`
    case 'unknown':
      return 'mergeability unknown'
    case 'no-pull-request':
      return 'no pull request'
  }
}

/**
 * `repoD#1: draft, repoE: no pull request`, for the 140 characters of a commit status. The owner is left out where all repositories of
 * the graph have the same.
 */
export function shortenBlockers(blockers: readonly MergeBlocker[], repositories: readonly RepoName[]): string {
  const owners = new Set(repositories.map((repo) => repoKey(repo).split('/')[0]))
  return blockers
    .map((blocker) => {
      const { repo, number } = blocker
      const name = owners.size === 1 ? repo.slice(repo.indexOf('/') + 1) : repo
      return `${name}${number === null ? '' : `#${number}`}: ${shorten(blocker)}`
    })
    .join(', ')
}

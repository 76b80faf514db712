import type { Finding, Orchestration, PostsOfHead, PostState } from '../../../model/build/orchestration.js'
import { Tally } from '../../../lib/persistent-map.js'
import type { Plan, StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import { isPostDone, needsClosing } from './posts.js'

/** How the posts of all targets stand, counted. Places are those of the plan's targets; -1: there is none. */
export interface PostTally {
  /** Targets whose claim still needs a request. */
  claimsMissing: number
  claimsRequested: number
  /** The first target whose claim failed or was withheld. */
  firstRefusedClaim: number
  firstUnclaimed: number
  /** Claims after which an older orchestration spoke. */
  overtaken: number
  /** Heads that still need the post of a last round. */
  missing: { closing: number; revoke: number }
}

const postTally = new Tally<PostsOfHead, PostTally>({
  empty: () => ({
    claimsMissing: 0,
    claimsRequested: 0,
    firstRefusedClaim: -1,
    firstUnclaimed: -1,
    overtaken: 0,
    missing: { closing: 0, revoke: 0 },
  }),
  count: (sum, posts, index) => {
    const claim = posts?.claim
    if (!isPostDone(claim)) sum.claimsMissing += 1
    if (claim?.phase === 'requested') sum.claimsRequested += 1
    if (isRefused(claim) && sum.firstRefusedClaim < 0) sum.firstRefusedClaim = index
    if (claim === undefined && sum.firstUnclaimed < 0) sum.firstUnclaimed = index
    if (isOvertaken(claim)) sum.overtaken += 1
    if (needsClosing(posts, 'closing')) sum.missing.closing += 1
    if (needsClosing(posts, 'revoke')) sum.missing.revoke += 1
  },
  add: (sum, part) => {
    sum.claimsMissing += part.claimsMissing
    sum.claimsRequested += part.claimsRequested
    if (sum.firstRefusedClaim < 0) sum.firstRefusedClaim = part.firstRefusedClaim
    if (sum.firstUnclaimed < 0) sum.firstUnclaimed = part.firstUnclaimed
    sum.overtaken += part.overtaken
    sum.missing.closing += part.missing.closing
    sum.missing.revoke += part.missing.revoke
  },
})

/** Costs little after a change of few posts, however many there are. */
export function tallyPosts({ posts }: Orchestration): PostTally {
  return posts.tally(postTally)
}

function isRefused(post: PostState | undefined): boolean {
  return post?.phase === 'failed' || post?.phase === 'withheld'
}

/** What a process that is gone had asked for is not: who is to take it back would post it once more. */
export function isInFlight(post: PostState | undefined): boolean {
  return post?.phase === 'requested' && !post.isOrphaned
}

export function isOvertaken(post: PostState | undefined): boolean {
  return post?.phase === 'posted' && post.isOvertaken
}

/** How the successes stand on the targets that still have an open pull request. */
export interface SuccessTally {
  open: number
  /** Targets whose success still needs a request. */
  missing: number
  /** Those of them that this process has asked for already. */
  inFlight: number
  /** The first target that cannot be unlocked. */
  firstRefused: number
}

/** By what was merged: a new reading is a new question. */
const successTallies = new WeakMap<readonly Finding[], { plan: Plan; tally: Tally<PostsOfHead, SuccessTally> }>()

/** @param merged pull requests that were merged meanwhile at their tested commits */
export function tallySuccesses({ plan, posts }: Orchestration, merged: readonly Finding[]): SuccessTally {
  const known = successTallies.get(merged)
  if (known?.plan === plan) return posts.tally(known.tally)
  const tally = new Tally<PostsOfHead, SuccessTally>({
    empty: () => ({ open: 0, missing: 0, inFlight: 0, firstRefused: -1 }),
    count: (sum, rounds, index) => {
      const target = plan.targets[index]
      if (target && isOpen(target, merged)) countSuccess(sum, rounds?.success, index)
    },
    add: (sum, part) => {
      sum.open += part.open
      sum.missing += part.missing
      sum.inFlight += part.inFlight
      if (sum.firstRefused < 0) sum.firstRefused = part.firstRefused
    },
  })
  successTallies.set(merged, { plan, tally })
  return posts.tally(tally)
}

function countSuccess(sum: SuccessTally, success: PostState | undefined, index: number): void {
  sum.open += 1
  if (!isPostDone(success)) sum.missing += 1
  if (isInFlight(success)) sum.inFlight += 1
  if (isRefused(success) && sum.firstRefused < 0) sum.firstRefused = index
}

const mergedCounts = new WeakMap<readonly Finding[], ReadonlyMap<string, number>>()

/** Whether the target still has an open pull request: one branch may have several, and only some of them merged. */
export function isOpen({ repo, pullRequests }: StatusTarget, merged: readonly Finding[]): boolean {
  return (countMerged(merged).get(repoKey(repo)) ?? 0) < pullRequests.length
}

function countMerged(merged: readonly Finding[]): ReadonlyMap<string, number> {
  const known = mergedCounts.get(merged)
  if (known) return known
  const counts = new Map<string, number>()
  for (const { repo } of merged) counts.set(repoKey(repo), (counts.get(repoKey(repo)) ?? 0) + 1)
  mergedCounts.set(merged, counts)
  return counts
}

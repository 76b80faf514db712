import type { Orchestration } from '../../../model/build/orchestration.js'
import type { PostsOfHead, PostState } from '../../../model/build/state/post-state.js'
import type { Finding } from '../../../model/build/state/verification.js'
import { Tally } from '../../../lib/persistent-map.js'
import type { Plan, StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import { isPostDone, isRepeated, needsClosing } from './posts.js'

/** Counts of the posts of all targets by state. Indexes are those of the plan's targets; -1 if there is none. */
export interface PostTally {
  /** Targets whose claim still needs a request. */
  claimsMissing: number
  claimsRequested: number
  /** Missing claims that failed and are posted again. */
  claimsRepeated: number
  /** The first target whose claim failed or was withheld. After the deadline of the orchestration no claim is repeated. */
  firstFailedClaim: number
  /** The same, without the claims that are repeated. */
  firstRefusedClaim: number
  firstUnclaimed: number
  /** Claims that an older orchestration has overwritten. */
  overtaken: number
  /** Heads that still need the post of a final round. */
  missing: { closing: number; revoke: number }
}

const postTally = new Tally<PostsOfHead, PostTally>({
  empty: () => ({
    claimsMissing: 0,
    claimsRequested: 0,
    claimsRepeated: 0,
    firstFailedClaim: -1,
    firstRefusedClaim: -1,
    firstUnclaimed: -1,
    overtaken: 0,
    missing: { closing: 0, revoke: 0 },
  }),
  count: (sum, posts, index) => {
    const claim = posts?.claim
    if (!isPostDone(claim)) sum.claimsMissing += 1
    if (claim?.phase === 'requested') sum.claimsRequested += 1
    if (isRepeated(claim)) sum.claimsRepeated += 1
    if ((isRefused(claim) || isRepeated(claim)) && sum.firstFailedClaim < 0) sum.firstFailedClaim = index
    if (isRefused(claim) && sum.firstRefusedClaim < 0) sum.firstRefusedClaim = index
    if (claim === undefined && sum.firstUnclaimed < 0) sum.firstUnclaimed = index
    if (isOvertaken(claim)) sum.overtaken += 1
    if (needsClosing(posts, 'closing')) sum.missing.closing += 1
    if (needsClosing(posts, 'revoke')) sum.missing.revoke += 1
  },
  add: (sum, part) => {
    sum.claimsMissing += part.claimsMissing
    sum.claimsRequested += part.claimsRequested
    sum.claimsRepeated += part.claimsRepeated
    if (sum.firstFailedClaim < 0) sum.firstFailedClaim = part.firstFailedClaim
    if (sum.firstRefusedClaim < 0) sum.firstRefusedClaim = part.firstRefusedClaim
    if (sum.firstUnclaimed < 0) sum.firstUnclaimed = part.firstUnclaimed
    sum.overtaken += part.overtaken
    sum.missing.closing += part.missing.closing
    sum.missing.revoke += part.missing.revoke
  },
})

/** The cost depends on the number of posts that changed since the last call, not on the number of posts. */
export function tallyPosts({ posts }: Orchestration): PostTally {
  return posts.tally(postTally)
}

function isRefused(post: PostState | undefined): boolean {
  return (post?.phase === 'failed' && !isRepeated(post)) || post?.phase === 'withheld'
}

/** Whether this process has requested the post. An orphaned post is not in flight: revoking it must not post it again. */
export function isInFlight(post: PostState | undefined): boolean {
  return post?.phase === 'requested' && !post.isOrphaned
}

export function isOvertaken(post: PostState | undefined): boolean {
  return post?.phase === 'posted' && post.isOvertaken
}

/** Counts of the successes on the targets that still have an open pull request. */
export interface SuccessTally {
  open: number
  /** Targets whose success still needs a request. */
  missing: number
  /** Missing successes that this process has already requested. */
  inFlight: number
  /** The first target that cannot be unlocked. */
  firstRefused: number
  /** Successes that this process requested, or another one whose request failed: their heads may be unlocked. */
  begun: number
  /** When the latest of the successes that are repeated failed, ms, UTC; -Infinity: none is repeated. */
  failedAt: number
  /** When the first of them is due again, ms, UTC; Infinity: none is repeated. */
  repeatAt: number
}

/** Tallies by the list of merged pull requests, which each reading replaces. */
const successTallies = new WeakMap<readonly Finding[], { plan: Plan; tally: Tally<PostsOfHead, SuccessTally> }>()

/** @param merged pull requests that were merged at their tested commits since the plan */
export function tallySuccesses({ plan, posts }: Orchestration, merged: readonly Finding[]): SuccessTally {
  const known = successTallies.get(merged)
  if (known?.plan === plan) return posts.tally(known.tally)
  const tally = new Tally<PostsOfHead, SuccessTally>({
    empty: () => ({
      open: 0,
      missing: 0,
      inFlight: 0,
      firstRefused: -1,
      begun: 0,
      failedAt: -Infinity,
      repeatAt: Infinity,
    }),
    count: (sum, rounds, index) => {
      const target = plan.targets[index]
      if (target && isOpen(target, merged)) countSuccess(sum, rounds?.success, index)
    },
    add: (sum, part) => {
      sum.open += part.open
      sum.missing += part.missing
      sum.inFlight += part.inFlight
      if (sum.firstRefused < 0) sum.firstRefused = part.firstRefused
      sum.begun += part.begun
      sum.failedAt = Math.max(sum.failedAt, part.failedAt)
      sum.repeatAt = Math.min(sum.repeatAt, part.repeatAt)
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
  if (success !== undefined && !(success.phase === 'requested' && success.isOrphaned)) sum.begun += 1
  if (!isRepeated(success)) return
  sum.failedAt = Math.max(sum.failedAt, success.repetition.failedAt)
  sum.repeatAt = Math.min(sum.repeatAt, success.repetition.nextAt)
}

const mergedCounts = new WeakMap<readonly Finding[], ReadonlyMap<string, number>>()

/** Whether the target still has an open pull request. A branch may have several pull requests, of which only some are merged. */
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

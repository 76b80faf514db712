import { isAuthFailure } from '../../../../model/failure.js'
import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import { deadlineOf } from '../../../../model/build/orchestration.js'
import type { TargetRule } from '../rules.js'
import type { DecisionClock } from '../decision-clock.js'
import { isUnlockedAlready, postOf } from '../../state/posts.js'
import { tallyPosts } from '../../state/post-tally.js'
import type { PostTally } from '../../state/post-tally.js'

/** `posted`: every head of the change's pull requests has our `pending`, so builds may start. */
export type ClaimDecision = { kind: 'post'; rule: TargetRule } | { kind: 'failed'; ending: Ending } | { kind: 'posted' }

/** Decides the claims: `pending` is posted on every head of the change's pull requests before anything is dispatched. */
export function decideClaims(orchestration: Orchestration, clock: DecisionClock): ClaimDecision {
  const { targets } = orchestration.plan
  if (isUnlockedAlready(orchestration)) return { kind: 'posted' }
  const tally = tallyPosts(orchestration)
  const isLate = clock.isDue(deadlineOf(orchestration))
  if (countAwaited(tally, isLate) > 0) {
    // A resumed orchestration must not reclaim a change that another one claimed while it was down.
    const over = orchestration.isResumed ? 'own-or-planned' : 'anything'
    return { kind: 'post', rule: { kind: 'claim', isLate, over } }
  }
  const refused = targets[isLate ? tally.firstFailedClaim : tally.firstRefusedClaim]
  if (refused) {
    const claim = postOf(orchestration, refused, 'claim')
    if (claim?.phase === 'withheld') {
      const reason = `another writer claimed ${refused.repo}: ${claim.reason}`
      return { kind: 'failed', ending: { outcome: 'superseded', reason, auth: false } }
    }
    if (claim?.phase !== 'failed') throw new Error(`the claim of ${refused.repo} was not refused`)
    const reason = `nothing was built, because ${refused.repo} could not be locked: ${claim.failure.message}`
    return { kind: 'failed', ending: { outcome: 'unknown', reason, auth: isAuthFailure(claim.failure) } }
  }
  const unclaimed = targets[tally.firstUnclaimed]
  if (!unclaimed) return { kind: 'posted' }
  const reason = `nothing was built, because the orchestration timed out before ${unclaimed.repo} was locked`
  return { kind: 'failed', ending: { outcome: 'timed-out', reason, auth: false } }
}

/** The number of claims that are still to be posted or answered. Once one head cannot be locked, no claim of another one is repeated. */
function countAwaited(tally: PostTally, isLate: boolean): number {
  if (isLate) return tally.claimsRequested
  return tally.firstRefusedClaim >= 0 ? tally.claimsMissing - tally.claimsRepeated : tally.claimsMissing
}

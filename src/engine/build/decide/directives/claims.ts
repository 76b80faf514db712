import { isAuthFailure } from '../../../../model/failure.js'
import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import { deadlineOf } from '../../../../model/build/orchestration.js'
import type { StatusTarget } from '../../../../model/build/plan.js'
import type { TargetRule } from '../rules.js'
import type { DecisionClock } from '../decision-clock.js'
import { indexPlan } from '../../state/plan-index.js'
import { isUnlockedAlready, postOf } from '../../state/posts.js'
import { tallyPosts } from '../../state/post-tally.js'
import type { PostTally } from '../../state/post-tally.js'

/** `posted`: every head of the change's pull requests has our `pending`, so builds may start. */
export type ClaimDecision = { kind: 'post'; rule: TargetRule } | { kind: 'failed'; ending: Ending } | { kind: 'posted' }

/**
 * Decides the claims: `pending` is posted on every head of the change's pull requests before anything is dispatched. Heads can join only
 * after that, and their claims delay no job (`decideLaterClaims`).
 */
export function decideClaims(orchestration: Orchestration, clock: DecisionClock): ClaimDecision {
  const { targets } = orchestration.plan
  if (isUnlockedAlready(orchestration) || indexPlan(orchestration.plan).hasJoined) return { kind: 'posted' }
  const tally = tallyPosts(orchestration)
  const isLate = clock.isDue(deadlineOf(orchestration))
  if (countAwaited(tally, isLate) > 0) {
    // A resumed orchestration must not reclaim a change that another one claimed while it was down.
    const over = orchestration.isResumed ? 'own-or-planned' : 'anything'
    return { kind: 'post', rule: { kind: 'claim', isLate, over } }
  }
  const refused = targets[isLate ? tally.firstFailedClaim : tally.firstRefusedClaim]
  if (refused) return { kind: 'failed', ending: refusedEnding(orchestration, refused, 'nothing was built') }
  const unclaimed = targets[tally.firstUnclaimed]
  if (!unclaimed) return { kind: 'posted' }
  const reason = `nothing was built, because the orchestration timed out before ${unclaimed.repo} was locked`
  return { kind: 'failed', ending: { outcome: 'timed-out', reason, auth: false } }
}

/** Decides the claims while jobs run and after them: of heads that joined, and of heads on which an older orchestration has posted. */
export function decideLaterClaims(orchestration: Orchestration): TargetRule {
  const { overtaken, claimsMissing } = tallyPosts(orchestration)
  const isJoining = claimsMissing > 0 && indexPlan(orchestration.plan).hasJoined
  return { kind: overtaken > 0 || isJoining ? 'claim-later' : 'rest' }
}

/** The ending of a tested change with a head that joined and could not be claimed; null: there is none. */
export function refusedJoin(orchestration: Orchestration): Ending | null {
  const { plan } = orchestration
  const refused = indexPlan(plan).hasJoined ? plan.targets[tallyPosts(orchestration).firstRefusedClaim] : undefined
  return refused ? refusedEnding(orchestration, refused, 'every build succeeded, but nothing is unlocked') : null
}

function refusedEnding(orchestration: Orchestration, target: StatusTarget, result: string): Ending {
  const { repo } = target
  const claim = postOf(orchestration, target, 'claim')
  if (claim?.phase === 'withheld') {
    return { outcome: 'superseded', reason: `another writer claimed ${repo}: ${claim.reason}`, auth: false }
  }
  if (claim?.phase !== 'failed') throw new Error(`the claim of ${repo} was not refused`)
  const reason = `${result}, because ${repo} could not be locked: ${claim.failure.message}`
  return { outcome: 'unknown', reason, auth: isAuthFailure(claim.failure) }
}

/** The number of claims that are still to be posted or answered. Once one head cannot be locked, no claim of another one is repeated. */
function countAwaited(tally: PostTally, isLate: boolean): number {
  if (isLate) return tally.claimsRequested
  return tally.firstRefusedClaim >= 0 ? tally.claimsMissing - tally.claimsRepeated : tally.claimsMissing
}

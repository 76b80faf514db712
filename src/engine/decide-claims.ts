import { isAuthFailure } from '../model/failure.js'
import type { Ending, Orchestration } from '../model/orchestration.js'
import { deadlineOf } from '../model/orchestration.js'
import type { Action } from './actions.js'
import { isPostDone, isUnlockedAlready, postableAt, postOf } from './posts.js'
import type { StatusTarget } from '../model/plan.js'

/** `posted`: every head of the change's pull requests carries our `pending`, so that builds may start. */
export type ClaimDecision =
  { kind: 'post'; actions: Action[] } | { kind: 'failed'; ending: Ending } | { kind: 'posted' }

/** Heads on which an older orchestration spoke last are claimed once more. */
export function decideClaimsAgain(orchestration: Orchestration, now: number): Action[] {
  const overtaken = orchestration.plan.targets.filter((target) => {
    const post = postOf(orchestration, target, 'claim')
    return post?.phase === 'posted' && post.isOvertaken
  })
  return overtaken.map((target) => claim(orchestration, target, 'own', now))
}

function claim(
  orchestration: Orchestration,
  target: StatusTarget,
  over: 'anything' | 'own' | 'own-or-planned',
  now: number,
): Action {
  const { plan } = orchestration
  const { repo, headSha } = target
  const at = postableAt(orchestration, target, now)
  const count = plan.jobs.filter(({ action }) => action === 'run').length
  const text = `building ${count} ${count === 1 ? 'job' : 'jobs'} of ${plan.branch}`
  return { type: 'post-status', at, repo, headSha, round: 'claim', state: 'pending', text, over, urgent: false }
}

/** The claim comes first: `pending` on every head of the change's pull requests, before anything is dispatched. */
export function decideClaims(orchestration: Orchestration, now: number): ClaimDecision {
  const { targets } = orchestration.plan
  if (isUnlockedAlready(orchestration)) return { kind: 'posted' }
  const isLate = now >= deadlineOf(orchestration)
  const missing = targets.filter((target) => {
    const claim = postOf(orchestration, target, 'claim')
    return isLate ? claim?.phase === 'requested' : !isPostDone(claim)
  })
  if (missing.length > 0) {
    // Whoever was away does not take a change back from somebody who came meanwhile.
    const over = orchestration.isResumed ? 'own-or-planned' : 'anything'
    return { kind: 'post', actions: missing.map((target) => claim(orchestration, target, over, now)) }
  }
  for (const target of targets) {
    const claim = postOf(orchestration, target, 'claim')
    if (claim?.phase === 'withheld') {
      const reason = `somebody else took ${target.repo} over: ${claim.reason}`
      return { kind: 'failed', ending: { outcome: 'superseded', reason, auth: false } }
    }
    if (claim?.phase !== 'failed') continue
    const { failure } = claim
    const reason = `nothing was built, because ${target.repo} could not be locked: ${failure.message}`
    return { kind: 'failed', ending: { outcome: 'unknown', reason, auth: isAuthFailure(failure) } }
  }
  const unclaimed = targets.find((target) => postOf(orchestration, target, 'claim') === undefined)
  if (!unclaimed) return { kind: 'posted' }
  const reason = `nothing was built, because the time for the whole orchestration was up before ${unclaimed.repo} was locked`
  return { kind: 'failed', ending: { outcome: 'timed-out', reason, auth: false } }
}

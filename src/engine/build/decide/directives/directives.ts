import type { Orchestration } from '../../../../model/build/orchestration.js'
import { decideClaims } from './claims.js'
import type { ClaimDecision } from './claims.js'
import { decideEnding } from './closing.js'
import { decideInterrupted } from './interrupted.js'
import { supersededBy } from '../../state/findings.js'
import { deadlineOf } from '../../../../model/build/orchestration.js'
import { mayPostJobStatuses, withJobStatuses } from '../job/job-status.js'
import { decideUnlocking } from './unlocking.js'
import { tallyJobs } from '../../state/job-tally.js'
import type { JobTally } from '../../state/job-tally.js'
import type { DecisionClock } from '../decision-clock.js'
import { idle } from '../rules.js'
import type { Directives, GlobalAction, JobRule, TargetRule } from '../rules.js'
import { tallyPosts } from '../../state/post-tally.js'
import { isUnlockedAlready } from '../../state/posts.js'
import { decideWatch, isInDoubt } from './superseding.js'
import { refusedToken } from '../../state/token-refusal.js'
import { stopOf, verdictOf } from './verdict.js'

/**
 * Decides the directives of the orchestration. Called after every event: must be O(1) in the graph size. It reads tallies and cached
 * results, and never visits all jobs or heads.
 */
export function decideDirectives(orchestration: Orchestration, clock: DecisionClock): Directives {
  const { interrupted, ending, isSuspended } = orchestration
  if (ending || isSuspended) return idle()
  if (interrupted && interrupted.cause !== 'cancel') return decideInterrupted(orchestration, interrupted, clock)
  const refusal = refusedToken(orchestration)
  if (refusal) return idle({ type: 'suspend', at: clock.now, failure: refusal })
  const claims = interrupted ? noClaims : decideClaims(orchestration, clock)
  if (claims.kind === 'post') return { ...idle(), targets: claims.rule }
  const tally = tallyJobs(orchestration)
  if (claims.kind === 'failed') {
    return tally.unsettled > 0
      ? { ...idle(), jobs: unstarted(tally) }
      : decideEnding(orchestration, claims.ending, clock.now)
  }
  const earlier = interrupted ? [] : decideEarlierHeads(orchestration, clock.now)
  if (tally.unsettled > 0) return decideBuilding(orchestration, tally, earlier, clock)
  const readBefore = rereadingBefore(orchestration, tally, clock)
  if (tally.unexplained > 0 || earlier.length > 0 || tally.failedReadAt < readBefore)
    return { ...idle(...earlier), jobs: { kind: 'explain', readBefore } }
  return withJobStatuses(decideLast(orchestration, clock), orchestration, clock)
}

/** A reading of a failed run is not repeated before the verdict if it ended at most this long before the last build did, ms. */
const recentReadingMs = 5_000

/**
 * Failed runs whose latest reading ended before this time, ms, UTC, are read once more before the verdict, because a person may have re-run
 * them. -Infinity: a success of them would change nothing.
 */
function rereadingBefore(orchestration: Orchestration, tally: JobTally, clock: DecisionClock): number {
  const isDecided =
    orchestration.interrupted !== null ||
    tally.beyondRerun > 0 ||
    supersededBy(orchestration).length > 0 ||
    clock.isDue(deadlineOf(orchestration))
  return isDecided ? -Infinity : tally.lastSettledAt - recentReadingMs
}

/** Decides once every job is settled: success is posted on all heads or on none. */
function decideLast(orchestration: Orchestration, clock: DecisionClock): Directives {
  const verdict = verdictOf(orchestration)
  if (verdict) return decideEnding(orchestration, verdict, clock.now)
  const claimsAgain = decideClaimsAgain(orchestration)
  return claimsAgain.kind === 'rest' ? decideUnlocking(orchestration, clock.now) : { ...idle(), targets: claimsAgain }
}

/** No more heads are claimed in a change whose builds are cancelled. */
const noClaims: ClaimDecision = { kind: 'posted' }

function unstarted(tally: JobTally): JobRule {
  const stop = { reason: 'not started', cancel: 'fail-fast', obsolete: null } as const
  return { kind: 'build', stop, isWatched: tally.beyondRerun === 0, isHeld: false, explains: false, records: false }
}

function decideBuilding(
  orchestration: Orchestration,
  tally: JobTally,
  earlier: readonly GlobalAction[],
  clock: DecisionClock,
): Directives {
  const stop = stopOf(orchestration, clock)
  const watch = stop ? null : decideWatch(orchestration, clock.now)
  const isWatched = tally.beyondRerun === 0
  const records = mayPostJobStatuses(orchestration, clock)
  return {
    jobs: { kind: 'build', stop, isWatched, isHeld: isInDoubt(orchestration), explains: true, records },
    targets: stop ? { kind: 'rest' } : decideClaimsAgain(orchestration),
    global: [...(watch ? [watch] : []), ...earlier],
  }
}

/** Heads whose newest status is of an older orchestration are claimed again. */
function decideClaimsAgain(orchestration: Orchestration): TargetRule {
  return { kind: tallyPosts(orchestration).overtaken > 0 ? 'claim-again' : 'rest' }
}

/** An orchestration that claims a change also locks the earlier heads that were unlocked before. */
function decideEarlierHeads(orchestration: Orchestration, now: number): GlobalAction[] {
  const { options, plan, earlierHeads } = orchestration
  if (isUnlockedAlready(orchestration) || !options.postStatus || plan.targets.length === 0 || earlierHeads !== null)
    return []
  return [{ type: 'lock-earlier-heads', at: now }]
}

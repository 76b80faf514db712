import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type { VerificationResult, VerificationState } from '../../../../model/build/state/verification.js'
import { repositoriesOf } from '../../../../model/graph.js'
import { definiteBlockers, describeBlocker, shortenBlockers } from '../../../../model/merge-blocker.js'
import type { Directives } from '../rules.js'
import { closeOrFinish } from './closing.js'

type Blocked = Extract<VerificationResult, { kind: 'blocked' }>

/** The time for which GitHub may compute whether a pull request can be merged, from the first reading that found it unknown, ms. */
export const mergeabilityTimeoutMs = 60_000

/** When to read the change again because mergeability is still being computed, ms, UTC; null: the set is held. */
export function rereadAt({ nextAt, unknownSince, readAt }: VerificationState, { blockers }: Blocked): number | null {
  if (unknownSince === null || definiteBlockers(blockers).length > 0) return null
  const deadline = unknownSince + mergeabilityTimeoutMs
  return readAt >= deadline ? null : Math.min(nextAt, deadline)
}

/**
 * Ends an orchestration whose builds all succeeded, but whose set cannot be merged as a set (law 10): every pull request stays locked, or
 * is locked again, and its status says what it waits for.
 */
export function decideHold(
  orchestration: Orchestration,
  round: 'closing' | 'revoke',
  blocked: Blocked,
  now: number,
): Directives {
  const text = (): string => {
    return `tested; waits for ${shortenBlockers(blocked.blockers, repositoriesOf(orchestration.plan.graph))}`
  }
  return closeOrFinish(orchestration, { round, state: 'pending', text }, heldEnding(blocked), now)
}

function heldEnding({ blockers, merged }: Blocked): Ending {
  const why = blockers.map(describeBlocker).join('; ')
  if (merged.length > 0) {
    const already = merged.map(({ message }) => message).join('; ')
    return { outcome: 'partially-merged', reason: `${already}, but the rest stays locked: ${why}`, auth: false }
  }
  return { outcome: 'held', reason: `every build succeeded, but no pull request is unlocked: ${why}`, auth: false }
}

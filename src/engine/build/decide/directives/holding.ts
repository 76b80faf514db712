import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type { Plan } from '../../../../model/build/plan.js'
import type { Finding, VerificationResult, VerificationState } from '../../../../model/build/state/verification.js'
import { repositoriesOf } from '../../../../model/graph.js'
import { heldText } from '../../../../model/held-status.js'
import { definiteBlockers, describeBlocker } from '../../../../model/merge-blocker.js'
import type { Directives } from '../rules.js'
import { decideClosing, decideRevocation } from './closing.js'
import { partialEnding } from './partial-merge.js'

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
 * @param isBegun whether a success was posted or requested, which must be revoked
 */
export function decideHold(
  orchestration: Orchestration,
  { blockers, merged }: Blocked,
  isBegun: boolean,
  now: number,
): Directives {
  const text = (): string => heldText(blockers, repositoriesOf(orchestration.plan.graph))
  const why = blockers.map(describeBlocker).join('; ')
  const held: Ending = {
    outcome: 'held',
    reason: `every build succeeded, but no pull request is unlocked: ${why}`,
    auth: false,
  }
  if (isBegun) return decideRevocation(orchestration, held, now, text)
  const ending = merged.length === 0 ? held : partlyMerged(orchestration.plan, merged, why)
  return decideClosing(orchestration, { state: 'pending', text }, ending, now)
}

/** Some pull requests were merged, and the rest, or a member that has none, is held. */
function partlyMerged(plan: Plan, merged: readonly Finding[], why: string): Ending {
  const rest = `the rest stays locked: ${why}`
  const already = merged.map(({ message }) => message).join('; ')
  const whole: Ending = { outcome: 'partially-merged', reason: `${already}, but ${rest}`, auth: false }
  return partialEnding(plan, merged, rest) ?? whole
}

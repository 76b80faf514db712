import type { StatusState } from '../../../../model/change.js'
import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type { Directives } from '../rules.js'
import { idle } from '../rules.js'
import { withUnreached } from './endings.js'
import { tallyPosts } from '../../state/post-tally.js'

/**
 * Ends without success: every head that has our `pending` gets the outcome, then the orchestration finishes.
 * A head whose newest status is no longer ours is not changed, because another writer is responsible for it.
 */
export function decideEnding(orchestration: Orchestration, ending: Ending, now: number): Directives {
  const state = ending.outcome === 'failed' ? 'failure' : 'error'
  return closeOrFinish(orchestration, { round: 'closing', state, text: () => ending.reason }, ending, now)
}

/** Revokes success on every head that has it or may have it, then finishes. */
export function decideRevocation(orchestration: Orchestration, ending: Ending, now: number): Directives {
  const text = (): string => `revoked: ${ending.reason}`
  return closeOrFinish(orchestration, { round: 'revoke', state: 'pending', text }, ending, now)
}

/** Posts the last status on every head that has our `pending`, then finishes. */
export function closeOrFinish(
  orchestration: Orchestration,
  { round, state, text }: { round: 'closing' | 'revoke'; state: StatusState; text: () => string },
  ending: Ending,
  now: number,
): Directives {
  if (tallyPosts(orchestration).missing[round] === 0) {
    return idle({ type: 'finish', at: now, ending: () => withUnreached(orchestration, ending) })
  }
  return { ...idle(), targets: { kind: 'close', round, state, text, urgentFrom: null } }
}

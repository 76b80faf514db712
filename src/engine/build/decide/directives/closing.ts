import type { StatusState } from '../../../../model/change.js'
import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type { Finding } from '../../../../model/build/state/verification.js'
import type { Directives } from '../rules.js'
import { idle } from '../rules.js'
import { withUnreached } from './endings.js'
import { decideLastReading } from './partial-merge.js'
import { tallyPosts, tallySuccesses } from '../../state/post-tally.js'

/**
 * Ends without success: every head that has our `pending` gets the outcome, then the orchestration finishes.
 * A head whose newest status is no longer ours is not changed, because another writer is responsible for it.
 */
export function decideEnding(orchestration: Orchestration, ending: Ending, now: number): Directives {
  const state = ending.outcome === 'failed' ? 'failure' : 'error'
  return decideClosing(orchestration, { state, text: () => ending.reason }, ending, now)
}

/** Posts the last status on every head that has our `pending`, then finishes. */
export function decideClosing(
  orchestration: Orchestration,
  last: { state: StatusState; text: () => string },
  ending: Ending,
  now: number,
): Directives {
  return close(orchestration, { round: 'closing', ...last }) ?? finish(orchestration, ending, now)
}

/**
 * Revokes success on every head that has it or may have it, reads which pull requests were merged before, then finishes. A success that
 * is in flight must not arrive after the status that revokes it.
 * @param text the description of the status that revokes it
 */
export function decideRevocation(
  orchestration: Orchestration,
  ending: Ending,
  now: number,
  text = (): string => `revoked: ${ending.reason}`,
): Directives {
  if (tallySuccesses(orchestration, noneMerged).inFlight > 0) {
    return { ...idle(), targets: { kind: 'success', merged: noneMerged, onlyInFlight: true, onlyBegun: true } }
  }
  const closing = close(orchestration, { round: 'revoke', state: 'pending', text })
  if (closing) return closing
  const last = decideLastReading(orchestration, ending, now)
  return last.kind === 'verify' ? idle(last.action) : finish(orchestration, last.ending, now)
}

const noneMerged: readonly Finding[] = []

/** The posts of a final round; null if every head has its post. */
function close(
  orchestration: Orchestration,
  { round, state, text }: { round: 'closing' | 'revoke'; state: StatusState; text: () => string },
): Directives | null {
  if (tallyPosts(orchestration).missing[round] === 0) return null
  return { ...idle(), targets: { kind: 'close', round, state, text, urgentFrom: null } }
}

function finish(orchestration: Orchestration, ending: Ending, now: number): Directives {
  return idle({ type: 'finish', at: now, ending: () => withUnreached(orchestration, ending) })
}

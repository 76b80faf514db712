import type { StatusState } from '../../../../model/change.js'
import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type { Finding } from '../../../../model/build/state/verification.js'
import type { Directives } from '../rules.js'
import { idle } from '../rules.js'
import { withUnreached } from './endings.js'
import { decideLastReading } from './partial-merge.js'
import { tallyPosts, tallySuccesses } from '../../state/post-tally.js'

/** The status that every head gets at the end. */
export interface LastStatus {
  state: StatusState
  /** Computed only where it is posted. */
  text: () => string
}

function lastStatusOf({ outcome, reason }: Ending): LastStatus {
  return { state: outcome === 'failed' ? 'failure' : 'error', text: () => reason }
}

/**
 * Ends without success: every head that has our `pending` gets the outcome, then the orchestration finishes.
 * A head whose newest status is no longer ours is not changed, because another writer is responsible for it.
 */
export function decideEnding(
  orchestration: Orchestration,
  ending: Ending,
  now: number,
  last: LastStatus = lastStatusOf(ending),
): Directives {
  const closing = close(orchestration, { round: 'closing', ...last })
  return closing ?? finish(orchestration, ending, now)
}

/**
 * Revokes success on every head that has it or may have it, reads which pull requests were merged meanwhile, then finishes. A success that
 * is in flight must not arrive after the status that revokes it.
 */
export function decideRevocation(
  orchestration: Orchestration,
  ending: Ending,
  now: number,
  text: () => string = () => `revoked: ${ending.reason}`,
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
  { round, state, text }: { round: 'closing' | 'revoke' } & LastStatus,
): Directives | null {
  if (tallyPosts(orchestration).missing[round] === 0) return null
  return { ...idle(), targets: { kind: 'close', round, state, text, urgentFrom: null } }
}

function finish(orchestration: Orchestration, ending: Ending, now: number): Directives {
  return idle({ type: 'finish', at: now, ending: () => withUnreached(orchestration, ending) })
}

import type { StatusState } from '../../../model/change.js'
import type { Ending, Orchestration } from '../../../model/build/orchestration.js'
import type { StatusTarget } from '../../../model/build/plan.js'
import type { Directives } from './rules.js'
import { idle } from './rules.js'
import { postOf } from '../state/posts.js'
import { tallyPosts } from '../state/post-tally.js'

/**
 * Ends without success: every head that carries our `pending` gets the outcome, then the orchestration finishes.
 * A head whose newest status is not ours any more is left alone: somebody else speaks for it now.
 */
export function decideEnding(orchestration: Orchestration, ending: Ending, now: number): Directives {
  const state = ending.outcome === 'failed' ? 'failure' : 'error'
  return closeOrFinish(orchestration, { round: 'closing', state, text: ending.reason }, ending, now)
}

/** Takes a success back on every head that has it or may have it, then finishes. */
export function decideRevocation(orchestration: Orchestration, ending: Ending, now: number): Directives {
  const text = `taken back: ${ending.reason}`
  return closeOrFinish(orchestration, { round: 'revoke', state: 'pending', text }, ending, now)
}

function closeOrFinish(
  orchestration: Orchestration,
  { round, state, text }: { round: 'closing' | 'revoke'; state: StatusState; text: string },
  ending: Ending,
  now: number,
): Directives {
  if (tallyPosts(orchestration).missing[round] === 0) {
    return idle({ type: 'finish', at: now, ending: () => withUnreached(orchestration, ending) })
  }
  return { ...idle(), targets: { kind: 'close', round, state, text: () => text, urgentFrom: null } }
}

/** An ending that also says which heads the last word did not reach; whatever may be unlocked is said first. */
export function withUnreached(orchestration: Orchestration, ending: Ending): Ending {
  const { targets, branch } = orchestration.plan
  const unreached = targets.filter(
    (target) => postOf(orchestration, target, 'claim') && !hasLastWord(orchestration, target),
  )
  const unlocked = unreached.filter((target) => postOf(orchestration, target, 'success') !== undefined)
  const locked = unreached.filter((target) => postOf(orchestration, target, 'success') === undefined)
  const names = (list: readonly StatusTarget[]): string =>
    list.map(({ repo, headSha }) => `${repo}@${headSha.slice(0, 7)}`).join(', ')
  const parts = [ending.reason]
  if (unlocked.length > 0) parts.push(`${names(unlocked)} may be unlocked: run orch invalidate ${branch}`)
  if (locked.length > 0) parts.push(`the status on ${names(locked)} still says pending`)
  return { ...ending, reason: parts.join('; ') }
}

/** Whether a closing status was posted, or somebody else's stands in its place. */
function hasLastWord(orchestration: Orchestration, target: StatusTarget): boolean {
  return (['closing', 'revoke'] as const).some((round) => {
    const phase = postOf(orchestration, target, round)?.phase
    return phase === 'posted' || phase === 'withheld'
  })
}

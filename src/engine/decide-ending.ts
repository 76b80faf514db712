import type { StatusState } from '../model/change.js'
import type { Ending, Orchestration, PostRound } from '../model/orchestration.js'
import type { Action } from './actions.js'
import type { StatusTarget } from '../model/plan.js'
import { isPostDone, postableAt, postOf } from './posts.js'

/**
 * Ends without success: every head that carries our `pending` gets the outcome, then the orchestration finishes.
 * A head whose newest status is not ours any more is left alone: somebody else speaks for it now.
 */
export function decideEnding(orchestration: Orchestration, ending: Ending, now: number): Action[] {
  const state: StatusState = ending.outcome === 'failed' ? 'failure' : 'error'
  const missing = closings(orchestration, 'closing', state, ending.reason, now)
  return missing.length > 0 ? missing : [{ type: 'finish', at: now, ending: withUnreached(orchestration, ending) }]
}

/** Takes a success back on every head that has it or may have it, then finishes. */
export function decideRevocation(orchestration: Orchestration, ending: Ending, now: number): Action[] {
  const missing = closings(orchestration, 'revoke', 'pending', `taken back: ${ending.reason}`, now)
  return missing.length > 0 ? missing : [{ type: 'finish', at: now, ending: withUnreached(orchestration, ending) }]
}

/** The posts of a last round that are still to be made. */
export function closings(
  orchestration: Orchestration,
  round: Extract<PostRound, 'closing' | 'revoke'>,
  state: StatusState,
  text: string,
  now: number,
): Action[] {
  return orchestration.plan.targets
    .filter((target) => {
      // A claim that failed may have been taken all the same, so its head is closed too.
      const touched = postOf(orchestration, target, 'claim') !== undefined
      return touched && !isPostDone(postOf(orchestration, target, round))
    })
    .map((target) => ({
      type: 'post-status',
      at: postableAt(orchestration, target, now),
      repo: target.repo,
      headSha: target.headSha,
      round,
      state,
      text,
      over: 'own',
      urgent: false,
    }))
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

import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type { StatusTarget } from '../../../../model/build/plan.js'
import { postOf } from '../../state/posts.js'

/** Adds to an ending the heads that have no final status. Heads that may be unlocked come first. */
export function withUnreached(orchestration: Orchestration, ending: Ending): Ending {
  const { targets, branch } = orchestration.plan
  const unreached = targets.filter(
    (target) => postOf(orchestration, target, 'claim') && !hasFinalStatus(orchestration, target),
  )
  const unlocked = unreached.filter((target) => postOf(orchestration, target, 'success') !== undefined)
  const locked = unreached.filter((target) => postOf(orchestration, target, 'success') === undefined)
  const names = (list: readonly StatusTarget[]): string =>
    list.map(({ repo, headSha }) => `${repo}@${headSha.slice(0, 7)}`).join(', ')
  const parts = [ending.reason]
  if (unlocked.length > 0) parts.push(`${names(unlocked)} may be unlocked: run orch invalidate ${branch}`)
  const isOne = locked.length === 1
  if (locked.length > 0)
    parts.push(`the ${isOne ? 'status' : 'statuses'} on ${names(locked)} ${isOne ? 'is' : 'are'} still pending`)
  return { ...ending, reason: parts.join('; ') }
}

/** Whether the final status was posted, or withheld because another writer replaced our status. */
function hasFinalStatus(orchestration: Orchestration, target: StatusTarget): boolean {
  return (['closing', 'revoke'] as const).some((round) => {
    const phase = postOf(orchestration, target, round)?.phase
    return phase === 'posted' || phase === 'withheld'
  })
}

/** The ending of an interrupted orchestration. It names the runs that may still be active. */
export function interruptedEnding(
  orchestration: Orchestration,
  interrupted: NonNullable<Orchestration['interrupted']>,
): Ending {
  if (interrupted.cause === 'journal') {
    const reason = `the journal could not be written (${interrupted.signal}), so its runs were cancelled`
    return { outcome: 'unknown', reason, auth: false }
  }
  const reason = `interrupted by ${interrupted.signal}; ${describeRemainingRuns(orchestration)}`
  return { outcome: 'cancelled', reason, auth: false }
}

const remainingRunsTexts = new WeakMap<Orchestration['jobs'], string>()

/** Cached, because it is called for each closing status while the jobs no longer change. */
function describeRemainingRuns({ jobs }: Orchestration): string {
  const known = remainingRunsTexts.get(jobs)
  if (known !== undefined) return known
  const left: string[] = []
  for (const [job, state] of jobs) {
    const isUnclear = state.phase === 'settled' && state.outcome === 'unknown'
    if (['running', 'dispatching', 'searching'].includes(state.phase) || isUnclear) left.push(job)
  }
  const text =
    left.length === 0
      ? 'its runs were cancelled'
      : `it is not known whether ${left.length === 1 ? 'this run was' : 'these runs were'} cancelled: ${left.join(', ')}`
  remainingRunsTexts.set(jobs, text)
  return text
}

import type { Ending, Orchestration, RunningJob } from '../model/orchestration.js'
import { repoKey } from '../model/repo-name.js'
import type { Action } from './actions.js'
import { closings, withUnreached } from './decide-ending.js'
import { judgeCancelled } from './judge.js'

/** From the signal to the end, ms: a cancelled CI job is killed after ten seconds, so five are the bound. */
const longestClosing = 4_500
/** Without a signal nobody kills us: a lost journal leaves time to close everything, ms. */
const patientClosing = 10 * 60_000
/** For the cancels, before the statuses are posted in any case, ms. */
const cancelsFirst = 2_500

/** After a cancel request that failed, ms. */
const cancelAgainAfter = 300

type Interruption = NonNullable<Orchestration['interrupted']>

/** After a signal: cancel what runs, before anything else; then close the statuses; then finish, done or not. */
export function decideInterrupted(orchestration: Orchestration, interrupted: Interruption, now: number): Action[] {
  const closingTime = interrupted.cause === 'journal' ? patientClosing : longestClosing
  const last: Action = {
    type: 'finish',
    at: interrupted.at + closingTime,
    ending: withUnreached(orchestration, interruptedEnding(orchestration, interrupted)),
  }
  if (now >= last.at) return [last]
  const { actions, isOpen } = endJobs(orchestration, now)
  const closing = closings(orchestration, 'closing', 'error', interruptedEnding(orchestration, interrupted).reason, now)
  if (actions.length === 0 && !isOpen && closing.length === 0) return [{ ...last, at: now }]
  const notBefore = isOpen ? interrupted.at + cancelsFirst : now
  const sendable = closing
    .filter((action) => action.type === 'post-status' && !isPosting(orchestration, action.repo))
    .map((action) => ({ ...action, at: Math.max(now, notBefore), urgent: true }))
  return [...actions, ...sendable, last]
}

/** Cancels and settlements; `isOpen` while a run or a dispatch is not settled. */
function endJobs(orchestration: Orchestration, now: number): { actions: Action[]; isOpen: boolean } {
  const actions: Action[] = []
  let isOpen = false
  for (const [job, state] of orchestration.jobs) {
    if (state.phase === 'dispatching' || state.phase === 'running') isOpen = true
    if (state.phase === 'waiting') {
      actions.push({ type: 'settle', at: now, job, outcome: 'not-run', reason: 'not started: interrupted before' })
    }
    if (state.phase === 'searching') {
      const reason = `whether a run started cannot be told: ${state.failure.message}`
      actions.push({ type: 'settle', at: now, job, outcome: 'unknown', reason })
    }
    if (state.phase === 'running') actions.push(endRun(job, state, now, orchestration.interrupted?.at ?? now))
  }
  return { actions, isOpen }
}

/** The answer to the cancel settles the job, for there is no time to watch the run end; one that fails is sent again while there is time. */
function endRun(job: string, { runId, cancel }: RunningJob, now: number, interruptedAt: number): Action {
  if (cancel && cancel.answeredAt !== null) return { type: 'settle', at: now, job, ...judgeCancelled(cancel.reason) }
  const again = (cancel?.failedAt ?? now) + cancelAgainAfter
  if (cancel && cancel.failedAt !== null && again > interruptedAt + cancelsFirst) {
    return {
      type: 'settle',
      at: now,
      job,
      outcome: 'unknown',
      reason: 'its run could not be cancelled and may still be going',
    }
  }
  const at = cancel && cancel.failedAt !== null ? again : now
  return { type: 'cancel', at, job, runId, reason: cancel?.reason ?? 'interrupted', force: false, urgent: true }
}

/** A claim or a success that is on its way must not land after the closing status. */
function isPosting(orchestration: Orchestration, repo: string): boolean {
  const posts = orchestration.posts.get(repoKey(repo))
  return [posts?.claim, posts?.success].some((post) => post?.phase === 'requested' && !post.isOrphaned)
}

/** The end of what was interrupted: which runs it leaves, if any. */
export function interruptedEnding(orchestration: Orchestration, interrupted: Interruption): Ending {
  if (interrupted.cause === 'journal') {
    const reason = `the journal could not be written (${interrupted.signal}), so that what ran was cancelled`
    return { outcome: 'unknown', reason, auth: false }
  }
  const reason = `interrupted by ${interrupted.signal}; ${runsLeft(orchestration)}`
  return { outcome: 'cancelled', reason, auth: false }
}

function runsLeft(orchestration: Orchestration): string {
  const left: string[] = []
  for (const [job, state] of orchestration.jobs) {
    const isUnclear = state.phase === 'settled' && state.outcome === 'unknown'
    if (['running', 'dispatching', 'searching'].includes(state.phase) || isUnclear) left.push(job)
  }
  return left.length === 0
    ? 'its runs were cancelled'
    : `whether these runs were cancelled is not known: ${left.join(', ')}`
}

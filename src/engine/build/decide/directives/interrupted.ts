import { assertNever } from '../../../../lib/assert-never.js'
import type { Orchestration } from '../../../../model/build/orchestration.js'
import type { JobState, RunningJob } from '../../../../model/build/state/job-state.js'
import type { Action } from '../actions.js'
import { interruptedEnding, withUnreached } from './endings.js'
import { tallyJobs } from '../../state/job-tally.js'
import { judgeCancelled } from '../job/judge.js'
import type { DecisionClock } from '../decision-clock.js'
import { idle } from '../rules.js'
import type { GlobalAction, Directives } from '../rules.js'
import { tallyPosts } from '../../state/post-tally.js'

/** The time from the signal to the end, ms. A cancelled CI job is killed after ten seconds, so the orchestration must end within five. */
const closingTimeoutMs = 4_500
/** The same after a lost journal, ms: without a signal the process is not killed, so it has time to close everything. */
const journalLostTimeoutMs = 10 * 60_000
/** The time reserved for the cancels, ms. After it the statuses are posted even if cancels are still open. */
const cancelWindowMs = 2_500

/** The delay after a failed cancel request, ms. */
const cancelRetryDelayMs = 300

/** After a signal: cancels the runs first, then closes the statuses, then finishes, even if some of this failed. */
export function decideInterrupted(
  orchestration: Orchestration,
  interrupted: NonNullable<Orchestration['interrupted']>,
  clock: DecisionClock,
): Directives {
  const timeoutMs = interrupted.cause === 'journal' ? journalLostTimeoutMs : closingTimeoutMs
  const finishAt = (at: number): GlobalAction => ({
    type: 'finish',
    at,
    ending: () => withUnreached(orchestration, interruptedEnding(orchestration, interrupted)),
  })
  const latest = interrupted.at + timeoutMs
  if (clock.isDue(latest)) return idle(finishAt(latest))
  const { unsettled, open } = tallyJobs(orchestration)
  if (unsettled === 0 && tallyPosts(orchestration).missing.closing === 0) return idle(finishAt(clock.now))
  const text = (): string => interruptedEnding(orchestration, interrupted).reason
  const urgentFrom = open > 0 ? interrupted.at + cancelWindowMs : interrupted.at
  return {
    jobs: { kind: 'end', since: interrupted.at },
    targets: { kind: 'close', round: 'closing', state: 'error', text, urgentFrom },
    global: [finishAt(latest)],
  }
}

/** Cancels or settles one job. */
export function endJob(job: string, state: JobState, interruptedAt: number, now: number): Action[] {
  switch (state.phase) {
    case 'waiting':
      return [
        { type: 'settle', at: now, job, outcome: 'not-run', reason: 'not started: the orchestration was interrupted' },
      ]
    case 'searching': {
      const reason = `it is not known whether a run started: ${state.failure.message}`
      return [{ type: 'settle', at: now, job, outcome: 'unknown', reason }]
    }
    case 'running':
      return [endRun(job, state, now, interruptedAt)]
    case 'dispatching':
    case 'settled':
      return []
    default:
      return assertNever(state)
  }
}

/** The answer to the cancel settles the job, because there is no time to watch the run end. A failed cancel is repeated while time remains. */
function endRun(job: string, { runId, cancel, awaited }: RunningJob, now: number, interruptedAt: number): Action {
  if (cancel && cancel.answeredAt !== null) {
    return { type: 'settle', at: now, job, ...judgeCancelled(cancel.reason, awaited) }
  }
  const again = (cancel?.failedAt ?? now) + cancelRetryDelayMs
  if (cancel && cancel.failedAt !== null && again > interruptedAt + cancelWindowMs) {
    return {
      type: 'settle',
      at: now,
      job,
      outcome: 'unknown',
      reason: 'its run could not be cancelled and may still be running',
    }
  }
  const at = cancel && cancel.failedAt !== null ? again : now
  return { type: 'cancel', at, job, runId, reason: cancel?.reason ?? 'interrupted', force: false, urgent: true }
}

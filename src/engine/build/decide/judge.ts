import type { RetryOn } from '../../../model/graph.js'
import type { CancelReason, JobOutcome } from '../../../model/build/orchestration.js'

/** How a completed run settles its job, and why, one clause. */
export interface Judgement {
  outcome: JobOutcome
  reason: string
}

/**
 * GitHub's conclusion, judged (law 9: only `success` is success; the table stands in docs/states.md).
 * @param cancelReason why we cancelled the run; null: we did not. GitHub's conclusion beats our cancel.
 */
export function judgeConclusion(conclusion: string, cancelReason: CancelReason | null): Judgement {
  switch (conclusion) {
    case 'success':
      return { outcome: 'succeeded', reason: 'its run succeeded' }
    case 'cancelled':
      return cancelReason === null
        ? { outcome: 'cancelled', reason: 'its run was cancelled on GitHub, not by this orchestration' }
        : judgeCancelled(cancelReason)
    case 'action_required':
    case 'stale':
      return { outcome: 'unknown', reason: `its run concluded ${conclusion}: a person has to look at it` }
    default:
      return { outcome: 'failed', reason: `its run concluded ${conclusion}` }
  }
}

/** Whether a completed run that we did not cancel is worth another attempt. What asks for a person is not. */
export function isRetriable(conclusion: string, retryOn: RetryOn): boolean {
  const isInfrastructure = ['startup_failure', 'timed_out', 'cancelled'].includes(conclusion)
  return isInfrastructure || (retryOn === 'any' && conclusion === 'failure')
}

/** How a job settles whose run ended, or would not end, after our cancel. */
export function judgeCancelled(reason: CancelReason): Judgement {
  switch (reason) {
    case 'job-timeout':
      return { outcome: 'timed-out', reason: 'its run was in progress for longer than timeout-minutes' }
    case 'queue-timeout':
      return { outcome: 'timed-out', reason: 'its run did not start within queue-timeout-minutes' }
    case 'timeout':
      return { outcome: 'timed-out', reason: 'the time for the whole orchestration was up' }
    case 'moved':
      return { outcome: 'moved', reason: 'its run was started for another commit than the planned one' }
    case 'fail-fast':
      return { outcome: 'cancelled', reason: 'cancelled because another build did not succeed' }
    case 'superseded':
      return { outcome: 'cancelled', reason: 'cancelled because the change moved' }
    case 'interrupted':
      return { outcome: 'cancelled', reason: 'cancelled because the orchestration was interrupted' }
  }
}

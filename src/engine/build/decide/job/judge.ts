import type { RetryOn } from '../../../../model/graph.js'
import { describeAwaited } from '../../../../model/build/state/awaited-approval.js'
import type { AwaitedApproval, CancelReason, JobOutcome } from '../../../../model/build/state/job-state.js'

/** The outcome with which a completed run settles its job, and the reason as one clause. */
export interface Judgement {
  outcome: JobOutcome
  reason: string
}

/**
 * Maps GitHub's conclusion to an outcome (law 9: only `success` is success; docs/states.md has the table).
 * @param cancelReason why we cancelled the run; null if we did not. GitHub's conclusion takes precedence over our cancel.
 * @param awaited what the run waited for when it was read last before its end; undefined: nothing, or this is not known
 */
export function judgeConclusion(
  conclusion: string,
  cancelReason: CancelReason | null,
  awaited?: AwaitedApproval,
): Judgement {
  switch (conclusion) {
    case 'success':
      return { outcome: 'succeeded', reason: 'its run succeeded' }
    case 'cancelled':
      return cancelReason === null
        ? { outcome: 'cancelled', reason: 'its run was cancelled on GitHub, not by this orchestration' }
        : judgeCancelled(cancelReason, awaited)
    case 'action_required':
    case 'stale':
      return { outcome: 'unknown', reason: `its run concluded ${conclusion}, which requires a person to act` }
    default:
      return { outcome: 'failed', reason: `its run concluded ${conclusion}${afterWait(awaited)}` }
  }
}

function afterWait(awaited: AwaitedApproval | undefined): string {
  return awaited ? ` after it waited ${describeAwaited(awaited.deployments)}` : ''
}

/** Whether a completed run that we did not cancel gets another attempt. A conclusion that requires a person does not. */
export function isRetriable(conclusion: string, retryOn: RetryOn): boolean {
  const isInfrastructure = ['startup_failure', 'timed_out', 'cancelled'].includes(conclusion)
  return isInfrastructure || (retryOn === 'any' && conclusion === 'failure')
}

/** The outcome of a job whose run ended after our cancel, or did not end despite it. */
export function judgeCancelled(reason: CancelReason, awaited?: AwaitedApproval): Judgement {
  switch (reason) {
    case 'job-timeout':
      return { outcome: 'timed-out', reason: 'its run was in progress for longer than timeout-minutes' }
    case 'queue-timeout':
      return { outcome: 'timed-out', reason: 'its run did not start within queue-timeout-minutes' }
    case 'approval-timeout': {
      const wait = `its run waited ${describeAwaited(awaited?.deployments ?? null)}`
      return { outcome: 'timed-out', reason: `${wait}, for longer than approval-timeout-minutes` }
    }
    case 'timeout': {
      const wait = awaited ? ` while its run waited ${describeAwaited(awaited.deployments)}` : ''
      return { outcome: 'timed-out', reason: `the orchestration timed out${wait}` }
    }
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

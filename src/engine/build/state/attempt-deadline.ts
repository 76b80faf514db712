import type { Job } from '../../../model/graph.js'
import type { CancelReason, RunningJob } from '../../../model/build/state/job-state.js'

/** The time, ms, UTC, at which a run that has not ended is cancelled, and the reason. */
export interface Deadline {
  at: number
  reason: CancelReason
}

/**
 * The deadline of the current run attempt; Infinity: only the orchestration ends it. Each attempt has its own deadline. While the run
 * waits for an approval, only the deadline of the approval runs, and the others are postponed by that time.
 */
export function attemptDeadline(
  { timeoutMs, queueTimeoutMs, approvalTimeoutMs = Infinity }: Timeouts,
  { attemptSince, observation: { inProgressSince, waitingSince, waitedMs } }: RunningJob,
): Deadline {
  if (waitingSince !== null) return { at: waitingSince + approvalTimeoutMs, reason: 'approval-timeout' }
  return inProgressSince === null
    ? { at: attemptSince + waitedMs + queueTimeoutMs, reason: 'queue-timeout' }
    : { at: inProgressSince + waitedMs + timeoutMs, reason: 'job-timeout' }
}

type Timeouts = Pick<Job, 'timeoutMs' | 'queueTimeoutMs' | 'approvalTimeoutMs'>

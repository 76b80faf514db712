import type { Job } from '../../../model/graph.js'
import type { CancelReason, RunningJob } from '../../../model/build/state/job-state.js'

/** The time, ms, UTC, at which a run that has not ended is cancelled, and the reason. */
export interface Deadline {
  at: number
  reason: CancelReason
}

/** The deadline of the current run attempt. Each attempt has its own deadline. */
export function attemptDeadline(
  { timeoutMs, queueTimeoutMs }: Pick<Job, 'timeoutMs' | 'queueTimeoutMs'>,
  { attemptSince, observation: { inProgressSince } }: RunningJob,
): Deadline {
  return inProgressSince === null
    ? { at: attemptSince + queueTimeoutMs, reason: 'queue-timeout' }
    : { at: inProgressSince + timeoutMs, reason: 'job-timeout' }
}

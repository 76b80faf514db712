import type { Job } from '../../../model/graph.js'
import type { CancelReason, RunningJob } from '../../../model/build/orchestration.js'

/** When a run that has not ended by then is cancelled, and why. `at`: ms, UTC. */
export interface Deadline {
  at: number
  reason: CancelReason
}

/** The deadline of the run attempt that goes on: it begins anew with each attempt. */
export function attemptDeadline(
  { timeoutMs, queueTimeoutMs }: Pick<Job, 'timeoutMs' | 'queueTimeoutMs'>,
  { attemptSince, observation: { inProgressSince } }: RunningJob,
): Deadline {
  return inProgressSince === null
    ? { at: attemptSince + queueTimeoutMs, reason: 'queue-timeout' }
    : { at: inProgressSince + timeoutMs, reason: 'job-timeout' }
}

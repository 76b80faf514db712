import type { Failure } from '../../../model/failure.js'
import type { DispatchingJob, RunningJob, SearchingJob } from '../../../model/build/state/job-state.js'
import { firstObservationDelay } from './delays.js'

/** The state of a job whose dispatch got no clear answer. */
export function searching(job: DispatchingJob, failure: Failure, at: number): SearchingJob {
  const { attempt, requestedAt, serverTime } = job
  return {
    phase: 'searching',
    attempt,
    requestedAt,
    serverTime,
    failure,
    since: at,
    listedAt: null,
    found: [],
    count: 0,
    nextAt: at + firstObservationDelay,
    lost: undefined,
  }
}

/** The state of a job whose run has just become known. */
export function running(
  job: Pick<DispatchingJob, 'attempt'>,
  event: { runId: number; url: string; at: number },
): RunningJob {
  return {
    phase: 'running',
    attempt: job.attempt,
    runId: event.runId,
    url: event.url,
    dispatchedAt: event.at,
    observation: {
      count: 0,
      triedAt: null,
      lastAt: null,
      run: null,
      inProgressSince: null,
      waitingSince: null,
      waitedMs: 0,
      absentSince: null,
      failure: null,
      nextAt: event.at + firstObservationDelay,
    },
    cancel: null,
    reruns: 0,
    rerun: null,
    isRestarted: undefined,
    attemptSince: event.at,
    inProgressAt: undefined,
    awaited: undefined,
    lost: undefined,
  }
}

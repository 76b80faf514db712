import { assertNever } from '../../../lib/assert-never.js'
import type { Event } from '../../../model/build/events.js'
import type { Failure } from '../../../model/failure.js'
import type { JobState, RunReuse, RunningJob, SettledJob } from '../../../model/build/state/job-state.js'
import type { BuiltRun } from '../../../model/build/plan.js'
import { isCompleted } from '../../../model/workflow-run.js'
import { running, searching } from './job-states.js'
import { changedObservation, changedRunning, changedSearching, changedSettled } from './changed.js'
import { keepLost, lostAfter, lostAfterDispatch, lostDispatchOf, withLost } from './lost-dispatch.js'
import { observed } from './observation.js'
import { firstObservationDelay, settledWatchDelay } from './delays.js'

/** An event of one job that changes no other job. */
export type JobEvent = Exclude<Extract<Event, { job: string }>, { type: 'run-restarted' }>

/** Returns a job after one event; throws for an event that could not have happened. */
export function applyToJob(job: JobState, event: JobEvent): JobState {
  return keepLost(change(job, event), lostDispatchOf(job))
}

function change(job: JobState, event: JobEvent): JobState {
  switch (event.type) {
    case 'dispatch-requested':
      return {
        phase: 'dispatching',
        attempt: event.attempt,
        requestedAt: event.at,
        serverTime: event.serverTime,
        reuse: 'reuse' in job ? job.reuse : undefined,
        lost: lostAfterDispatch(job, event),
      }
    case 'dispatch-accepted':
      return running(expectPhase(job, 'dispatching', event), event)
    case 'dispatch-refused':
      return settled(job, event.at, 'failed', reasonOfRefusal(job, event.failure), event.failure)
    case 'dispatch-ambiguous':
      return searching(expectPhase(job, 'dispatching', event), event.failure, event.at)
    case 'runs-listed': {
      const search = expectPhase(job, 'searching', event)
      const { found, at, nextAt } = event
      return changedSearching(search, { found, listedAt: at, count: search.count + 1, nextAt })
    }
    case 'earlier-runs-listed':
      return { phase: expectPhase(job, 'waiting', event).phase, reuse: reuseAfter(job, event, event.found) }
    case 'listing-failed': {
      if (job.phase === 'waiting') return { phase: job.phase, reuse: reuseAfter(job, event, job.reuse?.found ?? null) }
      const search = expectPhase(job, 'searching', event)
      const { failure, nextAt } = event
      return changedSearching(search, { failure, count: search.count + 1, nextAt })
    }
    case 'run-adopted':
      return running(job.phase === 'waiting' ? event : expectPhase(job, 'searching', event), event)
    case 'lost-runs-listed':
    case 'lost-run-cancelled':
      return withLost(job, lostAfter(lostDispatchOf(job), event))
    case 'run-observed':
    case 'run-absent':
    case 'observation-failed':
      // A settled job is polled only for a rerun by hand.
      if (job.phase === 'settled') return changedSettled(job, { nextAt: event.nextAt, readAt: event.at })
      return observed(expectPhase(job, 'running', event), event)
    case 'pending-deployments-read': {
      const { deployments, failure } = event
      return changedRunning(expectPhase(job, 'running', event), { awaited: { deployments, failure } })
    }
    case 'rerun-requested':
    case 'rerun-answered':
      return rerun(expectPhase(job, 'running', event), event)
    case 'cancel-requested':
    case 'cancel-answered':
    case 'cancel-failed':
      // The answer to a cancel may come after the job was settled by a reading.
      return job.phase === 'running' ? cancelled(job, event) : job
    case 'job-settled':
      if (event.built) return settledByEarlierRun(event, event.built)
      return settled(job, event.at, event.outcome, event.reason, null)
    case 'job-status-requested':
    case 'job-status-posted':
    case 'job-status-failed':
      return recorded(job, event)
    case 'failure-explained':
      return changedSettled(expectPhase(job, 'settled', event), { explanation: event.explanation })
    default:
      return assertNever(event)
  }
}

function reasonOfRefusal(job: JobState, { message }: Failure): string {
  const lost = lostDispatchOf(job)
  const unknown = lost ? `; it is not known whether attempt ${lost.search.attempt} started a run` : ''
  return `GitHub refused the dispatch: ${message}${unknown}`
}

function reuseAfter(
  job: JobState,
  event: Extract<JobEvent, { type: 'earlier-runs-listed' | 'listing-failed' }>,
  found: RunReuse['found'],
): RunReuse {
  const before = job.phase === 'waiting' ? job.reuse : undefined
  const { at, nextAt } = event
  const listedAt = event.type === 'earlier-runs-listed' ? at : (before?.listedAt ?? null)
  return { found, count: (before?.count ?? 0) + 1, since: before?.since ?? at, listedAt, triedAt: at, nextAt }
}

/** Returns a settled job to running after its run was restarted in another attempt. */
export function runAgain(job: SettledJob, { run, at, nextAt }: Extract<Event, { type: 'run-restarted' }>): RunningJob {
  const attempt = { attempt: job.attempt ?? 1 }
  const first = running(attempt, { runId: run.id, url: run.url, at })
  const { dispatchedAt, inProgressAt, reruns, lost } = job
  const kept = { dispatchedAt: dispatchedAt ?? at, reruns: reruns ?? 0, inProgressAt, lost }
  const started = changedRunning(first, { ...kept, isRestarted: true })
  return observed(started, { type: 'run-observed', run, at, nextAt })
}

type RerunEvent = Extract<Event, { type: 'rerun-requested' | 'rerun-answered' }>

/** A requested rerun starts soon, so the next reading is brought forward. */
function rerun(job: RunningJob, event: RerunEvent): RunningJob {
  const nextAt = event.at + firstObservationDelay
  if (event.type === 'rerun-requested') {
    const { fromAttempt, at } = event
    return changedRunning(job, {
      reruns: job.reruns + 1,
      rerun: { fromAttempt, requestedAt: at, refusal: null },
      observation: changedObservation(job.observation, { nextAt }),
    })
  }
  // A reading may have shown the new attempt before the answer arrived.
  if (!job.rerun || event.result !== 'refused') return job
  return changedRunning(job, { rerun: { ...job.rerun, refusal: event.failure } })
}

/** A cancelled run ends soon, so the next reading is brought forward, ms. */
const observationDelayAfterCancelMs = 2_000

type CancelEvent = Extract<Event, { type: 'cancel-requested' | 'cancel-answered' | 'cancel-failed' }>

function cancelled(job: RunningJob, event: CancelEvent): RunningJob {
  if (event.type === 'cancel-requested') {
    const { reason, requestedAt } = job.cancel ?? { reason: event.reason, requestedAt: event.at }
    const forcedAt = job.cancel?.forcedAt ?? (event.force ? event.at : null)
    return changedRunning(job, { cancel: { reason, requestedAt, forcedAt, answeredAt: null, failedAt: null } })
  }
  if (!job.cancel) throw new Error(`${event.type} without a request for ${event.job}`)
  if (event.type === 'cancel-failed') return changedRunning(job, { cancel: { ...job.cancel, failedAt: event.at } })
  const nextAt = Math.min(job.observation.nextAt, event.at + observationDelayAfterCancelMs)
  return changedRunning(job, {
    cancel: { ...job.cancel, answeredAt: event.at },
    observation: changedObservation(job.observation, { nextAt }),
  })
}

function settled(
  job: JobState,
  at: number,
  outcome: SettledJob['outcome'],
  reason: string,
  failure: SettledJob['failure'],
): SettledJob {
  if (job.phase === 'settled') throw new Error('a job settles only once')
  const running = job.phase === 'running' ? job : null
  const run = running?.observation.run ?? null
  return {
    phase: 'settled',
    outcome,
    reason,
    settledAt: at,
    attempt: job.phase === 'waiting' ? null : job.attempt,
    runId: running?.runId ?? null,
    runAttempt: run?.runAttempt ?? null,
    url: run?.url ?? running?.url ?? null,
    dispatchedAt: running?.dispatchedAt ?? ('requestedAt' in job ? job.requestedAt : null),
    inProgressAt: running?.inProgressAt,
    awaited: running?.awaited,
    cancelReason: running?.cancel?.reason,
    conclusion: run !== null && isCompleted(run) ? run.conclusion : undefined,
    failure: failure ?? running?.observation.failure ?? (job.phase === 'searching' ? job.failure : null),
    explanation: undefined,
    nextAt: running === null ? undefined : at + settledWatchDelay,
    readAt: running?.observation.triedAt ?? undefined,
    reruns: running?.reruns,
    record: undefined,
    lost: undefined,
  }
}

/** A fresh job relies on a run of an earlier orchestration. */
function settledByEarlierRun(
  { at, outcome, reason }: Extract<JobEvent, { type: 'job-settled' }>,
  built: BuiltRun,
): SettledJob {
  const { runId, url } = built
  const run = { attempt: null, runId, runAttempt: null, url, dispatchedAt: null }
  return { phase: 'settled', outcome, reason, settledAt: at, ...run, failure: null }
}

type RecordEvent = Extract<Event, { type: 'job-status-requested' | 'job-status-posted' | 'job-status-failed' }>

/** Ignores a job status of an earlier attempt: a user may have rerun the job by hand since the post was requested. */
function recorded(job: JobState, event: RecordEvent): JobState {
  if (job.phase !== 'settled' || job.runAttempt !== event.runAttempt) return job
  switch (event.type) {
    case 'job-status-requested':
      return changedSettled(job, { record: { phase: 'requested', at: event.at } })
    case 'job-status-posted':
      return changedSettled(job, { record: { phase: 'posted' } })
    case 'job-status-failed':
      return changedSettled(job, { record: { phase: 'failed', failure: event.failure } })
    default:
      return assertNever(event)
  }
}

function expectPhase<P extends JobState['phase']>(
  job: JobState,
  phase: P,
  event: JobEvent,
): Extract<JobState, { phase: P }> {
  if (job.phase !== phase) throw new Error(`${event.type} for ${event.job}, which is ${job.phase}`)
  return job as Extract<JobState, { phase: P }>
}

import type { Orchestration } from '../../../model/build/orchestration.js'
import type { Observation, RunningJob, SearchingJob, SettledJob } from '../../../model/build/state/job-state.js'

/*
 * Copies of the states that change most often, with some fields replaced. Each copy lists every field, so that all states of a kind share one
 * hidden class: V8 gives an object that is copied with a spread and gets a further property a class of its own, and then every read of its
 * fields is slow.
 */

export function changedOrchestration(before: Orchestration, changes: Partial<Orchestration>): Orchestration {
  const copy: Required<Orchestration> = {
    id: before.id,
    startedAt: before.startedAt,
    plan: before.plan,
    options: before.options,
    jobs: before.jobs,
    posts: before.posts,
    verifications: before.verifications,
    tokenRefusal: before.tokenRefusal,
    isSuspended: before.isSuspended,
    earlierHeads: before.earlierHeads,
    olderClaims: before.olderClaims,
    interrupted: before.interrupted,
    ending: before.ending,
    lastAt: before.lastAt,
    isResumed: before.isResumed,
    unattendedMs: before.unattendedMs,
  }
  return Object.assign(copy, changes)
}

export function changedRunning(job: RunningJob, changes: Partial<RunningJob>): RunningJob {
  const copy: Listed<RunningJob> = {
    phase: job.phase,
    attempt: job.attempt,
    runId: job.runId,
    url: job.url,
    dispatchedAt: job.dispatchedAt,
    observation: job.observation,
    cancel: job.cancel,
    reruns: job.reruns,
    rerun: job.rerun,
    isRestarted: job.isRestarted,
    attemptSince: job.attemptSince,
    inProgressAt: job.inProgressAt,
    awaited: job.awaited,
    lost: job.lost,
  }
  return Object.assign(copy, changes)
}

export function changedObservation(observation: Observation, changes: Partial<Observation>): Observation {
  const copy: Listed<Observation> = {
    count: observation.count,
    triedAt: observation.triedAt,
    lastAt: observation.lastAt,
    run: observation.run,
    inProgressSince: observation.inProgressSince,
    waitingSince: observation.waitingSince,
    waitedMs: observation.waitedMs,
    absentSince: observation.absentSince,
    failure: observation.failure,
    nextAt: observation.nextAt,
  }
  return Object.assign(copy, changes)
}

export function changedSearching(search: SearchingJob, changes: Partial<SearchingJob>): SearchingJob {
  const copy: Listed<SearchingJob> = {
    phase: search.phase,
    attempt: search.attempt,
    requestedAt: search.requestedAt,
    serverTime: search.serverTime,
    failure: search.failure,
    since: search.since,
    listedAt: search.listedAt,
    found: search.found,
    count: search.count,
    nextAt: search.nextAt,
    lost: search.lost,
  }
  return Object.assign(copy, changes)
}

export function changedSettled(job: SettledJob, changes: Partial<SettledJob>): SettledJob {
  const copy: Listed<SettledJob> = {
    phase: job.phase,
    outcome: job.outcome,
    reason: job.reason,
    settledAt: job.settledAt,
    attempt: job.attempt,
    runId: job.runId,
    runAttempt: job.runAttempt,
    url: job.url,
    dispatchedAt: job.dispatchedAt,
    inProgressAt: job.inProgressAt,
    awaited: job.awaited,
    cancelReason: job.cancelReason,
    conclusion: job.conclusion,
    failure: job.failure,
    explanation: job.explanation,
    nextAt: job.nextAt,
    readAt: job.readAt,
    reruns: job.reruns,
    record: job.record,
    lost: job.lost,
  }
  return Object.assign(copy, changes)
}

/** The type with every field listed, the optional ones too. */
type Listed<T> = { [Name in keyof Required<T>]: T[Name] }

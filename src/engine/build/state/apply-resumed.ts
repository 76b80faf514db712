import type { Failure } from '../../../model/failure.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { JobState, RunningJob } from '../../../model/build/state/job-state.js'
import type { PostRound, PostsOfHead, PostState } from '../../../model/build/state/post-state.js'
import { changedObservation, changedRunning, changedSearching, changedSettled } from './changed.js'
import { searching } from './job-states.js'
import { keepLost } from './lost-dispatch.js'
import { supersededBy } from './findings.js'

/** Adjusts the state that a killed process left: dispatches without an answer, overdue readings, and posts without an answer. */
export function resumed(before: Orchestration, at: number): Orchestration {
  const jobs = before.jobs.map((job) => resumedJob(job, at))
  const posts = before.posts.map((rounds) => orphaned(rounds, at))
  const interrupted = before.interrupted && { ...before.interrupted, at }
  const unattendedMs = before.unattendedMs + Math.max(0, at - before.lastAt)
  // Earlier verifications no longer count: the change is read again before any further post (law 6). A confirmed supersession stays,
  // because its runs were left for other orchestrations.
  const watch = before.verifications['while-building']
  const verifications = watch && supersededBy(before).length > 0 ? { 'while-building': watch } : {}
  return { ...before, jobs, posts, interrupted, unattendedMs, isResumed: true, isSuspended: false, verifications }
}

function orphaned(rounds: PostsOfHead, at: number): PostsOfHead {
  const result: Partial<Record<PostRound, PostState>> = { ...rounds }
  for (const round of ['claim', 'success', 'closing', 'revoke'] as const) {
    const post = rounds[round]
    if (post?.phase === 'requested') result[round] = { phase: 'requested', at: post.at, isOrphaned: true }
    // The time for repetitions starts again: nobody repeated the post while no process drove the orchestration.
    if (post?.phase === 'failed' && post.repetition) {
      result[round] = { ...post, repetition: { ...post.repetition, since: at, nextAt: at } }
    }
    // A process that lost its journal may have revoked its successes without an entry here, so all of them are posted again or none.
    // The time is 0 because the request was answered and cannot still be in flight.
    if (round === 'success' && post?.phase === 'posted') result[round] = { phase: 'requested', at: 0, isOrphaned: true }
    // The status of a held set says what it waits for. The next reading may show another reason or another end, so it is posted again.
    if ((round === 'closing' || round === 'revoke') && post?.phase === 'posted' && post.status.state === 'pending') {
      result[round] = { phase: 'requested', at: 0, isOrphaned: true }
    }
  }
  return result
}

const interruptedAnswer: Failure = {
  kind: 'network',
  message: 'the process that dispatched it ended before the answer came',
}

function resumedJob(job: JobState, at: number): JobState {
  if (job.phase === 'dispatching') return keepLost(searching(job, interruptedAnswer, at), job.lost)
  // Earlier runs may have changed, so they are read again.
  if (job.phase === 'waiting') return { phase: 'waiting' }
  if (job.phase === 'searching') return changedSearching(job, { since: at, nextAt: at })
  if (job.phase === 'running') return runningAgain(job, at)
  // It is unknown whether the job status was posted. It is posted again with the same content.
  return job.record?.phase === 'requested' ? changedSettled(job, { record: undefined }) : job
}

function runningAgain(job: RunningJob, at: number): RunningJob {
  return changedRunning(job, { observation: changedObservation(job.observation, { nextAt: at }) })
}

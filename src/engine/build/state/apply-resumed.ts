import type { Failure } from '../../../model/failure.js'
import type {
  JobState,
  Orchestration,
  PostRound,
  PostsOfHead,
  PostState,
  SettledJob,
} from '../../../model/build/orchestration.js'
import { searching } from './job-states.js'
import { supersededBy } from './findings.js'

/** A process that dies leaves dispatches without an answer, looks that are overdue, and posts half made. */
export function resumed(before: Orchestration, at: number): Orchestration {
  const jobs = before.jobs.map((job) => resumedJob(job, at))
  const posts = before.posts.map(orphaned)
  const interrupted = before.interrupted && { ...before.interrupted, at }
  const unattendedMs = before.unattendedMs + Math.max(0, at - before.lastAt)
  // What was verified before is not believed any more: nothing more is posted before it is read again (law 6). That it was
  // superseded stays: its runs were left for others.
  const watch = before.verifications['while-building']
  const verifications = watch && supersededBy(before).length > 0 ? { 'while-building': watch } : {}
  return { ...before, jobs, posts, interrupted, unattendedMs, isResumed: true, isSuspended: false, verifications }
}

function orphaned(rounds: PostsOfHead): PostsOfHead {
  const result: Partial<Record<PostRound, PostState>> = { ...rounds }
  for (const round of ['claim', 'success', 'closing', 'revoke'] as const) {
    const post = rounds[round]
    if (post?.phase === 'requested') result[round] = { ...post, isOrphaned: true }
    // A process whose journal was lost took its successes back without a trace here: they are posted again, all or none.
    // It was answered: nothing of it can still be on its way.
    if (round === 'success' && post?.phase === 'posted') result[round] = { phase: 'requested', at: 0, isOrphaned: true }
  }
  return result
}

const interruptedAnswer: Failure = {
  kind: 'network',
  message: 'the process that dispatched it ended before the answer came',
}

function resumedJob(job: JobState, at: number): JobState {
  if (job.phase === 'dispatching') return searching(job, interruptedAnswer, at)
  // What earlier runs do now is read anew.
  if (job.phase === 'waiting') return { phase: 'waiting' }
  if (job.phase === 'searching') return { ...job, since: at, nextAt: at }
  if (job.phase === 'running') return { ...job, observation: { ...job.observation, nextAt: at } }
  // Whether the status of a job was posted cannot be told: it is posted again, and says the same.
  if (job.record?.phase === 'requested') return withoutRecord(job)
  return job
}

function withoutRecord(job: SettledJob): SettledJob {
  const bare = { ...job }
  delete bare.record
  return bare
}

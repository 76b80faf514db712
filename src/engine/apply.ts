import { assertNever } from '../model/assert-never.js'
import type { Event } from '../model/events.js'
import type { Failure } from '../model/failure.js'
import type {
  DispatchingJob,
  JobState,
  Look,
  Orchestration,
  PostRound,
  PostState,
  RunningJob,
  SearchingJob,
  SettledJob,
} from '../model/orchestration.js'
import { repoKey } from '../model/repo-name.js'
import { isQueued } from '../model/workflow-run.js'
import { firstObservationDelay, settledWatchDelay } from './poll-schedule.js'
import { supersededBy } from './superseding.js'
import { countRefusals, undone } from './token-refusal.js'

/** The orchestration that a `started` event begins. */
export function begin(event: Extract<Event, { type: 'started' }>): Orchestration {
  return {
    id: event.id,
    startedAt: event.at,
    plan: event.plan,
    options: event.options,
    jobs: new Map(event.plan.jobs.map(({ job }) => [job, { phase: 'waiting' }])),
    posts: new Map(),
    verifications: {},
    tokenRefusal: null,
    isSuspended: false,
    earlierHeads: null,
    olderClaims: [],
    interrupted: null,
    ending: null,
    lastAt: event.at,
    isResumed: false,
    unattendedMs: 0,
  }
}

/** What did happen: the orchestration after one event. Pure; throws only for an event that could not have happened. */
export function apply(before: Orchestration, event: Event): Orchestration {
  const tokenRefusal = event.type === 'resumed' ? null : countRefusals(before.tokenRefusal, event)
  return { ...(undone(before, event) ?? change(before, event)), tokenRefusal, lastAt: event.at }
}

/** What a journal tells: the orchestration after all its events. Throws for a journal that no orchestration wrote. */
export function fold(events: readonly Event[]): Orchestration {
  const [first, ...rest] = events
  if (first?.type !== 'started') throw new Error('a journal begins with the start of its orchestration')
  return rest.reduce(apply, begin(first))
}

function change(before: Orchestration, event: Event): Orchestration {
  switch (event.type) {
    case 'started':
      throw new Error('an orchestration starts only once')
    case 'status-requested':
      return withPost(before, event, { phase: 'requested', at: event.at, isOrphaned: false })
    case 'status-posted':
      return withPost(before, event, { phase: 'posted', status: event.status, isOvertaken: false })
    case 'status-failed':
      return withPost(before, event, { phase: 'failed', failure: event.failure })
    case 'status-withheld':
      return withPost(before, event, { phase: 'withheld', reason: event.reason })
    case 'verified':
      return verified(before, event)
    case 'earlier-heads-locked':
      return { ...before, earlierHeads: { locked: event.locked, failures: event.failures } }
    case 'run-restarted':
      return restarted(before, event)
    case 'interrupted':
      return { ...before, interrupted: { signal: event.signal, cause: event.cause, at: event.at } }
    case 'suspended':
      return { ...before, isSuspended: true }
    case 'resumed':
      return resumed(before, event.at)
    case 'finished':
      return { ...before, ending: { outcome: event.outcome, reason: event.reason, auth: event.auth } }
    default:
      return withJob(before, event.job, (job) => applyToJob(job, event))
  }
}

function verified(before: Orchestration, event: Extract<Event, { type: 'verified' }>): Orchestration {
  const { stage, result, nextAt, at } = event
  const since = before.verifications[stage]?.since ?? at
  const count = (before.verifications[stage]?.count ?? 0) + 1
  const movedInARow = result.kind === 'moved' ? (before.verifications[stage]?.movedInARow ?? 0) + 1 : 0
  const state = { since, count, result, movedInARow, nextAt }
  const after = { ...before, verifications: { ...before.verifications, [stage]: state } }
  return result.kind === 'overtaken' ? overtaken(after, result) : after
}

function overtaken(
  before: Orchestration,
  { repos, by }: { repos: readonly string[]; by: readonly string[] },
): Orchestration {
  const posts = new Map(before.posts)
  for (const repo of repos) {
    const rounds = posts.get(repoKey(repo))
    if (rounds?.claim?.phase !== 'posted') continue
    posts.set(repoKey(repo), { ...rounds, claim: { ...rounds.claim, isOvertaken: true } })
  }
  return { ...before, posts, olderClaims: [...new Set([...before.olderClaims, ...by])] }
}

/** What did not start because of the failure may start after all. */
function restarted(before: Orchestration, event: Extract<Event, { type: 'run-restarted' }>): Orchestration {
  const jobs = new Map(before.jobs)
  const planned = new Map(before.plan.jobs.map(({ job, action }) => [job, action]))
  for (const [id, job] of before.jobs) {
    if (job.phase !== 'settled') continue
    if (id === event.job) jobs.set(id, runAgain(job, event))
    else if (job.outcome === 'not-run' && planned.get(id) === 'run') jobs.set(id, { phase: 'waiting' })
  }
  return { ...before, jobs }
}

type JobEvent = Exclude<Extract<Event, { job: string }>, { type: 'run-restarted' }>

function applyToJob(job: JobState, event: JobEvent): JobState {
  switch (event.type) {
    case 'dispatch-requested':
      return {
        phase: 'dispatching',
        attempt: event.attempt,
        requestedAt: event.at,
        serverTime: event.serverTime,
        ...('look' in job && job.look ? { look: job.look } : {}),
      }
    case 'dispatch-accepted':
      return running(expectPhase(job, 'dispatching', event), event)
    case 'dispatch-refused':
      return settled(job, event.at, 'failed', `GitHub refused the dispatch: ${event.failure.message}`, event.failure)
    case 'dispatch-ambiguous':
      return searching(expectPhase(job, 'dispatching', event), event.failure, event.at)
    case 'runs-listed': {
      const search = expectPhase(job, 'searching', event)
      return { ...search, found: event.found, listedAt: event.at, count: search.count + 1, nextAt: event.nextAt }
    }
    case 'earlier-runs-listed':
      return { ...expectPhase(job, 'waiting', event), look: looked(job, event, event.found) }
    case 'listing-failed': {
      if (job.phase === 'waiting') return { ...job, look: looked(job, event, job.look?.found ?? null) }
      const search = expectPhase(job, 'searching', event)
      return { ...search, failure: event.failure, count: search.count + 1, nextAt: event.nextAt }
    }
    case 'run-adopted':
      return running(job.phase === 'waiting' ? event : expectPhase(job, 'searching', event), event)
    case 'run-observed':
    case 'run-absent':
    case 'observation-failed':
      // A settled job is only watched for a re-run by hand.
      if (job.phase === 'settled') return { ...job, nextAt: event.nextAt }
      return observed(expectPhase(job, 'running', event), event)
    case 'rerun-requested':
    case 'rerun-answered':
      return rerun(expectPhase(job, 'running', event), event)
    case 'cancel-requested':
    case 'cancel-answered':
    case 'cancel-failed':
      // The answer to a cancel may come after the job was settled by a reading.
      return job.phase === 'running' ? cancelled(job, event) : job
    case 'job-settled':
      return settled(job, event.at, event.outcome, event.reason, null)
    case 'failure-explained':
      return { ...expectPhase(job, 'settled', event), explanation: event.explanation }
    default:
      return assertNever(event)
  }
}

function looked(job: JobState, event: { at: number; nextAt: number }, found: Look['found']): Look {
  const before = job.phase === 'waiting' ? job.look : undefined
  return { found, count: (before?.count ?? 0) + 1, since: before?.since ?? event.at, nextAt: event.nextAt }
}

/** A process that dies leaves dispatches without an answer, looks that are overdue, and posts half made. */
function resumed(before: Orchestration, at: number): Orchestration {
  const jobs = new Map([...before.jobs].map(([id, job]) => [id, resumedJob(job, at)] as const))
  const posts = new Map([...before.posts].map(([repo, rounds]) => [repo, orphaned(rounds)] as const))
  const interrupted = before.interrupted && { ...before.interrupted, at }
  const unattendedMs = before.unattendedMs + Math.max(0, at - before.lastAt)
  // What was verified before is not believed any more: nothing more is posted before it is read again (law 6). That it was
  // superseded stays: its runs were left for others.
  const watch = before.verifications['while-building']
  const verifications = watch && supersededBy(before).length > 0 ? { 'while-building': watch } : {}
  return { ...before, jobs, posts, interrupted, unattendedMs, isResumed: true, isSuspended: false, verifications }
}

function orphaned(rounds: Readonly<Partial<Record<PostRound, PostState>>>): Partial<Record<PostRound, PostState>> {
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
  return job
}

function searching(job: DispatchingJob, failure: Failure, at: number): SearchingJob {
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
  }
}

function running(job: Pick<DispatchingJob, 'attempt'>, event: { runId: number; url: string; at: number }): RunningJob {
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
      absentSince: null,
      failure: null,
      nextAt: event.at + firstObservationDelay,
    },
    cancel: null,
    reruns: 0,
    rerun: null,
    attemptSince: event.at,
  }
}

/** A settled job whose run goes on in another attempt. */
function runAgain(job: SettledJob, { run, at, nextAt }: Extract<Event, { type: 'run-restarted' }>): RunningJob {
  const attempt = { attempt: job.attempt ?? 1 }
  const first = running(attempt, { runId: run.id, url: run.url, at })
  const started = { ...first, dispatchedAt: job.dispatchedAt ?? at, reruns: job.reruns ?? 0 }
  return observed(started, { type: 'run-observed', run, at, nextAt })
}

type RerunEvent = Extract<Event, { type: 'rerun-requested' | 'rerun-answered' }>

/** After a re-run was asked for, the next look comes soon. */
function rerun(job: RunningJob, event: RerunEvent): RunningJob {
  const nextAt = event.at + firstObservationDelay
  if (event.type === 'rerun-requested') {
    const { fromAttempt, at } = event
    return {
      ...job,
      reruns: job.reruns + 1,
      rerun: { fromAttempt, requestedAt: at, refusal: null },
      observation: { ...job.observation, nextAt },
    }
  }
  // A look may have seen the new attempt before the answer came.
  if (!job.rerun || event.result !== 'refused') return job
  return { ...job, rerun: { ...job.rerun, refusal: event.failure } }
}

type ObservationEvent = DistributiveOmit<
  Extract<Event, { type: 'run-observed' | 'run-absent' | 'observation-failed' }>,
  'job'
>
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

function observed(job: RunningJob, event: ObservationEvent): RunningJob {
  const seen = job.observation
  const { at, nextAt } = event
  const tried = { count: seen.count + 1, triedAt: at, nextAt }
  switch (event.type) {
    case 'run-observed': {
      const { run } = event
      const isNewAttempt = seen.run !== null && run.runAttempt > seen.run.runAttempt
      const before = isNewAttempt ? null : seen.inProgressSince
      const inProgressSince = before ?? (isQueued(run) ? null : at)
      const isShown = job.rerun !== null && run.runAttempt > job.rerun.fromAttempt
      return {
        ...job,
        attemptSince: isNewAttempt ? at : job.attemptSince,
        rerun: isShown ? null : job.rerun,
        observation: { ...tried, lastAt: at, run, inProgressSince, absentSince: null, failure: null },
      }
    }
    case 'run-absent': {
      const absentSince = seen.absentSince ?? at
      return { ...job, observation: { ...seen, ...tried, lastAt: at, absentSince, failure: null } }
    }
    case 'observation-failed':
      return { ...job, observation: { ...seen, ...tried, failure: event.failure } }
    default:
      return assertNever(event)
  }
}

/** After a cancel the end is near: the next look comes soon. */
const observationAfterCancel = 2_000

type CancelEvent = Extract<Event, { type: 'cancel-requested' | 'cancel-answered' | 'cancel-failed' }>

function cancelled(job: RunningJob, event: CancelEvent): RunningJob {
  if (event.type === 'cancel-requested') {
    const first = job.cancel ?? { reason: event.reason, requestedAt: event.at, forcedAt: null }
    const forcedAt = first.forcedAt ?? (event.force ? event.at : null)
    return { ...job, cancel: { ...first, forcedAt, answeredAt: null, failedAt: null } }
  }
  if (!job.cancel) throw new Error(`${event.type} without a request for ${event.job}`)
  if (event.type === 'cancel-failed') return { ...job, cancel: { ...job.cancel, failedAt: event.at } }
  const nextAt = Math.min(job.observation.nextAt, event.at + observationAfterCancel)
  return { ...job, cancel: { ...job.cancel, answeredAt: event.at }, observation: { ...job.observation, nextAt } }
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
  return {
    phase: 'settled',
    outcome,
    reason,
    settledAt: at,
    attempt: job.phase === 'waiting' ? null : job.attempt,
    ...(running === null ? {} : { reruns: running.reruns, nextAt: at + settledWatchDelay }),
    runId: running?.runId ?? null,
    runAttempt: running?.observation.run?.runAttempt ?? null,
    url: running?.observation.run?.url ?? running?.url ?? null,
    dispatchedAt: running?.dispatchedAt ?? ('requestedAt' in job ? job.requestedAt : null),
    failure: failure ?? running?.observation.failure ?? (job.phase === 'searching' ? job.failure : null),
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

function withJob(before: Orchestration, id: string, change: (job: JobState) => JobState): Orchestration {
  const job = before.jobs.get(id)
  if (!job) throw new Error(`no job ${id}`)
  return { ...before, jobs: new Map(before.jobs).set(id, change(job)) }
}

function withPost(before: Orchestration, post: { repo: string; round: PostRound }, state: PostState): Orchestration {
  const key = repoKey(post.repo)
  const rounds = before.posts.get(key)
  const kept = post.round === 'claim' && rounds?.claim?.phase === 'posted' ? claimedAgain(rounds.claim, state) : state
  return { ...before, posts: new Map(before.posts).set(key, { ...rounds, [post.round]: kept }) }
}

/** The first claim stays the one that counts: what is found on the head after it is judged by it. */
function claimedAgain(first: Extract<PostState, { phase: 'posted' }>, again: PostState): PostState {
  // Failed or withheld: the next reading of the change tells whether it has to be claimed once more.
  return again.phase === 'requested' ? first : { ...first, isOvertaken: false }
}

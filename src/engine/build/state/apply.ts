import type { Event } from '../../../model/build/events.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { JobState } from '../../../model/build/state/job-state.js'
import type { PostRound, PostsOfHead, PostState } from '../../../model/build/state/post-state.js'
import { PersistentMap } from '../../../lib/persistent-map.js'
import { repoKey } from '../../../model/repo-name.js'
import type { VerificationStage, VerificationState } from '../../../model/build/state/verification.js'
import { resumed } from './apply-resumed.js'
import { applyToJob, runAgain } from './apply-to-job.js'
import { changedOrchestration } from './changed.js'
import { joined } from './joined.js'
import { isPostDone } from './posts.js'
import { failedPost, repetitionBefore } from './post-repetition.js'
import { countRefusals, undone } from './token-refusal.js'

/** The orchestration that a `started` event begins. */
export function begin(event: Extract<Event, { type: 'started' }>): Orchestration {
  return {
    id: event.id,
    startedAt: event.at,
    plan: event.plan,
    options: event.options,
    jobs: PersistentMap.of<JobState>(
      event.plan.jobs.map(({ job }) => job),
      () => ({ phase: 'waiting' }),
    ),
    posts: PersistentMap.of<PostsOfHead>(
      event.plan.targets.map(({ repo }) => repoKey(repo)),
      () => undefined,
    ),
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

/** Returns the orchestration after one event. Pure; throws only for an event that could not have happened. */
export function apply(before: Orchestration, event: Event): Orchestration {
  const tokenRefusal = event.type === 'resumed' ? null : countRefusals(before.tokenRefusal, event)
  const after = changedOrchestration(before, undone(before, event) ?? change(before, event))
  after.tokenRefusal = tokenRefusal
  after.lastAt = event.at
  return after
}

/** Returns the orchestration after all events of its journal. Throws for a journal that no orchestration wrote. */
export function fold(events: readonly Event[]): Orchestration {
  const [first, ...rest] = events
  if (first?.type !== 'started') throw new Error('a journal begins with the start of its orchestration')
  return rest.reduce(apply, begin(first))
}

/** The fields that an event changes. */
type Changes = Partial<Orchestration>

function change(before: Orchestration, event: Event): Changes {
  switch (event.type) {
    case 'started':
      throw new Error('an orchestration starts only once')
    case 'status-requested':
      return withPost(withoutFinalStatus(before, event), event, {
        phase: 'requested',
        at: event.at,
        isOrphaned: false,
        ...repetitionBefore(before, event),
      })
    case 'status-posted':
      return {
        ...withPost(before.posts, event, { phase: 'posted', status: event.status, isOvertaken: false }),
        ...withOlderClaims(before, event.olderClaims ?? []),
      }
    case 'status-failed':
      return withPost(before.posts, event, failedPost(before, event))
    case 'status-withheld':
      return withPost(before.posts, event, { phase: 'withheld', reason: event.reason })
    case 'verified':
      return verified(before, event)
    case 'earlier-heads-locked':
      return { earlierHeads: withSearched(before, event) }
    case 'run-restarted':
      return restarted(before, event)
    case 'interrupted':
      return { interrupted: { signal: event.signal, cause: event.cause, at: event.at } }
    case 'suspended':
      return { isSuspended: true }
    case 'resumed':
      return resumed(before, event.at)
    case 'finished':
      return { ending: { outcome: event.outcome, reason: event.reason, auth: event.auth } }
    default:
      return withJob(before, event.job, (job) => applyToJob(job, event))
  }
}

/** The earlier heads with those of one more search: heads that joined are searched after those of the plan. */
function withSearched(
  { plan, earlierHeads }: Orchestration,
  event: Extract<Event, { type: 'earlier-heads-locked' }>,
): NonNullable<Orchestration['earlierHeads']> {
  const targets = event.targets ?? plan.targets.filter(({ isJoined }) => isJoined !== true).length
  const locked = [...(earlierHeads?.locked ?? []), ...event.locked]
  return { locked, failures: [...(earlierHeads?.failures ?? []), ...event.failures], targets }
}

function verified(before: Orchestration, event: Extract<Event, { type: 'verified' }>): Changes {
  const { stage, result, nextAt, at } = event
  const since = before.verifications[stage]?.since ?? at
  const count = (before.verifications[stage]?.count ?? 0) + 1
  const movedInARow = result.kind === 'moved' ? (before.verifications[stage]?.movedInARow ?? 0) + 1 : 0
  const isUnknown = result.kind === 'blocked' && result.blockers.some(({ kind }) => kind === 'unknown')
  const unknownSince = isUnknown ? (before.verifications[stage]?.unknownSince ?? at) : null
  const state = { since, count, result, movedInARow, readAt: at, unknownSince, nextAt }
  const verifications = withVerification(before.verifications, stage, state)
  if (result.kind === 'joined') return joined({ ...before, verifications }, stage, result.members)
  return result.kind === 'overtaken' ? { verifications, ...overtaken(before, result) } : { verifications }
}

function withVerification(
  verifications: Orchestration['verifications'],
  stage: VerificationStage,
  state: VerificationState,
): Orchestration['verifications'] {
  return Object.assign({}, verifications, { [stage]: state })
}

function overtaken(before: Orchestration, { repos, by }: { repos: readonly string[]; by: readonly string[] }): Changes {
  let { posts } = before
  for (const repo of repos) {
    const rounds = posts.get(repoKey(repo))
    if (rounds?.claim?.phase !== 'posted') continue
    posts = posts.with(repoKey(repo), { ...rounds, claim: { ...rounds.claim, isOvertaken: true } })
  }
  return { posts, ...withOlderClaims(before, by) }
}

function withOlderClaims({ olderClaims }: Orchestration, ids: readonly string[]): Changes {
  return ids.length === 0 ? {} : { olderClaims: [...new Set([...olderClaims, ...ids])] }
}

/** A restarted run may succeed, so jobs that did not start because of its failure wait again. */
function restarted(before: Orchestration, event: Extract<Event, { type: 'run-restarted' }>): Changes {
  const planned = new Map(before.plan.jobs.map(({ job, action }) => [job, action]))
  const jobs = before.jobs.map((job, id) => {
    if (job.phase !== 'settled') return job
    if (id === event.job) return runAgain(job, event)
    return job.outcome === 'not-run' && planned.get(id) === 'run' ? { phase: 'waiting' } : job
  })
  return { jobs }
}

function withJob(before: Orchestration, id: string, change: (job: JobState) => JobState): Changes {
  const job = before.jobs.get(id)
  if (!job) throw new Error(`no job ${id}`)
  return { jobs: before.jobs.with(id, change(job)) }
}

/** A resumed orchestration may post success after a closing status. Removing that status from the state allows the success to be revoked. */
function withoutFinalStatus({ posts }: Orchestration, { repo, round }: { repo: string; round: PostRound }): Posts {
  const rounds = posts.get(repoKey(repo))
  if (round !== 'success' || !rounds) return posts
  const kept: Partial<Record<PostRound, PostState>> = { ...rounds }
  if (isPostDone(kept.closing)) delete kept.closing
  if (isPostDone(kept.revoke)) delete kept.revoke
  return posts.with(repoKey(repo), kept)
}

type Posts = Orchestration['posts']

function withPost(posts: Posts, post: { repo: string; round: PostRound }, state: PostState): Changes {
  const key = repoKey(post.repo)
  const rounds = posts.get(key)
  const kept = post.round === 'claim' && rounds?.claim?.phase === 'posted' ? claimedAgain(rounds.claim, state) : state
  return { posts: posts.with(key, Object.assign({}, rounds, { [post.round]: kept })) }
}

/** Keeps the first claim, because statuses on the head are compared with it. */
function claimedAgain(first: Extract<PostState, { phase: 'posted' }>, again: PostState): PostState {
  if (again.phase === 'requested') return first
  if (again.phase === 'failed' && again.repetition) return { ...first, repetition: again.repetition }
  // After a failed or withheld claim, the next reading of the change shows whether the head must be claimed again.
  const { phase, status } = first
  return { phase, status, isOvertaken: false }
}

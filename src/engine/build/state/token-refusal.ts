import type { Event } from '../../../model/build/events.js'
import type { Failure } from '../../../model/failure.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { PostRound, PostState } from '../../../model/build/state/post-state.js'
import { changedRunning } from './changed.js'
import { repoKey } from '../../../model/repo-name.js'

/** A single refusal may be a transient error of GitHub; two in a row mean that the token has expired or was revoked. */
const refusalsThatCount = 2

/** The failure with which GitHub refuses the token; null if the token is accepted. */
export function refusedToken({ tokenRefusal }: Orchestration): Failure | null {
  return tokenRefusal && tokenRefusal.count >= refusalsThatCount ? tokenRefusal.failure : null
}

/**
 * Returns the fields that bring back the state before a request that GitHub refused because of the token (401). GitHub did nothing, so this process, or one with
 * a valid token, must repeat the request. null if the event is not such a refusal.
 */
export function undone(before: Orchestration, event: Event): Partial<Orchestration> | null {
  if (event.type === 'dispatch-refused' && isRefusal(event.failure)) {
    const job = before.jobs.get(event.job)
    if (job?.phase === 'dispatching' && job.lost) return { jobs: before.jobs.with(event.job, job.lost.search) }
    const reuse = job?.phase === 'dispatching' ? job.reuse : undefined
    return { jobs: before.jobs.with(event.job, { phase: 'waiting', reuse }) }
  }
  if (event.type === 'status-failed' && isRefusal(event.failure)) return withoutPost(before, event.repo, event.round)
  if (event.type === 'rerun-answered' && event.result === 'refused' && event.failure && isRefusal(event.failure)) {
    const job = before.jobs.get(event.job)
    if (job?.phase !== 'running') return null
    const after = changedRunning(job, { rerun: null, reruns: job.reruns - 1 })
    return { jobs: before.jobs.with(event.job, after) }
  }
  if (event.type === 'failure-explained' && event.failure && isRefusal(event.failure)) return {}
  return event.type === 'earlier-heads-locked' && event.failures.some(isRefusal) ? {} : null
}

function withoutPost(before: Orchestration, repo: string, round: PostRound): Partial<Orchestration> {
  const rounds: Partial<Record<PostRound, PostState>> = { ...before.posts.get(repoKey(repo)) }
  // A head whose repeated claim was refused keeps its first claim.
  if (rounds[round]?.phase === 'posted') return {}
  return { posts: before.posts.with(repoKey(repo), without(rounds, round)) }
}

function without(
  rounds: Partial<Record<PostRound, PostState>>,
  round: PostRound,
): Partial<Record<PostRound, PostState>> {
  return Object.fromEntries(Object.entries(rounds).filter(([name]) => name !== round))
}

/** Returns the consecutive refusals after an event. */
export function countRefusals(before: Orchestration['tokenRefusal'], event: Event): Orchestration['tokenRefusal'] {
  const failures = failuresOf(event)
  const failure = failures?.find(isRefusal)
  if (failure) return { count: (before?.count ?? 0) + 1, failure }
  // Other failures do not show whether the token is valid.
  return failures?.length === 0 ? null : before
}

function isRefusal({ kind }: Failure): boolean {
  return kind === 'unauthorized'
}

/** The failures of an answered request; empty if it succeeded; null if the event is not an answer. */
function failuresOf(event: Event): readonly Failure[] | null {
  switch (event.type) {
    case 'dispatch-refused':
    case 'dispatch-ambiguous':
    case 'listing-failed':
    case 'observation-failed':
    case 'cancel-failed':
    case 'status-failed':
      return [event.failure]
    case 'rerun-answered':
    case 'failure-explained':
    case 'lost-runs-listed':
    case 'lost-run-cancelled':
      return event.failure ? [event.failure] : []
    case 'earlier-heads-locked':
      return event.failures
    case 'verified':
      return event.result.kind === 'unreadable' ? [event.result.failure] : []
    case 'run-observed':
    case 'runs-listed':
    case 'earlier-runs-listed':
    case 'dispatch-accepted':
    case 'cancel-answered':
    case 'status-posted':
      return []
    default:
      return null
  }
}

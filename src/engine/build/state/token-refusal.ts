import type { Event } from '../../../model/build/events.js'
import type { Failure } from '../../../model/failure.js'
import type { Orchestration, PostRound, PostState } from '../../../model/build/orchestration.js'
import { repoKey } from '../../../model/repo-name.js'

/** One refusal alone may be a bad moment of GitHub; two in a row mean that the token has expired or was revoked. */
const refusalsThatCount = 2

/** Why the token is not accepted any more; null: it is. */
export function refusedToken({ tokenRefusal }: Orchestration): Failure | null {
  return tokenRefusal && tokenRefusal.count >= refusalsThatCount ? tokenRefusal.failure : null
}

/**
 * What a refused token (401) leaves undone: GitHub did nothing, so it is still to be done, by this process or by one with a good
 * token. Null: the event tells of no such refusal.
 */
export function undone(before: Orchestration, event: Event): Orchestration | null {
  if (event.type === 'dispatch-refused' && isRefusal(event.failure)) {
    const job = before.jobs.get(event.job)
    const reuse = job?.phase === 'dispatching' && job.reuse ? { reuse: job.reuse } : {}
    return { ...before, jobs: before.jobs.with(event.job, { phase: 'waiting', ...reuse }) }
  }
  if (event.type === 'status-failed' && isRefusal(event.failure)) return withoutPost(before, event.repo, event.round)
  if (event.type === 'rerun-answered' && event.result === 'refused' && event.failure && isRefusal(event.failure)) {
    const job = before.jobs.get(event.job)
    if (job?.phase !== 'running') return null
    return { ...before, jobs: before.jobs.with(event.job, { ...job, rerun: null, reruns: job.reruns - 1 }) }
  }
  if (event.type === 'failure-explained' && event.failure && isRefusal(event.failure)) return before
  return event.type === 'earlier-heads-locked' && event.failures.some(isRefusal) ? before : null
}

function withoutPost(before: Orchestration, repo: string, round: PostRound): Orchestration {
  const rounds: Partial<Record<PostRound, PostState>> = { ...before.posts.get(repoKey(repo)) }
  // A head that is only claimed again keeps its first claim.
  if (rounds[round]?.phase === 'posted') return before
  return { ...before, posts: before.posts.with(repoKey(repo), without(rounds, round)) }
}

function without(
  rounds: Partial<Record<PostRound, PostState>>,
  round: PostRound,
): Partial<Record<PostRound, PostState>> {
  return Object.fromEntries(Object.entries(rounds).filter(([name]) => name !== round))
}

/** The refusals in a row after an event. */
export function countRefusals(before: Orchestration['tokenRefusal'], event: Event): Orchestration['tokenRefusal'] {
  const failures = failuresOf(event)
  const failure = failures?.find(isRefusal)
  if (failure) return { count: (before?.count ?? 0) + 1, failure }
  // Other failures say nothing about the token.
  return failures?.length === 0 ? null : before
}

function isRefusal({ kind }: Failure): boolean {
  return kind === 'unauthorized'
}

/** The failures of a request that was answered; empty: it was granted; null: the event tells of no request. */
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

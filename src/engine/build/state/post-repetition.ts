import type { Event } from '../../../model/build/events.js'
import { deadlineOf } from '../../../model/build/orchestration.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { PostRepetition, PostRound, PostState } from '../../../model/build/state/post-state.js'
import { repoKey } from '../../../model/repo-name.js'

/** The time for which a post is repeated while it fails, ms: the same as for the readings of the change. */
export const postTimeoutMs = 10 * 60_000
/** The same after the deadline of the orchestration, ms. Statuses without success are posted then too. */
export const latePostTimeoutMs = 60_000

/** The repetition of a post so far, as a field of its state. */
export function repetitionBefore(
  { posts }: Orchestration,
  { repo, round }: { repo: string; round: PostRound },
): { repetition?: PostRepetition } {
  const repetition = lastOf(posts.get(repoKey(repo))?.[round])
  return repetition ? { repetition } : {}
}

/** The state of a post that failed. It is posted again as long as the time for repetitions allows. */
export function failedPost(before: Orchestration, event: Extract<Event, { type: 'status-failed' }>): PostState {
  const { failure, at, nextAt } = event
  const { repetition: known } = repetitionBefore(before, event)
  const since = known?.since ?? at
  if (nextAt === undefined || nextAt > endOf(before, since)) return { phase: 'failed', failure }
  return { phase: 'failed', failure, repetition: { since, count: (known?.count ?? 0) + 1, failedAt: at, nextAt } }
}

/** The time after which a post is not repeated, ms, UTC. */
function endOf(orchestration: Orchestration, since: number): number {
  return Math.min(since + postTimeoutMs, Math.max(deadlineOf(orchestration), since + latePostTimeoutMs))
}

function lastOf(post: PostState | undefined): PostRepetition | undefined {
  return post === undefined || post.phase === 'withheld' ? undefined : post.repetition
}

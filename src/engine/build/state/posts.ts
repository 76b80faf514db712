import type { Orchestration, PostRound, PostsOfHead, PostState } from '../../../model/build/orchestration.js'
import type { StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'

/**
 * Whether nothing is to be claimed or posted, because all of this is built and unlocked already. Whoever resumes does not believe what
 * the plan says of GitHub: then it is claimed, verified and unlocked like any other change.
 */
export function isUnlockedAlready({ plan, isResumed }: Orchestration): boolean {
  return plan.isUnlocked === true && !isResumed
}

/** What became of one target's status in one round; undefined: nothing yet. */
export function postOf(orchestration: Orchestration, target: StatusTarget, round: PostRound): PostState | undefined {
  return orchestration.posts.get(repoKey(target.repo))?.[round]
}

/** Whether a post needs no further request: GitHub took it, refused it for good, or it must not be sent. */
export function isPostDone(state: PostState | undefined): boolean {
  return state !== undefined && state.phase !== 'requested'
}

/** Whether a head still needs our last word. A claim that failed may have been taken all the same, so its head is closed too. */
export function needsClosing(posts: PostsOfHead | undefined, round: 'closing' | 'revoke'): boolean {
  return posts?.claim !== undefined && !isPostDone(posts[round])
}

/** How long after it was sent a post may still land, ms: GitHub ends a request after ten seconds, and networks are slow. */
const landingTimeMs = 30_000

/**
 * When the next status of a head may be posted, ms, UTC. What a process that is gone had sent may still be on its way: it would land
 * on the later word and take its place.
 */
export function postableAt(posts: PostsOfHead | undefined, now: number): number {
  let at = now
  for (const post of Object.values(posts ?? {})) {
    if (post.phase === 'requested' && post.isOrphaned) at = Math.max(at, post.at + landingTimeMs)
  }
  return at
}

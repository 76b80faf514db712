import type { Orchestration } from '../../../model/build/orchestration.js'
import type { PostRepetition, PostRound, PostsOfHead, PostState } from '../../../model/build/state/post-state.js'
import type { StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'

/**
 * Whether nothing is claimed or posted because the whole change is already built and unlocked. After a resume the plan may be out of
 * date, so the change is claimed, verified and unlocked like any other.
 */
export function isUnlockedAlready({ plan, isResumed }: Orchestration): boolean {
  return plan.isUnlocked === true && !isResumed
}

/** The state of one target's status in one round; undefined if it was not requested. */
export function postOf(orchestration: Orchestration, target: StatusTarget, round: PostRound): PostState | undefined {
  return orchestration.posts.get(repoKey(target.repo))?.[round]
}

/** Whether a post needs no further request: GitHub accepted it, GitHub refused it, its repetitions failed too, or it was withheld. */
export function isPostDone(state: PostState | undefined): boolean {
  return state !== undefined && state.phase !== 'requested' && !isRepeated(state)
}

/** Whether a post failed and is to be posted again. */
export function isRepeated(state: PostState | undefined): state is RepeatedPost {
  return state?.phase === 'failed' && state.repetition !== undefined
}

export type RepeatedPost = Extract<PostState, { phase: 'failed' }> & { repetition: PostRepetition }

/** Whether a head still needs our final status. GitHub may have accepted a claim that failed, so its head is closed too. */
export function needsClosing(posts: PostsOfHead | undefined, round: 'closing' | 'revoke'): boolean {
  return posts?.claim !== undefined && !isPostDone(posts[round])
}

/** The time within which a post may still take effect, ms: GitHub ends a request after ten seconds, and networks are slow. */
const landingTimeMs = 30_000

/**
 * The earliest time, ms, UTC, at which the next status of a head may be posted. A post of a killed process may still be in flight and
 * would overwrite a status that is posted too early. A post that failed is repeated after a delay.
 */
export function postableAt(posts: PostsOfHead | undefined, round: PostRound, now: number): number {
  const post = posts?.[round]
  let at = post === undefined || post.phase === 'withheld' ? now : Math.max(now, post.repetition?.nextAt ?? now)
  for (const post of Object.values(posts ?? {})) {
    if (post.phase === 'requested' && post.isOrphaned) at = Math.max(at, post.at + landingTimeMs)
  }
  return at
}

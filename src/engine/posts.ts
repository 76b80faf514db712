import type { Orchestration, PostRound, PostState } from '../model/orchestration.js'
import type { StatusTarget } from '../model/plan.js'
import { repoKey } from '../model/repo-name.js'

/** What became of one target's status in one round; undefined: nothing yet. */
export function postOf(orchestration: Orchestration, target: StatusTarget, round: PostRound): PostState | undefined {
  return orchestration.posts.get(repoKey(target.repo))?.[round]
}

/** Whether a post needs no further request: GitHub took it, refused it for good, or it must not be sent. */
export function isPostDone(state: PostState | undefined): boolean {
  return state !== undefined && state.phase !== 'requested'
}

import { assertNever } from '../../../lib/assert-never.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { PostsOfHead, PostState } from '../../../model/build/state/post-state.js'
import type { StatusTarget } from '../../../model/build/plan.js'
import type { Action } from './actions.js'
import type { Closing, TargetRule } from './rules.js'
import { indexPlan } from '../state/plan-index.js'
import { isPostDone, isRepeated, needsClosing, postableAt } from '../state/posts.js'
import { isInFlight, isOpen, isOvertaken } from '../state/post-tally.js'

type Post = Extract<Action, { type: 'post-status' }>

/** The next status of one head; null if there is none. It may read the posts of this head and state that is shared by all heads. */
export function decideTarget(
  rule: TargetRule,
  target: StatusTarget,
  posts: PostsOfHead | undefined,
  orchestration: Orchestration,
  now: number,
): Action | null {
  switch (rule.kind) {
    case 'rest':
      return null
    case 'claim':
      return (rule.isLate ? posts?.claim?.phase === 'requested' : !isPostDone(posts?.claim))
        ? claim(orchestration, target, posts, rule.over, now)
        : null
    case 'claim-later':
      if (isOvertaken(posts?.claim)) return claim(orchestration, target, posts, 'own', now)
      return isPostDone(posts?.claim) ? null : claim(orchestration, target, posts, 'own-or-planned', now)
    case 'success': {
      const mayBegin = !rule.onlyBegun || posts?.success !== undefined
      const isWanted = rule.onlyInFlight ? isInFlight(posts?.success) : !isPostDone(posts?.success) && mayBegin
      const isPostable = isOpen(target, rule.merged) && !mustBeReadFirst(posts?.success, orchestration)
      return isWanted && isPostable ? success(orchestration, target, posts, now) : null
    }
    case 'close':
      return needsClosing(posts, rule.round) ? close(rule, target, posts, now) : null
    default:
      return assertNever(rule)
  }
}

function claim(
  { plan }: Orchestration,
  { repo, headSha }: StatusTarget,
  posts: PostsOfHead | undefined,
  over: Post['over'],
  now: number,
): Action {
  const count = indexPlan(plan).buildCount
  const text = `building ${count} ${count === 1 ? 'job' : 'jobs'} of ${plan.branch}`
  const post = { repo, headSha, round: 'claim', state: 'pending', text, over, urgent: false } as const
  return { type: 'post-status', at: postableAt(posts, post.round, now), ...post }
}

function success(
  { plan }: Orchestration,
  { repo, headSha }: StatusTarget,
  posts: PostsOfHead | undefined,
  now: number,
): Action {
  const count = plan.members.length
  const text = `ok, ${count} ${count === 1 ? 'repository' : 'repositories'} built together`
  const post = { repo, headSha, round: 'success', state: 'success', text, over: 'own', urgent: false } as const
  return { type: 'post-status', at: postableAt(posts, post.round, now), ...post }
}

function close(
  { round, state, text, urgentFrom }: Closing,
  { repo, headSha }: StatusTarget,
  posts: PostsOfHead | undefined,
  now: number,
): Action | null {
  if (urgentFrom !== null && isPosting(posts)) return null
  const at =
    urgentFrom === null ? postableAt(posts, round, now) : Math.max(now, urgentFrom, urgentRepetitionAt(posts?.[round]))
  const post = { repo, headSha, round, state, text: text(), over: 'own', urgent: urgentFrom !== null } as const
  return { type: 'post-status', at, ...post }
}

/** The delay after a failed post that skips the queue, ms. */
const urgentRetryDelayMs = 300

function urgentRepetitionAt(post: PostState | undefined): number {
  return isRepeated(post) ? post.repetition.failedAt + urgentRetryDelayMs : -Infinity
}

/** Whether a success failed after the latest reading of the change. GitHub may have accepted it, and another writer may have posted since. */
function mustBeReadFirst(success: PostState | undefined, { verifications }: Orchestration): boolean {
  const readAt = verifications['before-success']?.readAt ?? -Infinity
  return isRepeated(success) && readAt <= success.repetition.failedAt
}

/** Whether a claim or a success is in flight. It must not arrive after the closing status. */
function isPosting(posts: PostsOfHead | undefined): boolean {
  return [posts?.claim, posts?.success].some((post) => post?.phase === 'requested' && !post.isOrphaned)
}

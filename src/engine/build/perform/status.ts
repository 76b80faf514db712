import { assertNever } from '../../../lib/assert-never.js'
import type { CommitStatus } from '../../../model/change.js'
import { isSameStatus } from '../../../model/change.js'
import { describeStatus } from '../../../model/status-description.js'
import { isOwn } from '../verify/compare-statuses.js'
import { knownHeads, lockEarlierHeads } from '../verify/lock-earlier-heads.js'
import { confirmationDelay, observationDelay, watchDelay } from '../state/poll-schedule.js'
import { readAgain } from './read-again.js'
import { findTarget, isStillDue } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'

export async function verify(stage: ActionContext, action: ActionOf<'verify'>): Promise<void> {
  const result = await readAgain(stage.github, stage.state(), action.stage)
  const count = (stage.state().verifications[action.stage]?.count ?? 0) + 1
  const seed = `${stage.state().id}:${action.stage}`
  const delay = action.stage === 'while-building' ? watchDelay(count, seed) : observationDelay(count, seed)
  const nextAt = stage.clock.now() + (result.kind === 'moved' ? confirmationDelay : delay)
  // What was read while the last build ended is read again before success.
  const isStillBuilding = (): boolean => action.stage !== 'while-building' || isStillDue(stage, action)
  await stage.emit({ type: 'verified', stage: action.stage, result, nextAt }, isStillBuilding)
}

export async function postStatus(stage: ActionContext, action: ActionOf<'post-status'>): Promise<void> {
  const { repo, headSha, round, state } = action
  const { id, plan, options } = stage.state()
  const context = plan.graph.statusContext
  const post = { repo, headSha, round }
  if (action.over !== 'anything' && !isJustVerified(stage, action)) {
    const read = await stage.github.listStatuses({ repo, headSha, context, newestOnly: true })
    if (!read.ok) return stage.emit({ type: 'status-failed', ...post, failure: read.failure })
    if (!mayFollow(stage, action, read.value[0])) {
      return stage.emit({ type: 'status-withheld', ...post, reason: 'its newest status is not of this orchestration' })
    }
  }
  const mark = { writer: 'run' as const, id, ...(state === 'success' ? { digest: plan.setDigest } : {}) }
  const description = describeStatus(mark, action.text)
  const result = await stage.github.postStatus(
    { repo, headSha, context, state, description, targetUrl: options.link },
    { urgent: action.urgent },
    () => stage.emitIf(() => isStillDue(stage, action), { type: 'status-requested', ...post, state, description }),
  )
  switch (result.kind) {
    case 'withheld':
      return
    case 'posted':
      return stage.emit({ type: 'status-posted', ...post, status: result.status })
    case 'failed':
      return stage.emit({ type: 'status-failed', ...post, failure: result.failure })
    default:
      return assertNever(result)
  }
}

/** From the reading before success to the posts that rest on it without one more look, ms. */
const verifiedFor = 30_000

/**
 * Whether the reading that allows this success has only just shown the newest status of every head: asking once more for each would tell
 * the same. What comes in between is found by the reading after success.
 */
function isJustVerified(stage: ActionContext, { round }: ActionOf<'post-status'>): boolean {
  const before = stage.state().verifications['before-success']
  // It is read again after `nextAt` only where it did not settle the matter.
  return round === 'success' && before?.result.kind === 'unchanged' && stage.clock.now() < before.nextAt + verifiedFor
}

/** Whether the post may come after what is the newest status of the head now. */
function mayFollow(
  stage: ActionContext,
  { over, repo }: ActionOf<'post-status'>,
  newest: CommitStatus | undefined,
): boolean {
  const { id, olderClaims } = stage.state()
  const target = findTarget(stage, repo)
  if (!newest) return over === 'own-or-planned' && target?.status === null
  if (over === 'own-or-planned' && target?.status && isSameStatus(newest, target.status)) return true
  return isOwn({ id }, newest.description) || olderClaims.some((older) => isOwn({ id: older }, newest.description))
}

export async function lockEarlier(stage: ActionContext): Promise<void> {
  const { id, plan, options } = stage.state()
  const result = await lockEarlierHeads(stage.github, {
    branch: plan.branch,
    statusContext: plan.graph.statusContext,
    repositories: plan.targets.map(({ repo, earlierSuccesses }) => ({
      repo,
      known: knownHeads(options.earlierHeads, repo),
      ...(earlierSuccesses === undefined ? {} : { successes: earlierSuccesses }),
    })),
    description: describeStatus({ writer: 'run', id }, 'no longer the head that is built'),
    link: options.link,
  })
  await stage.emit({ type: 'earlier-heads-locked', ...result })
}

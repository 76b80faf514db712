import { assertNever } from '../../../lib/assert-never.js'
import type { EventBody } from '../../../model/build/events.js'
import type { CommitStatus } from '../../../model/change.js'
import { isSameStatus } from '../../../model/change.js'
import { isTransientFailure } from '../../../model/failure.js'
import type { Failure } from '../../../model/failure.js'
import { describeStatus } from '../../../model/status-description.js'
import type { EventTiming } from '../../kernel/event-log.js'
import type { Intent } from '../../kernel/intent.js'
import { withIntent } from '../../kernel/intent.js'
import { actionKey } from '../decide/actions.js'
import { isOwn } from '../verify/compare-statuses.js'
import { knownHeads, lockEarlierHeads } from '../verify/lock-earlier-heads.js'
import { indexPlan } from '../state/plan-index.js'
import { repetitionBefore } from '../state/post-repetition.js'
import { confirmationDelay, observationDelay, watchDelay } from '../state/delays.js'
import { readOlderClaims } from './older-claims.js'
import { readAgain } from './read-again.js'
import { mustReportChange } from './reading-filter.js'
import { findTarget, isStillDue } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'

export async function verify(context: ActionContext, action: ActionOf<'verify'>): Promise<void> {
  const result = await readAgain(context.github, context.state(), action.stage)
  const count = (context.state().verifications[action.stage]?.count ?? 0) + 1
  const seed = `${context.state().id}:${action.stage}`
  const delay = action.stage === 'while-building' ? watchDelay(count, seed) : observationDelay(count, seed)
  const nextAt = context.clock.now() + (result.kind === 'moved' ? confirmationDelay : delay)
  // A reading that was in flight while the last build ended is dropped: the change is read again before success.
  const isStillBuilding = (): boolean => action.stage !== 'while-building' || isStillDue(context, action)
  const { stage } = action
  const isNews = (timing: EventTiming): boolean => mustReportChange(context.state(), { stage, result }, timing)
  await context.emit({ type: 'verified', stage, result, nextAt }, isStillBuilding, isNews)
}

export async function postStatus(context: ActionContext, action: ActionOf<'post-status'>): Promise<void> {
  const { repo, headSha, round, state } = action
  const { id, plan, options } = context.state()
  const { statusContext } = plan.graph
  const post = { repo, headSha, round }
  if (action.over !== 'anything' && !isJustVerified(context, action)) {
    const read = await context.github.listStatuses({ repo, headSha, context: statusContext, newestOnly: true })
    if (!read.ok) return context.emit(failedPost(context, action, read.failure))
    if (!mayFollow(context, action, read.value[0])) {
      return context.emit({
        type: 'status-withheld',
        ...post,
        reason: 'its newest status is not of this orchestration',
      })
    }
  }
  const mark = { writer: 'run' as const, id, ...(state === 'success' ? { digest: plan.setDigest } : {}) }
  const description = describeStatus(mark, action.text)
  const status = { repo, headSha, context: statusContext, state, description, targetUrl: options.link }
  const intent: Intent<EventBody> = {
    key: actionKey(action),
    event: () => ({ type: 'status-requested', ...post, state, description }),
  }
  const result = await withIntent(context, intent, (beforeSend) =>
    context.github.postStatus(status, { urgent: action.urgent, maxTries: 1 }, beforeSend),
  )
  switch (result.kind) {
    case 'withheld':
      return
    case 'posted': {
      const olderClaims = round === 'claim' ? await readOlderClaims(context, action, result.status) : []
      const more = olderClaims.length > 0 ? { olderClaims } : {}
      return context.emit({ type: 'status-posted', ...post, status: result.status, ...more })
    }
    case 'failed':
      return context.emit(failedPost(context, action, result.failure, result.retryAfterMs))
    default:
      return assertNever(result)
  }
}

/** A failed post with the time of its repetition if that may help: this is the only place that repeats the statuses of the context. */
function failedPost(
  context: ActionContext,
  { repo, headSha, round }: ActionOf<'post-status'>,
  failure: Failure,
  retryAfterMs = 0,
): EventBody {
  if (!isTransientFailure(failure)) return { type: 'status-failed', repo, headSha, round, failure }
  const count = repetitionBefore(context.state(), { repo, round }).repetition?.count ?? 0
  const delayMs = observationDelay(count, `${context.state().id}:${repo}:${round}`)
  const nextAt = context.clock.now() + Math.max(delayMs, retryAfterMs)
  return { type: 'status-failed', repo, headSha, round, failure, nextAt }
}

/** The time for which the reading before success allows posts without another reading of the status, ms. */
const verifiedForMs = 30_000

/**
 * Whether a recent reading before success has shown the newest status of every head, so that it need not be read again for each post.
 * The reading after success finds a status that is posted in between.
 */
function isJustVerified(context: ActionContext, { round }: ActionOf<'post-status'>): boolean {
  const before = context.state().verifications['before-success']
  // An `unchanged` reading is not repeated: `nextAt` only bounds the time of the reading.
  return (
    round === 'success' && before?.result.kind === 'unchanged' && context.clock.now() < before.nextAt + verifiedForMs
  )
}

/** Whether the post may replace the newest status of the head. */
function mayFollow(
  context: ActionContext,
  { over, repo }: ActionOf<'post-status'>,
  newest: CommitStatus | undefined,
): boolean {
  const { id, olderClaims } = context.state()
  const target = findTarget(context, repo)
  if (!newest) return over === 'own-or-planned' && target?.status === null
  if (over === 'own-or-planned' && target?.status && isSameStatus(newest, target.status)) return true
  return isOwn({ id }, newest.description) || olderClaims.some((older) => isOwn({ id: older }, newest.description))
}

export async function lockEarlier(context: ActionContext): Promise<void> {
  const { id, plan, options, earlierHeads } = context.state()
  const targets = earlierHeads === null ? plan.targets : plan.targets.filter(({ isJoined }) => isJoined === true)
  const result = await lockEarlierHeads(context.github, {
    branch: plan.branch,
    statusContext: plan.graph.statusContext,
    repositories: targets.map(({ repo, earlierSuccesses }) => ({
      repo,
      known: knownHeads(options.earlierHeads, repo),
      ...(earlierSuccesses === undefined ? {} : { successes: earlierSuccesses }),
    })),
    description: describeStatus({ writer: 'run', id }, 'no longer the head that is built'),
    link: options.link,
  })
  const searched = indexPlan(plan).hasJoined ? { targets: plan.targets.length } : {}
  await context.emit({ type: 'earlier-heads-locked', ...result, ...searched })
}

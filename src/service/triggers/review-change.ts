import { createHash } from 'node:crypto'
import { assertNever } from '../../lib/assert-never.js'
import { counted } from '../../lib/counted.js'
import { lockChange } from '../../app/lock/lock-change.js'
import type { LockHints } from '../../app/lock/why-lock.js'
import { unlockHeldChange } from '../../app/unlock-held-change.js'
import type { Invalidation } from '../../model/invalidation.js'
import { repoKey } from '../../model/repo-name.js'
import { defaultRunSettings } from '../commands/create-change-commands.js'
import { FailedTrigger } from './failed-trigger.js'
import type { TurnRequest } from './change-turns.js'
import type { ChangeTrigger, DefaultBranchPushed } from './trigger.js'
import type { TriggerContext } from './trigger-context.js'

/** What makes the service look at a change. */
export type ReviewTrigger = ChangeTrigger | DefaultBranchPushed

/**
 * Looks at a change after something happened to it: locks it if its state requires that, and unlocks it again if it is held and still what was
 * tested. Rejects if that failed and must be repeated.
 */
export async function reviewChange(
  context: TriggerContext,
  branch: string,
  requests: readonly TurnRequest<ReviewTrigger>[],
): Promise<string> {
  const triggers = requests.map(({ trigger }) => trigger)
  const reason = describe(reasonOf(triggers))
  const locked = triggers.some(mayLock) ? await lock(context, branch, { reason, hints: hintsOf(triggers) }) : null
  const unlocking = mayUnlock(triggers)
    ? await unlock(context, branch, { reason, delivery: requests[0]?.delivery ?? '' })
    : null
  return [locked, unlocking].filter((text) => text !== null).join('; ')
}

/** The trigger that the statuses name: what breaks the tested set, before what may leave it as it is. */
function reasonOf(triggers: readonly ReviewTrigger[]): ReviewTrigger {
  const trigger = triggers.find(breaksSet) ?? triggers[0]
  if (!trigger) throw new Error('a turn has at least one trigger')
  return trigger
}

/** Whether the set may no longer be what was tested, so that only a run unlocks it. */
function breaksSet(trigger: ReviewTrigger): boolean {
  if (trigger.kind === 'pull-request-closed') return !trigger.isMerged
  return trigger.kind === 'branch-pushed' || trigger.kind === 'base-edited'
}

function mayLock({ kind }: ReviewTrigger): boolean {
  return kind !== 'became-ready' && kind !== 'default-branch-pushed'
}

function mayUnlock(triggers: readonly ReviewTrigger[]): boolean {
  const kinds = ['pull-request-opened', 'became-ready', 'default-branch-pushed']
  return triggers.some(({ kind }) => kinds.includes(kind)) && !triggers.some(breaksSet)
}

function hintsOf(triggers: readonly ReviewTrigger[]): LockHints {
  const pushes = triggers.flatMap((trigger) => (trigger.kind === 'branch-pushed' ? [trigger] : []))
  const isReached = (repo: string, sha: string): boolean =>
    pushes.some((push) => repoKey(push.repo) === repoKey(repo) && push.after === sha)
  return {
    // A push back to an earlier head may be part of the same turn.
    left: pushes.flatMap(({ repo, before }) =>
      before === null || isReached(repo, before) ? [] : [{ repo, headSha: before }],
    ),
    closed: triggers.flatMap((trigger) =>
      trigger.kind === 'pull-request-closed' && !trigger.isMerged
        ? [{ repo: trigger.repo, number: trigger.number, at: trigger.closedAt }]
        : [],
    ),
    endsHold: triggers.some(breaksSet),
  }
}

async function lock(
  { host, clock, random, store, graph, linkTo }: TriggerContext,
  branch: string,
  { reason, hints }: { reason: string; hints: LockHints },
): Promise<string> {
  const result = await lockChange({ host, clock, random, store, graph, branch, reason, hints, link: linkTo(branch) })
  if (result.kind === 'kept') return `${branch} did not have to be locked`
  if (result.kind !== 'done')
    throw new FailedTrigger(`${branch} could not be locked: ${failuresOf(result.invalidation)}`)
  const { pullRequests } = result.invalidation
  return `locked ${branch}: ${counted(pullRequests.length, 'pull request')}`
}

function failuresOf({ pullRequests, unreadable, earlierHeads }: Invalidation): string {
  const failures = [
    ...pullRequests.flatMap(({ result }) => (result.kind === 'failed' ? [result.failure] : [])),
    ...unreadable.map(({ failure }) => failure),
    ...earlierHeads.failures,
  ]
  return failures.map(({ message }) => message).join('; ')
}

async function unlock(
  { host, clock, store, graph, serverUrl, linkTo, commands }: TriggerContext,
  branch: string,
  { reason, delivery }: { reason: string; delivery: string },
): Promise<string> {
  // One push to a default branch may unlock several changes.
  const eventId = `unlock-${delivery}-${createHash('sha256').update(branch).digest('hex').slice(0, 8)}`
  const result = await unlockHeldChange({
    host,
    clock,
    store,
    graph,
    branch,
    serverUrl,
    link: linkTo(branch),
    settings: defaultRunSettings,
    event: { key: null, isRepeated: false, isNamed: false },
    temporaryLock: reason,
    run: async (settings) => {
      const started = await commands.run(branch, reason, eventId, settings)
      if (started.kind === 'stopped') throw new FailedTrigger(started.problems.map(({ message }) => message).join('; '))
    },
  })
  return result.kind === 'started' ? `a run unlocks ${branch}` : `${branch} was not unlocked: ${result.why}`
}

/** One clause for a reader, in the description of a status. */
export function describe(trigger: ReviewTrigger): string {
  switch (trigger.kind) {
    case 'branch-pushed':
      if (trigger.before === null) return `the branch was created in ${trigger.repo}`
      if (trigger.after === null) return `the branch was deleted in ${trigger.repo}`
      return `${trigger.repo} was pushed to ${trigger.after.slice(0, 7)}`
    case 'pull-request-opened':
      return `${trigger.repo}#${trigger.number} was opened`
    case 'pull-request-closed':
      return `${trigger.repo}#${trigger.number} was ${trigger.isMerged ? 'merged' : 'closed'}`
    case 'base-edited':
      return `the base of ${trigger.repo}#${trigger.number} was changed`
    case 'became-draft':
      return `${trigger.repo}#${trigger.number} is a draft`
    case 'became-ready':
      return `${trigger.repo}#${trigger.number} is ready for review`
    case 'default-branch-pushed':
      return `the default branch of ${trigger.repo} was pushed`
    default:
      return assertNever(trigger)
  }
}

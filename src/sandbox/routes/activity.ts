import type { Answer } from '../http/answer.js'
import { failure } from '../http/answer.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission } from '../http/call.js'
import { cursorPaged } from '../http/cursor-pagination.js'
import { presentActivity } from '../present/activity.js'
import type { Activity } from '../state/model.js'

const DAY = 86_400_000
/** Length of each `time_period` (ms). */
const PERIODS: Record<string, number> = {
  day: DAY,
  week: 7 * DAY,
  month: 30 * DAY,
  quarter: 90 * DAY,
  year: 365 * DAY,
}
const TYPES = ['push', 'force_push', 'branch_creation', 'branch_deletion', 'pr_merge', 'merge_queue_merge']

/** Changes of the branches of a repository, newest first. */
export const activityRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/activity', permissions: [permission('contents', 'read')], handle: listActivity },
]

function listActivity(call: RepositoryCall): Answer {
  const { query, repository, world } = call
  const type = query.get('activity_type')
  const period = query.get('time_period')
  if (type !== null && !TYPES.includes(type)) return notOneOf('activity_type', type, TYPES)
  if (period !== null && !Object.hasOwn(PERIODS, period)) return notOneOf('time_period', period, Object.keys(PERIODS))
  const earliest = period === null ? -Infinity : world.clock.now() - (PERIODS[period] ?? 0)
  const wanted = repository.activities.filter((activity) => {
    return (type === null || activity.type === type) && activity.createdAt >= earliest && matchesFilters(call, activity)
  })
  if (query.get('direction') !== 'asc') wanted.reverse()
  return cursorPaged(call, wanted, (activity) => presentActivity(world, activity))
}

/** Returns whether an entry matches the filters `ref` (a full ref or a branch name) and `actor`. */
function matchesFilters({ query, world }: RepositoryCall, activity: Activity): boolean {
  const ref = query.get('ref')
  const actor = query.get('actor')
  if (ref !== null && activity.ref !== ref && activity.ref !== `refs/heads/${ref}`) return false
  return actor === null || world.directory.account(actor)?.id === activity.actorId
}

function notOneOf(name: string, value: string, allowed: string[]): Answer {
  return failure(422, `Invalid request.\n\n${name}: ${value} is not a member of [${allowed.join(', ')}].`)
}

import type { World } from '../world.js'
import type { WorkflowRun } from '../state/model.js'
import { branchNameOf, currentAttempt } from './runs.js'

/** Whether a run passes the filters of GET …/actions/runs: `event`, `branch`, `status` (or a conclusion), `head_sha`, `actor`, `created`. */
export function matchesQuery(world: World, run: WorkflowRun, query: URLSearchParams): boolean {
  const is = (name: string, value: string): boolean => {
    const wanted = query.get(name)
    return wanted === null || wanted === value
  }
  const { status, conclusion } = currentAttempt(run)
  const wantedStatus = query.get('status')
  const suite = query.get('check_suite_id')
  return (
    is('event', run.event) &&
    is('branch', branchNameOf(run) ?? run.ref) &&
    is('head_sha', run.headSha) &&
    (suite === null || Number(suite) === run.id) &&
    isActor(world, run, query.get('actor')) &&
    (wantedStatus === null || wantedStatus === status || wantedStatus === conclusion) &&
    isCreated(query.get('created'), run.createdAt)
  )
}

function isActor(world: World, run: WorkflowRun, login: string | null): boolean {
  return login === null || world.directory.account(login)?.id === run.actorId
}

/** `created` in GitHub's search syntax: a date or time, optionally after `>=`, `>`, `<=` or `<`, or a range `from..to` with `*` for an open end. */
function isCreated(range: string | null, time: number): boolean {
  if (range === null) return true
  // The API shows times in whole seconds, so the filter compares whole seconds.
  const second = Math.floor(time / 1000) * 1000
  const between = range.split('..')
  if (between.length === 2) {
    const [from = '*', to = '*'] = between
    return (from === '*' || second >= startOf(from)) && (to === '*' || second <= endOf(to))
  }
  if (range.startsWith('>=')) return second >= startOf(range.slice(2))
  if (range.startsWith('<=')) return second <= endOf(range.slice(2))
  if (range.startsWith('>')) return second > endOf(range.slice(1))
  if (range.startsWith('<')) return second < startOf(range.slice(1))
  return second >= startOf(range) && second <= endOf(range)
}

function startOf(text: string): number {
  return Date.parse(text)
}

/** Returns the last ms of a date, or the time itself. */
function endOf(text: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
  return isDay ? Date.parse(text) + 86_399_999 : Date.parse(text)
}

import type { JobState, LostDispatch } from '../../../model/build/state/job-state.js'
import { lostDispatchOf } from '../state/lost-dispatch.js'
import { observationDelay } from '../state/delays.js'
import { branchOf, eventOf, findJob, findPlanned } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'
import { markerOfAttempt } from './dispatch.js'

/** Lists the runs of a lost dispatch. The run of the dispatch that followed it is not one of them. */
export async function searchLost(context: ActionContext, { job: id }: ActionOf<'search-lost'>): Promise<void> {
  const { repo, workflow } = findJob(context, id)
  const planned = findPlanned(context, id)
  const before = context.state().jobs.get(id)
  const lost = before && lostDispatchOf(before)
  if (!lost || !planned.headSha) return
  const { search, until, count } = lost
  const marker = planned.carriesMarker ? markerOfAttempt(context, planned, search.attempt) : null
  const read = await context.github.findRuns({
    repo,
    ...eventOf(findJob(context, id)),
    workflow,
    ref: branchOf(context, planned),
    headSha: marker === null ? planned.headSha : null,
    createdSince: search.serverTime,
    ...(marker === null && until !== null ? { createdUntil: until } : {}),
    marker,
  })
  const nextAt = context.clock.now() + observationDelay(count + 1, `${context.state().id}:${id}:lost`)
  const now = context.state().jobs.get(id)
  const found = read.ok ? read.value.filter(({ runId }) => runId !== runIdOf(now)) : []
  const failure = read.ok ? null : read.failure
  const event = { type: 'lost-runs-listed', job: id, attempt: search.attempt, found, failure, nextAt } as const
  await context.emit(event, () => isOpen(context, id, lost))
}

/** The delay after a failed cancel, ms. */
const cancelRetryDelayMs = 5_000

export async function cancelLost(context: ActionContext, { job: id, runId }: ActionOf<'cancel-lost'>): Promise<void> {
  const { repo } = findJob(context, id)
  const before = context.state().jobs.get(id)
  const lost = before && lostDispatchOf(before)
  if (!lost) return
  const result = await context.github.cancelRun(repo, runId, { force: false, urgent: false })
  const failure = result.kind === 'failed' ? result.failure : null
  const nextAt = context.clock.now() + cancelRetryDelayMs
  const { attempt } = lost.search
  const event = { type: 'lost-run-cancelled', job: id, attempt, runId, failure, nextAt } as const
  await context.emit(event, () => isOpen(context, id, lost))
}

/** Whether the search for this lost dispatch is still open when its event is journaled. */
function isOpen(context: ActionContext, id: string, { search }: LostDispatch): boolean {
  const job = context.state().jobs.get(id)
  const lost = job && lostDispatchOf(job)
  return lost?.search.attempt === search.attempt && !lost.isDone
}

function runIdOf(job: JobState | undefined): number | null {
  return job?.phase === 'running' || job?.phase === 'settled' ? job.runId : null
}

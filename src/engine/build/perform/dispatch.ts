import { assertNever } from '../../../lib/assert-never.js'
import type { EventBody } from '../../../model/build/events.js'
import type { Job } from '../../../model/graph.js'
import { markerInput, markerOf } from '../../../model/build/marker.js'
import { originOf } from '../../../model/build/orchestration.js'
import type { JobState } from '../../../model/build/state/job-state.js'
import type { PlannedJob } from '../../../model/build/plan.js'
import { resolvePayload, resolveTemplate } from '../../../model/build/template.js'
import type { TemplateContext } from '../../../model/build/template.js'
import type { RepositoryEvent } from '../../../model/repository-event.js'
import type { Intent } from '../../kernel/intent.js'
import { withIntent } from '../../kernel/intent.js'
import { actionKey } from '../decide/actions.js'
import { findEarlierRuns } from './find-earlier-runs.js'
import { observationDelay } from '../state/delays.js'
import { branchOf, eventOf, findJob, findPlanned } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'
import { sendJobEvent } from './send-job-event.js'
import { templateContext } from './template-context.js'

export async function dispatch(context: ActionContext, action: ActionOf<'dispatch'>): Promise<void> {
  const { job: id, attempt } = action
  const job = findJob(context, id)
  const values = templateContext(context.state(), attempt)
  const inputs = Object.fromEntries(
    Object.entries(job.inputs).map(([name, template]) => [name, resolveTemplate(template, values)]),
  )
  const planned = findPlanned(context, id)
  if (planned.carriesMarker) inputs[markerInput] = markerOfAttempt(context, planned, attempt)
  await ensureServerTime(context, job)
  const intent: Intent<EventBody> = {
    key: actionKey(action),
    event: () => ({ type: 'dispatch-requested', job: id, attempt, serverTime: context.github.serverTime() }),
    // The intent is journaled again, because its time limits the search for the run.
    again: { isWanted: () => isDueAgain(context, action), isJournaled: true },
  }
  const request = { repo: job.repo, workflow: job.workflow, ref: branchOf(context, planned), inputs }
  const event = toEvent(job, values, inputs)
  const result = await withIntent(context, intent, (beforeSend) =>
    event ? sendJobEvent(context.github, event, beforeSend) : context.github.dispatch(request, beforeSend),
  )
  switch (result.kind) {
    case 'withheld':
      return
    case 'accepted':
      return context.emit({ type: 'dispatch-accepted', job: id, attempt, runId: result.runId, url: result.url })
    case 'refused':
      return context.emit({ type: 'dispatch-refused', job: id, attempt, failure: result.failure })
    case 'ambiguous':
      return context.emit({ type: 'dispatch-ambiguous', job: id, attempt, failure: result.failure })
    default:
      return assertNever(result)
  }
}

/** The event of a job; null: its workflow is dispatched. What would be an input of a dispatch, such as the marker, is a key of the payload. */
function toEvent(
  { repo, event }: Job,
  values: TemplateContext,
  inputs: Readonly<Record<string, string>>,
): RepositoryEvent | null {
  if (!event) return null
  return { repo, eventType: event.type, payload: { ...resolvePayload(event.payload, values), ...inputs } }
}

/**
 * Learns GitHub's time, which every answer contains. A process that resumed an orchestration may not have received an answer yet, and
 * the run of a dispatch whose intent has no GitHub time cannot be searched for.
 */
async function ensureServerTime(context: ActionContext, { id, repo }: Job): Promise<void> {
  const { github, state } = context
  const { headSha } = findPlanned(context, id)
  if (github.serverTime() !== null || headSha === null) return
  // The result is not used, and a failure contains the time as well. Without an answer the dispatch is sent anyway.
  await github.listStatuses({ repo, headSha, context: state().plan.graph.statusContext, newestOnly: true })
}

/** Whether the dispatch would be due if it had not been requested. The port asks again only after a rate limit, which proves that no run exists. */
function isDueAgain(context: ActionContext, action: ActionOf<'dispatch'>): boolean {
  const state = context.state()
  const job = state.jobs.get(action.job)
  if (job?.phase !== 'dispatching' || job.attempt !== action.attempt) return false
  const before: JobState = job.lost?.search ?? { phase: 'waiting', ...(job.reuse ? { reuse: job.reuse } : {}) }
  return context.wouldBePending({ ...state, jobs: state.jobs.with(action.job, before) }, actionKey(action))
}

export function markerOfAttempt(context: ActionContext, { job, fingerprint }: PlannedJob, attempt: number): string {
  return markerOf({ origin: originOf(context.state()), job, attempt, fingerprint })
}

export async function search(context: ActionContext, { job: id }: ActionOf<'search'>): Promise<void> {
  const { repo, workflow } = findJob(context, id)
  const { id: orchestrationId } = context.state()
  const before = context.state().jobs.get(id)
  const planned = findPlanned(context, id)
  const { headSha } = planned
  if (before?.phase !== 'searching' || before.serverTime === null || !headSha) return
  const marker = planned.carriesMarker ? markerOfAttempt(context, planned, before.attempt) : null
  const read = await context.github.findRuns({
    repo,
    ...eventOf(findJob(context, id)),
    workflow,
    ref: branchOf(context, planned),
    // If the branch moved before GitHub accepted the dispatch, the run has another commit. The marker finds it too, so that it can be cancelled.
    headSha: marker === null ? headSha : null,
    createdSince: before.serverTime,
    marker,
  })
  const isSearching = (): boolean => context.state().jobs.get(id)?.phase === 'searching'
  const nextAt = context.clock.now() + observationDelay(before.count + 1, `${orchestrationId}:${id}:search`)
  if (read.ok) return context.emit({ type: 'runs-listed', job: id, found: read.value, nextAt }, isSearching)
  return context.emit({ type: 'listing-failed', job: id, failure: read.failure, nextAt }, isSearching)
}

export async function findReusableRun(context: ActionContext, id: string): Promise<void> {
  const before = context.state().jobs.get(id)
  if (before?.phase !== 'waiting') return
  const read = await findEarlierRuns(context.github, context.state(), findJob(context, id), findPlanned(context, id))
  const isWaiting = (): boolean => context.state().jobs.get(id)?.phase === 'waiting'
  const nextAt =
    context.clock.now() + observationDelay((before.reuse?.count ?? 0) + 1, `${context.state().id}:${id}:reuse`)
  if (read.ok) return context.emit({ type: 'earlier-runs-listed', job: id, found: read.value, nextAt }, isWaiting)
  return context.emit({ type: 'listing-failed', job: id, failure: read.failure, nextAt }, isWaiting)
}

export function adopt(context: ActionContext, { job, attempt, runId, url }: ActionOf<'adopt'>): Promise<void> {
  const isSearched = (): boolean => ['searching', 'waiting'].includes(context.state().jobs.get(job)?.phase ?? '')
  return context.emit({ type: 'run-adopted', job, attempt, runId, url }, isSearched)
}

import { assertNever } from '../../../lib/assert-never.js'
import type { Job } from '../../../model/graph.js'
import { markerInput, markerOf } from '../../../model/build/marker.js'
import { originOf } from '../../../model/build/orchestration.js'
import type { WaitingJob } from '../../../model/build/orchestration.js'
import type { PlannedJob } from '../../../model/build/plan.js'
import { resolveTemplate } from '../../../model/build/template.js'
import { actionKey } from '../decide/actions.js'
import { lookForRun } from './look-for-run.js'
import { observationDelay } from '../state/poll-schedule.js'
import { findJob, findPlanned, isStillDue } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'
import { templateContext } from './template-context.js'

export async function dispatch(stage: ActionContext, action: ActionOf<'dispatch'>): Promise<void> {
  const { job: id, attempt } = action
  const job = findJob(stage, id)
  const { branch } = stage.state().plan
  const context = templateContext(stage.state(), attempt)
  const inputs = Object.fromEntries(
    Object.entries(job.inputs).map(([name, template]) => [name, resolveTemplate(template, context)]),
  )
  const planned = findPlanned(stage, id)
  if (planned.carriesMarker) inputs[markerInput] = markerOfAttempt(stage, planned, attempt)
  await learnServerTime(stage, job)
  const result = await stage.github.dispatch({ repo: job.repo, workflow: job.workflow, ref: branch, inputs }, () =>
    stage.emitIf(() => isStillDue(stage, action) || isDueAgain(stage, action), {
      type: 'dispatch-requested',
      job: id,
      attempt,
      serverTime: stage.github.serverTime(),
    }),
  )
  switch (result.kind) {
    case 'withheld':
      return
    case 'accepted':
      return stage.emit({ type: 'dispatch-accepted', job: id, attempt, runId: result.runId, url: result.url })
    case 'refused':
      return stage.emit({ type: 'dispatch-refused', job: id, attempt, failure: result.failure })
    case 'ambiguous':
      return stage.emit({ type: 'dispatch-ambiguous', job: id, attempt, failure: result.failure })
    default:
      return assertNever(result)
  }
}

/**
 * Every answer of GitHub tells its time. A process that goes on with an orchestration may have had none yet, and the run of a dispatch whose
 * intent has no time could never be looked for.
 */
async function learnServerTime(stage: ActionContext, { id, repo }: Job): Promise<void> {
  const { github, state } = stage
  const { headSha } = findPlanned(stage, id)
  if (github.serverTime() !== null || headSha === null) return
  // What it says does not matter, and a failure has a time as well; without any answer the dispatch goes out all the same.
  await github.listStatuses({ repo, headSha, context: state().plan.graph.statusContext, newestOnly: true })
}

/** The port asks again only after a rate limit, which proves that no run exists: would it be dispatched, had it never been requested? */
function isDueAgain(stage: ActionContext, action: ActionOf<'dispatch'>): boolean {
  const state = stage.state()
  const job = state.jobs.get(action.job)
  if (job?.phase !== 'dispatching' || job.attempt !== action.attempt) return false
  const waiting: WaitingJob = { phase: 'waiting', ...(job.reuse ? { reuse: job.reuse } : {}) }
  return stage.wouldBePending({ ...state, jobs: state.jobs.with(action.job, waiting) }, actionKey(action))
}

function markerOfAttempt(stage: ActionContext, { job, fingerprint }: PlannedJob, attempt: number): string {
  return markerOf({ origin: originOf(stage.state()), job, attempt, fingerprint })
}

export async function search(stage: ActionContext, { job: id }: ActionOf<'search'>): Promise<void> {
  const { repo, workflow } = findJob(stage, id)
  const { id: orchestrationId, plan } = stage.state()
  const before = stage.state().jobs.get(id)
  const planned = findPlanned(stage, id)
  const { headSha } = planned
  if (before?.phase !== 'searching' || before.serverTime === null || !headSha) return
  const marker = planned.carriesMarker ? markerOfAttempt(stage, planned, before.attempt) : null
  const read = await stage.github.findRuns({
    repo,
    workflow,
    ref: plan.branch,
    // A branch that moved before GitHub took the dispatch gave another commit: the marker finds that run too, to cancel it.
    headSha: marker === null ? headSha : null,
    createdSince: before.serverTime,
    marker,
  })
  const isSearching = (): boolean => stage.state().jobs.get(id)?.phase === 'searching'
  const nextAt = stage.clock.now() + observationDelay(before.count + 1, `${orchestrationId}:${id}:search`)
  if (read.ok) return stage.emit({ type: 'runs-listed', job: id, found: read.value, nextAt }, isSearching)
  return stage.emit({ type: 'listing-failed', job: id, failure: read.failure, nextAt }, isSearching)
}

export async function findReusableRun(stage: ActionContext, id: string): Promise<void> {
  const before = stage.state().jobs.get(id)
  if (before?.phase !== 'waiting') return
  const read = await lookForRun(stage.github, stage.state(), findJob(stage, id), findPlanned(stage, id))
  const isWaiting = (): boolean => stage.state().jobs.get(id)?.phase === 'waiting'
  const nextAt = stage.clock.now() + observationDelay((before.reuse?.count ?? 0) + 1, `${stage.state().id}:${id}:look`)
  if (read.ok) return stage.emit({ type: 'earlier-runs-listed', job: id, found: read.value, nextAt }, isWaiting)
  return stage.emit({ type: 'listing-failed', job: id, failure: read.failure, nextAt }, isWaiting)
}

export function adopt(stage: ActionContext, { job, attempt, runId, url }: ActionOf<'adopt'>): Promise<void> {
  const isSearched = (): boolean => ['searching', 'waiting'].includes(stage.state().jobs.get(job)?.phase ?? '')
  return stage.emit({ type: 'run-adopted', job, attempt, runId, url }, isSearched)
}

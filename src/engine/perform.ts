import { assertNever } from '../model/assert-never.js'
import type { CommitStatus } from '../model/change.js'
import type { EventBody } from '../model/events.js'
import type { Graph, Job } from '../model/graph.js'
import type { JobOutcome, Orchestration, SettledJob, WaitingJob } from '../model/orchestration.js'
import { originOf } from '../model/orchestration.js'
import type { PlannedJob } from '../model/plan.js'
import { markerInput, markerOf } from '../model/marker.js'
import { repoKey } from '../model/repo-name.js'
import { describeStatus } from '../model/status-description.js'
import { resolveTemplate } from '../model/template.js'
import type { Clock } from '../ports/clock.js'
import type { GitHub } from '../ports/github.js'
import type { Action } from './actions.js'
import { actionKey } from './actions.js'
import { decide } from './decide.js'
import { knownHeads, lockEarlierHeads } from './lock-earlier-heads.js'
import { lookForRun } from './look-for-run.js'
import { confirmationDelay, observationDelay, settledWatchDelay, watchDelay } from './poll-schedule.js'
import { readAgain } from './read-again.js'
import { templateContext } from './template-context.js'
import { isOwn } from './compare-statuses.js'

/** What performing an action needs. */
export interface Stage {
  graph: Graph
  github: GitHub
  clock: Clock
  state: () => Orchestration
  /** What `decide` names now. */
  due: () => readonly Action[]
  /** Journals an event, then applies it, if `isStillTrue` holds when its turn comes. */
  emit: (event: EventBody, isStillTrue?: () => boolean) => Promise<void>
  /** Journals an intent, if `isStillDue` holds when its turn comes; resolves to whether it may be done. */
  emitIf: (isStillDue: () => boolean, event: EventBody) => Promise<boolean>
}

type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>

/** Performs one action through the ports and tells what happened as events. Rejects only on a bug. */
export async function perform(stage: Stage, action: Action): Promise<void> {
  switch (action.type) {
    case 'dispatch':
      return dispatch(stage, action)
    case 'observe':
      return observe(stage, action)
    case 'search':
      return search(stage, action)
    case 'look':
      return look(stage, action.job)
    case 'adopt':
      return adopt(stage, action)
    case 'cancel':
      return cancel(stage, action)
    case 'skip':
      return settle(stage, action, { outcome: 'skipped', reason: action.reason })
    case 'settle':
      return settle(stage, action, action)
    case 'explain':
      return explain(stage, action)
    case 'rerun':
      return rerun(stage, action)
    case 'lock-earlier-heads':
      return lockEarlier(stage)
    case 'verify':
      return verify(stage, action)
    case 'post-status':
      return postStatus(stage, action)
    case 'suspend':
      return stage.emit({ type: 'suspended', failure: action.failure })
    case 'finish':
      return stage.emit({ type: 'finished', ...action.ending })
    default:
      return assertNever(action)
  }
}

/** Whether decide still names this action: what waited in the limiter may have been overtaken. */
function isStillDue(stage: Stage, action: Action): boolean {
  const key = actionKey(action)
  return stage.due().some((due) => actionKey(due) === key)
}

/** A reading that was journaled in the meantime may have changed how the job ends. */
function settle(
  stage: Stage,
  action: ActionOf<'skip' | 'settle'>,
  { outcome, reason }: { outcome: JobOutcome; reason: string },
): Promise<void> {
  const isSame = (due: Action): boolean =>
    due.type === action.type &&
    due.job === action.job &&
    due.reason === action.reason &&
    (due.type === 'skip' || due.outcome === outcome)
  return stage.emit({ type: 'job-settled', job: action.job, outcome, reason }, () => stage.due().some(isSame))
}

async function dispatch(stage: Stage, action: ActionOf<'dispatch'>): Promise<void> {
  const { job: id, attempt } = action
  const job = findJob(stage, id)
  const { branch } = stage.state().plan
  const context = templateContext(stage.graph, stage.state(), attempt)
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
async function learnServerTime(stage: Stage, { id, repo }: Job): Promise<void> {
  const { github, state } = stage
  const { headSha } = findPlanned(stage, id)
  if (github.serverTime() !== null || headSha === null) return
  // What it says does not matter, and a failure has a time as well; without any answer the dispatch goes out all the same.
  await github.listStatuses({ repo, headSha, context: state().plan.graph.statusContext, newestOnly: true })
}

/** The port asks again only after a rate limit, which proves that no run exists: would it be dispatched, had it never been requested? */
function isDueAgain(stage: Stage, action: ActionOf<'dispatch'>): boolean {
  const state = stage.state()
  const job = state.jobs.get(action.job)
  if (job?.phase !== 'dispatching' || job.attempt !== action.attempt) return false
  const waiting: WaitingJob = { phase: 'waiting', ...(job.look ? { look: job.look } : {}) }
  const key = actionKey(action)
  const before = { ...state, jobs: new Map(state.jobs).set(action.job, waiting) }
  return decide(stage.graph, before, stage.clock.now()).some((due) => actionKey(due) === key)
}

function markerOfAttempt(stage: Stage, { job, fingerprint }: PlannedJob, attempt: number): string {
  return markerOf({ origin: originOf(stage.state()), job, attempt, fingerprint })
}

async function search(stage: Stage, { job: id }: ActionOf<'search'>): Promise<void> {
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

async function look(stage: Stage, id: string): Promise<void> {
  const before = stage.state().jobs.get(id)
  if (before?.phase !== 'waiting') return
  const read = await lookForRun(stage.github, stage.state(), findJob(stage, id), findPlanned(stage, id))
  const isWaiting = (): boolean => stage.state().jobs.get(id)?.phase === 'waiting'
  const nextAt = stage.clock.now() + observationDelay((before.look?.count ?? 0) + 1, `${stage.state().id}:${id}:look`)
  if (read.ok) return stage.emit({ type: 'earlier-runs-listed', job: id, found: read.value, nextAt }, isWaiting)
  return stage.emit({ type: 'listing-failed', job: id, failure: read.failure, nextAt }, isWaiting)
}

function adopt(stage: Stage, { job, attempt, runId, url }: ActionOf<'adopt'>): Promise<void> {
  const isSearched = (): boolean => ['searching', 'waiting'].includes(stage.state().jobs.get(job)?.phase ?? '')
  return stage.emit({ type: 'run-adopted', job, attempt, runId, url }, isSearched)
}

async function observe(stage: Stage, { job }: ActionOf<'observe'>): Promise<void> {
  const { repo } = findJob(stage, job)
  const before = stage.state().jobs.get(job)
  if (before?.phase === 'settled') return observeSettled(stage, job, repo, before)
  if (before?.phase !== 'running') return
  const reading = await stage.github.readRun(repo, before.runId)
  const now = stage.state().jobs.get(job)
  if (now?.phase !== 'running') return
  // The job may be settled while the reading waits for its turn in the journal.
  const isRunning = (): boolean => stage.state().jobs.get(job)?.phase === 'running'
  const nextAt = stage.clock.now() + observationDelay(now.observation.count + 1, `${stage.state().id}:${job}`)
  switch (reading.kind) {
    case 'run':
      return stage.emit({ type: 'run-observed', job, run: reading.run, nextAt }, isRunning)
    case 'absent':
      return stage.emit({ type: 'run-absent', job, nextAt }, isRunning)
    case 'unreadable':
      return stage.emit({ type: 'observation-failed', job, failure: reading.failure, nextAt }, isRunning)
    default:
      return assertNever(reading)
  }
}

/** A failed run that somebody runs again by hand is waited for again. */
async function observeSettled(stage: Stage, job: string, repo: string, settled: SettledJob): Promise<void> {
  if (settled.runId === null) return
  const reading = await stage.github.readRun(repo, settled.runId)
  const nextAt = stage.clock.now() + settledWatchDelay
  const isSettled = (): boolean => stage.state().jobs.get(job)?.phase === 'settled'
  if (reading.kind === 'run' && reading.run.runAttempt > (settled.runAttempt ?? 1)) {
    return stage.emit({ type: 'run-restarted', job, run: reading.run, nextAt }, () => isSettled() && mayRestart(stage))
  }
  if (reading.kind === 'run') return stage.emit({ type: 'run-observed', job, run: reading.run, nextAt }, isSettled)
  if (reading.kind === 'absent') return stage.emit({ type: 'run-absent', job, nextAt }, isSettled)
  return stage.emit({ type: 'observation-failed', job, failure: reading.failure, nextAt }, isSettled)
}

/** Once the last build has ended, the outcome is being told. */
function mayRestart(stage: Stage): boolean {
  return [...stage.state().jobs.values()].some(({ phase }) => phase !== 'settled')
}

async function cancel(stage: Stage, { job, runId, reason, force, urgent }: ActionOf<'cancel'>): Promise<void> {
  const { repo } = findJob(stage, job)
  await stage.emit({ type: 'cancel-requested', job, runId, reason, force })
  const result = await stage.github.cancelRun(repo, runId, { force, urgent })
  switch (result.kind) {
    case 'requested':
    case 'finished':
      return stage.emit({ type: 'cancel-answered', job, runId, result: result.kind })
    case 'failed':
      return stage.emit({ type: 'cancel-failed', job, runId, failure: result.failure })
    default:
      return assertNever(result)
  }
}

async function rerun(stage: Stage, action: ActionOf<'rerun'>): Promise<void> {
  const { job, runId, fromAttempt } = action
  const { repo } = findJob(stage, job)
  let isRequested = false
  const isWanted = (): boolean => {
    const { jobs, interrupted } = stage.state()
    const state = jobs.get(job)
    return interrupted === null && state?.phase === 'running' && state.rerun?.fromAttempt === fromAttempt
  }
  const result = await stage.github.rerunFailedJobs(repo, runId, async () => {
    if (isRequested) return isWanted()
    isRequested = await stage.emitIf(() => isStillDue(stage, action), {
      type: 'rerun-requested',
      job,
      runId,
      fromAttempt,
    })
    return isRequested
  })
  if (result.kind === 'withheld') return
  const failure = result.kind === 'accepted' ? null : result.failure
  const isRunning = (): boolean => stage.state().jobs.get(job)?.phase === 'running'
  await stage.emit({ type: 'rerun-answered', job, runId, result: result.kind, failure }, isRunning)
}

async function lockEarlier(stage: Stage): Promise<void> {
  const { id, plan, options } = stage.state()
  const result = await lockEarlierHeads(stage.github, {
    branch: plan.branch,
    statusContext: plan.graph.statusContext,
    repositories: plan.targets.map(({ repo }) => ({ repo, known: knownHeads(options.earlierHeads, repo) })),
    description: describeStatus({ writer: 'run', id }, 'no longer the head that is built'),
    link: options.link,
  })
  await stage.emit({ type: 'earlier-heads-locked', ...result })
}

async function explain(stage: Stage, { job }: ActionOf<'explain'>): Promise<void> {
  const { repo } = findJob(stage, job)
  const settled = stage.state().jobs.get(job)
  if (settled?.phase !== 'settled' || settled.runId === null) throw new Error(`${job} has no run to explain`)
  const { runId, runAttempt, url } = settled
  const read = await stage.github.explainFailure(repo, { runId, runAttempt: runAttempt ?? 1, url: url ?? '' })
  const isSettled = (): boolean => stage.state().jobs.get(job)?.phase === 'settled'
  if (read.ok) return stage.emit({ type: 'failure-explained', job, explanation: read.value, failure: null }, isSettled)
  return stage.emit({ type: 'failure-explained', job, explanation: null, failure: read.failure }, isSettled)
}

async function verify(stage: Stage, action: ActionOf<'verify'>): Promise<void> {
  const result = await readAgain(stage.github, stage.state(), action.stage)
  const count = (stage.state().verifications[action.stage]?.count ?? 0) + 1
  const seed = `${stage.state().id}:${action.stage}`
  const delay = action.stage === 'while-building' ? watchDelay(count, seed) : observationDelay(count, seed)
  const nextAt = stage.clock.now() + (result.kind === 'moved' ? confirmationDelay : delay)
  // What was read while the last build ended is read again before success.
  const isStillBuilding = (): boolean => action.stage !== 'while-building' || isStillDue(stage, action)
  await stage.emit({ type: 'verified', stage: action.stage, result, nextAt }, isStillBuilding)
}

async function postStatus(stage: Stage, action: ActionOf<'post-status'>): Promise<void> {
  const { repo, headSha, round, state } = action
  const { id, plan, options } = stage.state()
  const context = plan.graph.statusContext
  const post = { repo, headSha, round }
  if (action.over !== 'anything') {
    const read = await stage.github.listStatuses({ repo, headSha, context, newestOnly: true })
    if (!read.ok) return stage.emit({ type: 'status-failed', ...post, failure: read.failure })
    if (!mayFollow(stage.state(), action, read.value[0])) {
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

/** Whether the post may come after what is the newest status of the head now. */
function mayFollow(
  { id, plan, olderClaims }: Orchestration,
  { over, repo }: ActionOf<'post-status'>,
  newest: CommitStatus | undefined,
): boolean {
  const target = plan.targets.find((candidate) => repoKey(candidate.repo) === repoKey(repo))
  if (over === 'own-or-planned' && (newest?.id ?? null) === target?.statusId) return true
  if (!newest) return false
  return isOwn({ id }, newest.description) || olderClaims.some((older) => isOwn({ id: older }, newest.description))
}

function findPlanned(stage: Stage, id: string): PlannedJob {
  const planned = stage.state().plan.jobs.find(({ job }) => job === id)
  if (!planned) throw new Error(`${id} is not planned`)
  return planned
}

function findJob(stage: Stage, id: string): Job {
  const job = stage.graph.jobs.find((candidate) => candidate.id === id)
  if (!job) throw new Error(`no job ${id}`)
  return job
}

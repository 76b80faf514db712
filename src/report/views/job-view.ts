import { assertNever } from '../../lib/assert-never.js'
import { counted } from '../../lib/counted.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { JobOutcome, JobState, RunningJob, WaitingJob } from '../../model/build/state/job-state.js'
import { describeAwaited } from '../../model/build/state/awaited-approval.js'
import type { PlannedJob } from '../../model/build/plan.js'
import { sanitize } from '../../lib/sanitize.js'
import type { Rejection } from '../../model/workflow-run.js'
import type { EventOf } from '../event-of.js'
import type { Mark } from '../style.js'
import type { Paint } from '../paint.js'
import { describeDefaultBranch } from './default-branch.js'

/** The state of a job for counting and for choosing what is shown. */
export type JobDisplayState =
  | 'waiting'
  | 'active'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'skipped'
  | 'not-run'
  | 'left-running'

/** One job at one point in time, as every output form shows it. All text is sanitized. */
export interface JobView {
  job: string
  displayState: JobDisplayState
  mark: Mark
  paint: Paint
  /** One or two words: `running`, `timed out`. */
  word: string
  /** One more clause; empty if there is nothing to add. */
  detail: string
  /** Since the dispatch, ms; null: nothing was dispatched. */
  elapsedMs: number | null
  /** Page of the run, not yet safe as a link; null: there is none. */
  url: string | null
}

/** The word for each outcome. */
export const outcomeWords: Record<JobOutcome, string> = {
  succeeded: 'succeeded',
  fresh: 'fresh',
  failed: 'failed',
  cancelled: 'cancelled',
  'timed-out': 'timed out',
  moved: 'moved',
  lost: 'lost',
  unknown: 'unknown',
  skipped: 'skipped',
  'not-run': 'not run',
  'left-running': 'left running',
}

/** `failed` covers every outcome that stops the orchestration; a job that was cancelled because of it is `cancelled`. */
function displayStateOf(outcome: JobOutcome): JobDisplayState {
  switch (outcome) {
    case 'fresh':
      return 'succeeded'
    case 'succeeded':
    case 'skipped':
    case 'not-run':
    case 'cancelled':
    case 'left-running':
      return outcome
    case 'failed':
    case 'timed-out':
    case 'moved':
    case 'lost':
    case 'unknown':
      return 'failed'
    default:
      return assertNever(outcome)
  }
}

const styles: Record<JobDisplayState, { mark: Mark; paint: Paint }> = {
  waiting: { mark: 'waiting', paint: 'dim' },
  active: { mark: 'active', paint: 'cyan' },
  succeeded: { mark: 'good', paint: 'green' },
  failed: { mark: 'bad', paint: 'red' },
  cancelled: { mark: 'bad', paint: 'yellow' },
  skipped: { mark: 'skipped', paint: 'dim' },
  'not-run': { mark: 'skipped', paint: 'dim' },
  'left-running': { mark: 'active', paint: 'dim' },
}

function runningWords(job: RunningJob): { word: string; detail: string } {
  const { run, failure, absentSince, waitingSince } = job.observation
  if (job.cancel) return { word: 'cancelling', detail: job.cancel.reason }
  if (job.rerun) return { word: 'running again', detail: `attempt ${job.rerun.fromAttempt} did not succeed` }
  if (failure) return { word: run ? statusWord(run.status) : 'dispatched', detail: sanitize(failure.message) }
  if (absentSince !== null) return { word: 'missing', detail: 'GitHub does not find the run' }
  if (waitingSince !== null) {
    return { word: 'waiting', detail: sanitize(describeAwaited(job.awaited?.deployments ?? null)) }
  }
  return { word: run ? statusWord(run.status) : 'dispatched', detail: '' }
}

/** What the run of a job waits for, without its address: one clause. Sanitized. */
export function approvalText({ deployments, failure }: EventOf<'pending-deployments-read'>): string {
  const wait = describeAwaited(deployments)
  return sanitize(failure ? `${wait}; the environment could not be read: ${failure.message}` : wait)
}

/** Who rejected the deployment of a run, as a clause that follows "rejected". Sanitized. */
export function rejectionText({ environments, by, comment }: Rejection): string {
  const why = comment === '' ? '' : `: ${comment}`
  return sanitize(`by ${by}: the deployment to ${environments.join(' and ')}${why}`)
}

/** The word for GitHub's status of a run. */
export function statusWord(status: string): string {
  return status === 'in_progress' ? 'running' : sanitize(status).replaceAll('_', ' ')
}

/** The view of a waiting job: one that will be skipped is shown as skipped at once, and its dependents wait for its needs. */
function waitingViews(orchestration: Orchestration): (planned: PlannedJob) => WordsOfState {
  const { plan, jobs } = orchestration
  const needs = new Map(plan.graph.jobs.map((job) => [job.id, job.needs]))
  const skipped = new Set(plan.jobs.filter(({ action }) => action === 'skip').map(({ job }) => job))
  return ({ job, action, reason }) => {
    if (action === 'skip') {
      return {
        displayState: 'skipped',
        word: outcomeWords.skipped,
        detail: sanitize(reason),
        elapsedMs: null,
        url: null,
      }
    }
    const open = new Set(needs.get(job))
    // The set grows while it is iterated: a skipped job is replaced by its own needs.
    for (const need of open) if (skipped.has(need)) for (const before of needs.get(need) ?? []) open.add(before)
    const names = [...open].filter((need) => !skipped.has(need) && jobs.get(need)?.phase !== 'settled').map(sanitize)
    const detail = names.length === 0 ? '' : `for ${names.join(', ')}`
    return { displayState: 'waiting', word: 'waiting', detail, elapsedMs: null, url: null }
  }
}

type WordsOfState = Pick<JobView, 'displayState' | 'word' | 'detail' | 'elapsedMs' | 'url'>

/** The parts of a view that depend only on the job's state. `now`: ms since the epoch. */
function wordsOf(state: Exclude<JobState, WaitingJob>, now: number): WordsOfState {
  switch (state.phase) {
    case 'dispatching':
      return {
        displayState: 'active',
        word: 'dispatching',
        detail: '',
        elapsedMs: Math.max(0, now - state.requestedAt),
        url: null,
      }
    case 'searching':
      return {
        displayState: 'active',
        word: 'searching',
        detail: 'for its run; it is not known whether one started',
        elapsedMs: Math.max(0, now - state.requestedAt),
        url: null,
      }
    case 'running':
      return {
        displayState: 'active',
        ...runningWords(state),
        elapsedMs: Math.max(0, now - state.dispatchedAt),
        url: state.observation.run?.url ?? state.url,
      }
    case 'settled':
      return {
        displayState: displayStateOf(state.outcome),
        word: outcomeWords[state.outcome],
        detail: sanitize(state.reason),
        elapsedMs: state.dispatchedAt === null ? null : state.settledAt - state.dispatchedAt,
        url: state.url,
      }
    default:
      return assertNever(state)
  }
}

/** Every job of the plan at `now` (ms since the epoch), in the plan's order. */
export function viewJobs(orchestration: Orchestration, now: number): JobView[] {
  const viewWaiting = waitingViews(orchestration)
  return orchestration.plan.jobs.map((planned) => {
    const state = orchestration.jobs.get(planned.job) ?? { phase: 'waiting' }
    const words = state.phase === 'waiting' ? viewWaiting(planned) : wordsOf(state, now)
    const detail = withDefaultBranch(planned, words.detail)
    return { job: sanitize(planned.job), ...styles[words.displayState], ...words, detail }
  })
}

function withDefaultBranch(planned: PlannedJob, detail: string): string {
  const built = describeDefaultBranch(planned)
  if (built === null) return detail
  return detail === '' ? built : `${detail} (${built})`
}

const displayStateWords: Partial<Record<JobDisplayState | 'fresh', string>> = {
  'not-run': 'not run',
  'left-running': 'left running',
}

/** A fresh job is counted apart from one that was built and succeeded. */
function countedAs({ displayState, word }: JobView): JobDisplayState | 'fresh' {
  return word === outcomeWords.fresh ? 'fresh' : displayState
}

/** `50 jobs: 12 succeeded, 3 fresh, 3 active, 32 waiting`. */
export function countJobs(views: readonly JobView[]): string {
  const order = [
    'succeeded',
    'fresh',
    'active',
    'failed',
    'cancelled',
    'left-running',
    'waiting',
    'skipped',
    'not-run',
  ] as const
  const counts = order.flatMap((state) => {
    const count = views.filter((view) => countedAs(view) === state).length
    return count === 0 ? [] : [`${count} ${displayStateWords[state] ?? state}`]
  })
  return `${counted(views.length, 'job')}: ${counts.join(', ')}`
}

import { assertNever } from '../model/assert-never.js'
import type { JobOutcome, JobState, Orchestration, RunningJob } from '../model/orchestration.js'
import { harmless } from './harmless.js'
import type { Mark, Paint } from './style.js'

/** Where a job stands, for counting and for choosing what is shown. */
export type Standing = 'waiting' | 'active' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'not-run'

/** One job at one moment, as every form shows it. All text is harmless. */
export interface JobView {
  job: string
  standing: Standing
  mark: Mark
  paint: Paint
  /** One or two words: `running`, `timed out`. */
  word: string
  /** One clause more; empty: there is nothing to add. */
  detail: string
  /** Since the dispatch, ms; null: nothing was dispatched. */
  elapsedMs: number | null
  /** Page of the run, not made safe as a link; null: there is none. */
  url: string | null
}

/** How a settled job is called. */
export const outcomeWords: Record<JobOutcome, string> = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  'timed-out': 'timed out',
  moved: 'moved',
  lost: 'lost',
  unknown: 'unknown',
  skipped: 'skipped',
  'not-run': 'not run',
}

/** `failed` holds every outcome that stopped the orchestration; what was cancelled because of it is told apart. */
function standingOf(outcome: JobOutcome): Standing {
  switch (outcome) {
    case 'succeeded':
    case 'skipped':
    case 'not-run':
    case 'cancelled':
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

const looks: Record<Standing, { mark: Mark; paint: Paint }> = {
  waiting: { mark: 'waiting', paint: 'dim' },
  active: { mark: 'active', paint: 'cyan' },
  succeeded: { mark: 'good', paint: 'green' },
  failed: { mark: 'bad', paint: 'red' },
  cancelled: { mark: 'bad', paint: 'yellow' },
  skipped: { mark: 'skipped', paint: 'dim' },
  'not-run': { mark: 'skipped', paint: 'dim' },
}

function runningWords(job: RunningJob): { word: string; detail: string } {
  const { run, failure, absentSince } = job.observation
  if (job.cancel) return { word: 'cancelling', detail: job.cancel.reason }
  if (failure) return { word: run ? statusWord(run.status) : 'dispatched', detail: harmless(failure.message) }
  if (absentSince !== null) return { word: 'missing', detail: 'GitHub does not find the run' }
  return { word: run ? statusWord(run.status) : 'dispatched', detail: '' }
}

/** GitHub's status of a run as a word. */
export function statusWord(status: string): string {
  return status === 'in_progress' ? 'running' : harmless(status).replaceAll('_', ' ')
}

function waitingFor(orchestration: Orchestration, needs: readonly string[]): string {
  const open = needs.filter((need) => orchestration.jobs.get(need)?.phase !== 'settled')
  return open.length === 0 ? '' : `for ${open.map(harmless).join(', ')}`
}

/** The parts of a view that its state alone decides. `now`: ms since the epoch. */
function wordsOf(state: JobState, now: number): Pick<JobView, 'standing' | 'word' | 'detail' | 'elapsedMs' | 'url'> {
  switch (state.phase) {
    case 'waiting':
      return { standing: 'waiting', word: 'waiting', detail: '', elapsedMs: null, url: null }
    case 'dispatching':
      return {
        standing: 'active',
        word: 'dispatching',
        detail: '',
        elapsedMs: Math.max(0, now - state.requestedAt),
        url: null,
      }
    case 'searching':
      return {
        standing: 'active',
        word: 'searching',
        detail: 'whether a run started is not known',
        elapsedMs: Math.max(0, now - state.requestedAt),
        url: null,
      }
    case 'running':
      return {
        standing: 'active',
        ...runningWords(state),
        elapsedMs: Math.max(0, now - state.dispatchedAt),
        url: state.observation.run?.url ?? state.url,
      }
    case 'settled':
      return {
        standing: standingOf(state.outcome),
        word: outcomeWords[state.outcome],
        detail: harmless(state.reason),
        elapsedMs: state.dispatchedAt === null ? null : state.settledAt - state.dispatchedAt,
        url: state.url,
      }
    default:
      return assertNever(state)
  }
}

/** Every job of the plan as it stands at `now` (ms since the epoch), in the plan's order. */
export function viewJobs(orchestration: Orchestration, now: number): JobView[] {
  const needs = new Map(orchestration.plan.graph.jobs.map((job) => [job.id, job.needs]))
  return orchestration.plan.jobs.map(({ job }) => {
    const state = orchestration.jobs.get(job) ?? { phase: 'waiting' }
    const words = wordsOf(state, now)
    const detail = state.phase === 'waiting' ? waitingFor(orchestration, needs.get(job) ?? []) : words.detail
    return { job: harmless(job), ...looks[words.standing], ...words, detail }
  })
}

/** `50 jobs: 12 succeeded, 3 active, 35 waiting`. */
export function countJobs(views: readonly JobView[]): string {
  const order: Standing[] = ['succeeded', 'active', 'failed', 'cancelled', 'waiting', 'skipped', 'not-run']
  const counts = order.flatMap((standing) => {
    const count = views.filter((view) => view.standing === standing).length
    return count === 0 ? [] : [`${count} ${standing === 'not-run' ? 'not run' : standing}`]
  })
  return `${counted(views.length, 'job')}: ${counts.join(', ')}`
}

/** `1 job`, `2 jobs`, `2 repositories`. */
export function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`
  return `${count} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`
}

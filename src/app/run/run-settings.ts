import type { EarlierRuns, Plan, RunOptions } from '../../model/build/plan.js'

/** The settings of a run. Null: the value of the graph file applies, else the default. */
export interface RunSettings {
  /** False: let running builds finish when one fails. */
  failFast: boolean
  maxParallel: number | null
  /** For the whole orchestration, ms. */
  timeoutMs: number | null
  /** False: read and post no commit status. */
  postStatus: boolean
  /** The one job to run; null: all. */
  only: string | null
  /** Build again what earlier runs built. */
  force: boolean
  /** Start only if every build can be reused, so that the run dispatches nothing; absent: build what has to be built. */
  reuseOnly?: boolean
}

const defaultTimeoutMs = 6 * 3_600_000

export interface ToRunOptions {
  plan: Plan
  settings: RunSettings
  /** The page that our statuses link to. */
  link: string
  earlier: EarlierRuns
}

/** The options of a run: the settings, completed by the graph file and the plan. */
export function toRunOptions({ plan, settings, link, earlier }: ToRunOptions): RunOptions {
  const { graph, jobs } = plan
  return {
    failFast: settings.failFast && graph.failFast,
    maxParallel: settings.maxParallel ?? graph.maxParallel,
    timeoutMs: settings.timeoutMs ?? defaultTimeoutMs,
    postStatus: settings.postStatus && !jobs.some(({ action }) => action === 'exclude'),
    recordJobs: settings.postStatus,
    only: settings.only,
    ...(settings.force ? { force: true } : {}),
    link,
    ...earlier,
  }
}

import { criticalPath } from './critical-path.js'
import type { CriticalPath } from './critical-path.js'
import type { Orchestration } from './orchestration.js'
import type { JobState } from './state/job-state.js'

/** When one job was built, as far as it was observed, ms, UTC. */
export interface BuildTimes {
  /** Id of the job. */
  job: string
  dispatchedAt: number
  /** When its run left the queue; null: not observed. */
  inProgressAt: number | null
  /** Its end, or the time of the timeline if it is not over. */
  until: number
  isOver: boolean
}

/** When the builds of an orchestration ran. */
export interface Timeline {
  /** Every job that was dispatched, in the plan's order. */
  builds: readonly BuildTimes[]
  /** From the start of the orchestration to the end of its last build, or to the time of the timeline, ms; 0: nothing was dispatched. */
  makespanMs: number
  /** The chain of builds that took longest, from their dispatches to their ends. */
  criticalPath: CriticalPath
}

/** When the builds ran, up to `at` (ms, UTC). */
export function timelineOf({ plan, jobs, startedAt }: Orchestration, at: number): Timeline {
  const builds = plan.jobs.flatMap(({ job }) => buildTimes(job, jobs.get(job), at) ?? [])
  const byJob = new Map(builds.map((build) => [build.job, build]))
  const timed = plan.graph.jobs.map(({ id, needs }) => {
    const build = byJob.get(id)
    const expectedMs = build ? Math.max(0, build.until - build.dispatchedAt) : 0
    return { id, needs, expectedMs, isBuilt: build !== undefined }
  })
  const end = builds.reduce((latest, { until }) => Math.max(latest, until), startedAt)
  return { builds, makespanMs: end - startedAt, criticalPath: criticalPath(timed) }
}

function buildTimes(job: string, state: JobState | undefined, at: number): BuildTimes | null {
  if (!state || state.phase === 'waiting') return null
  if (state.phase === 'settled') {
    const { dispatchedAt, settledAt, inProgressAt = null } = state
    return dispatchedAt === null ? null : { job, dispatchedAt, inProgressAt, until: settledAt, isOver: true }
  }
  const isRunning = state.phase === 'running'
  const dispatchedAt = isRunning ? state.dispatchedAt : state.requestedAt
  const inProgressAt = isRunning ? (state.inProgressAt ?? null) : null
  return { job, dispatchedAt, inProgressAt, until: Math.max(at, dispatchedAt), isOver: false }
}

import { criticalPath } from './critical-path.js'
import type { CriticalPath } from './critical-path.js'
import type { JobState, Orchestration } from './orchestration.js'

/** When one job was built, as orch saw it, ms, UTC. */
export interface BuildTimes {
  /** Id of the job. */
  job: string
  dispatchedAt: number
  /** When its run left the queue; null: it was not seen to. */
  inProgressAt: number | null
  /** Its end, or the moment that is shown. */
  until: number
  isOver: boolean
}

/** How the builds of an orchestration followed one another. */
export interface Timeline {
  /** Every job that was dispatched, in the plan's order. */
  builds: readonly BuildTimes[]
  /** From the start of the orchestration to the end of its last build, or to the moment that is shown, ms; 0: nothing was dispatched. */
  makespanMs: number
  /** The builds that took longest one after the other, from their dispatches to their ends. */
  criticalPath: CriticalPath
}

/** How the builds followed one another up to `at` (ms, UTC). */
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

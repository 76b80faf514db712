import { criticalPath } from './critical-path.js'
import type { TimedJob } from './critical-path.js'
import type { Plan, RunOptions } from './plan.js'
import { simulateSchedule } from './schedule.js'
import type { Work } from './schedule.js'
import { startRanks } from './start-order.js'

/** How many commit statuses and dispatches a run writes, if every build succeeds. */
export interface PlannedWrites {
  /** `pending` on each head, before anything is dispatched. */
  claims: number
  dispatches: number
  /** `<context>/<job>` of each built job. */
  jobStatuses: number
  successes: number
}

/** How long a run is expected to take, from the recent durations of its builds. All times are ms. */
export interface Estimate {
  /** Number of jobs that are built. */
  builds: number
  /** Built jobs without a known duration. They count as 0: all other times are then lower bounds. */
  unknownJobs: readonly string[]
  /** From the start to the end of the last build; null: no usual duration is known. */
  makespanMs: number | null
  /** From the start until the last pull request is unlocked; null: no usual duration is known, or nothing is unlocked. */
  unlockedMs: number | null
  /** The longest chain of builds by time; by number of builds where no duration is known. `usualMs` null: unknown. */
  criticalPath: readonly { job: string; usualMs: number | null }[]
  criticalPathMs: number | null
  writes: PlannedWrites
  /** The delay of the end by GitHub's limits on writes; an upper bound where durations are unknown. */
  limits: {
    /** 80 writes a minute. */
    minuteMs: number
    /** 500 writes an hour. */
    hourMs: number
  }
}

/**
 * How long a run of this plan is expected to take, if every build succeeds and the token writes nothing else.
 * @param keepsLimits whether GitHub's limits delay writes: a server on this machine has none
 */
export function estimateRun(plan: Plan, options: RunOptions, keepsLimits: boolean): Estimate {
  const jobs = timedJobs(plan)
  const built = jobs.filter(({ isBuilt }) => isBuilt)
  const unknownJobs = built.filter(({ usualMs }) => usualMs === null).map(({ id }) => id)
  const isUnknown = built.length > 0 && unknownJobs.length === built.length
  const writes = writesOf(plan, options)
  const work: Work = {
    jobs,
    ranks: startRanks(plan.graph, plan.jobs),
    maxParallel: options.maxParallel ?? Infinity,
    claims: writes.claims,
    successes: writes.successes,
    postsJobStatuses: writes.jobStatuses > 0,
  }
  const free = simulateSchedule(work, { minute: false, hour: false })
  const spaced = simulateSchedule(work, { minute: keepsLimits, hour: false })
  const kept = simulateSchedule(work, { minute: keepsLimits, hour: keepsLimits })
  const path = criticalPath(jobs)
  const usual = new Map(jobs.map(({ id, usualMs }) => [id, usualMs]))
  return {
    builds: built.length,
    unknownJobs,
    makespanMs: isUnknown ? null : kept.builtMs,
    unlockedMs: isUnknown || writes.successes === 0 ? null : kept.unlockedMs,
    criticalPath: path.jobs.map((job) => ({ job, usualMs: usual.get(job) ?? null })),
    criticalPathMs: isUnknown ? null : path.ms,
    writes,
    // With max-parallel, a delayed write can make the end earlier by chance.
    limits: {
      minuteMs: Math.max(0, spaced.doneMs - free.doneMs),
      hourMs: Math.max(0, kept.doneMs - Math.max(free.doneMs, spaced.doneMs)),
    },
  }
}

interface PlannedTimes extends TimedJob {
  isBuilt: boolean
  /** null: unknown, or not built. */
  usualMs: number | null
}

function timedJobs({ graph, jobs }: Plan): PlannedTimes[] {
  const planned = new Map(jobs.map((entry) => [entry.job, entry]))
  return graph.jobs.map(({ id, needs }) => {
    const entry = planned.get(id)
    const isBuilt = entry?.action === 'run'
    const usualMs = isBuilt ? (entry.usualMs ?? null) : null
    return { id, needs, isBuilt, usualMs, expectedMs: usualMs ?? 0 }
  })
}

function writesOf({ jobs, targets, isUnlocked }: Plan, options: RunOptions): PlannedWrites {
  const built = jobs.filter(({ action }) => action === 'run')
  const heads = options.postStatus && isUnlocked !== true ? targets.length : 0
  const recorded = built.filter(({ defaultBranch }) => defaultBranch === undefined)
  const jobStatuses = options.recordJobs === true ? recorded.length : 0
  return { claims: heads, dispatches: built.length, jobStatuses, successes: heads }
}

import { indexPlan } from '../../engine/build/state/plan-index.js'
import type { RepositoryReading } from '../../model/change.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { Plan } from '../../model/build/plan.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import type { HistoryEntry } from '../../model/build/history.js'

/** The median time of the latest successful runs of each workflow, from the dispatch to the end, ms. By `durationKey`. */
export type UsualDurations = ReadonlyMap<string, number>

/** The median of this many latest runs: builds change over time, and one slow runner must not count. */
const sampleSize = 5

/** The durations in these orchestrations, which come newest first. */
export function usualDurationsIn(history: readonly HistoryEntry[]): UsualDurations {
  const durations = new Map<string, number[]>()
  for (const entry of history) {
    if (entry.state === 'unreadable' || !isTimedFromDispatch(entry.orchestration)) continue
    const { plan, jobs } = entry.orchestration
    for (const job of plan.graph.jobs) {
      const state = jobs.get(job.id)
      if (state?.phase !== 'settled' || state.outcome !== 'succeeded' || state.dispatchedAt === null) continue
      // A run of several attempts is left out: its time includes the failed ones.
      if ((state.reruns ?? 0) > 0 || (state.runAttempt ?? 1) > 1) continue
      add(durations, durationKey(job), state.settledAt - state.dispatchedAt)
    }
  }
  return mediansOf(durations)
}

/** Whether each run was watched from its dispatch to its end. A run that was taken over began before this orchestration knew it. */
function isTimedFromDispatch({ isResumed, options, plan, olderClaims }: Orchestration): boolean {
  const { isRestart, predecessors, knownRuns } = options
  const mayHaveTakenOver =
    isRestart ||
    [predecessors, knownRuns, olderClaims].some((earlier) => earlier.length > 0) ||
    indexPlan(plan).isClaimedBefore ||
    plan.jobs.some(({ restarted }) => restarted)
  return !isResumed && !mayHaveTakenOver
}

/** The plan with the usual durations of its jobs: from earlier orchestrations, else from the runs that came with the readings. */
export function withUsualDurations(plan: Plan, usual: UsualDurations, readings: readonly RepositoryReading[]): Plan {
  const read = usualDurationsOf(readings)
  const byJob = new Map(plan.graph.jobs.map((job) => [job.id, durationKey(job)] as const))
  const jobs = plan.jobs.map((planned) => {
    const key = byJob.get(planned.job) ?? ''
    const usualMs = usual.get(key) ?? read.get(key)
    return usualMs === undefined || planned.action !== 'run' ? planned : { ...planned, usualMs }
  })
  return { ...plan, jobs }
}

function usualDurationsOf(readings: readonly RepositoryReading[]): UsualDurations {
  const durations = new Map<string, number[]>()
  for (const reading of readings) {
    if (reading.kind !== 'read') continue
    const runs = [...(reading.runs ?? [])].sort((one, other) => other.createdAt - one.createdAt)
    for (const { workflow, status, conclusion, createdAt, updatedAt } of runs) {
      if (status !== 'completed' || conclusion !== 'success') continue
      add(durations, durationKey({ repo: reading.repo, workflow }), updatedAt - createdAt)
    }
  }
  return mediansOf(durations)
}

function durationKey({ repo, workflow }: { repo: RepoName; workflow: string }): string {
  return `${repoKey(repo)} ${workflow}`
}

/** A duration of zero or less is left out: the clock was set back in between. */
function add(durations: Map<string, number[]>, key: string, duration: number): void {
  const known = durations.get(key) ?? []
  if (duration > 0 && known.length < sampleSize) durations.set(key, [...known, duration])
}

function mediansOf(durations: ReadonlyMap<string, readonly number[]>): UsualDurations {
  return new Map([...durations].map(([key, known]) => [key, median(known)]))
}

/** Of an even number, the longer of the two in the middle, so that an estimate is rather too long than too short. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

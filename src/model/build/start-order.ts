import { pathsToEnd } from './critical-path.js'
import type { Graph } from '../graph.js'
import type { PlannedJob } from './plan.js'

/**
 * The rank of each job, by id: the ready job with the lowest rank starts first. Ranks order jobs by their expected path to the end, longest
 * first; ties keep the order of the plan. A build of unknown duration counts as an average one.
 */
export function startRanks({ jobs: all }: Graph, jobs: readonly PlannedJob[]): Map<string, number> {
  const usual = usualMean(jobs)
  const built = new Map(
    jobs.flatMap(({ job, action, usualMs }) => (action === 'run' ? [[job, usualMs ?? usual] as const] : [])),
  )
  const paths = pathsToEnd(all.map(({ id, needs }) => ({ id, needs, expectedMs: built.get(id) ?? 0 })))
  const order = jobs
    .map(({ job }, index) => ({ job, index, path: paths.get(job) ?? 0 }))
    .sort((one, other) => other.path - one.path || one.index - other.index)
  return new Map(order.map(({ job }, rank) => [job, rank]))
}

/** The mean of the known durations; 1 if none is known, so that all builds count the same. */
function usualMean(jobs: readonly PlannedJob[]): number {
  const known = jobs.flatMap(({ action, usualMs }) => (action === 'run' && usualMs !== undefined ? [usualMs] : []))
  return known.length === 0 ? 1 : known.reduce((sum, ms) => sum + ms, 0) / known.length
}

import { pathsToEnd } from './critical-path.js'
import type { Graph } from '../graph.js'
import type { PlannedJob } from './plan.js'

/**
 * In which order ready jobs start, by id, 0 first: the one with the longest expected path to the end, of equal ones the first in the plan.
 * A build whose usual time is not known is taken for an average one: only here, where nothing is said of it.
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

/** The mean of the known times; where none is known, each build counts as much as the other. */
function usualMean(jobs: readonly PlannedJob[]): number {
  const known = jobs.flatMap(({ action, usualMs }) => (action === 'run' && usualMs !== undefined ? [usualMs] : []))
  return known.length === 0 ? 1 : known.reduce((sum, ms) => sum + ms, 0) / known.length
}

import type { Job } from './graph.js'

/** A job and how long its build is expected to take, ms: 0 for one that is not built. */
export interface TimedJob extends Pick<Job, 'id' | 'needs'> {
  expectedMs: number
}

/**
 * For each job the expected time from its start to the end of the last job that cannot start before it, ms: the longest path through
 * its dependents, itself included. With too few places for all ready jobs, the one with the longest path goes first.
 * @param jobs in a topological order
 */
export function pathsToEnd(jobs: readonly TimedJob[]): Map<string, number> {
  const paths = new Map<string, number>()
  const longestDependent = new Map<string, number>()
  for (const { id, needs, expectedMs } of [...jobs].reverse()) {
    const path = expectedMs + (longestDependent.get(id) ?? 0)
    paths.set(id, path)
    for (const need of needs) longestDependent.set(need, Math.max(path, longestDependent.get(need) ?? 0))
  }
  return paths
}

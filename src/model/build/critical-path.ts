import type { Job } from '../graph.js'

/** A job with the expected duration of its build, ms: 0 if it is not built. */
export interface TimedJob extends Pick<Job, 'id' | 'needs'> {
  expectedMs: number
}

/**
 * For each job the expected time from its start to the end of its last dependent, ms: the longest path through its dependents, including
 * the job itself. When there are more ready jobs than slots, the job with the longest path starts first.
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

/** A chain of built jobs, each of which needs the one before it, directly or through jobs that are not built; `ms` is their total time. */
export interface CriticalPath {
  jobs: readonly string[]
  ms: number
}

/** The longest chain of jobs that ends with this job. */
interface Chain {
  id: string
  isBuilt: boolean
  ms: number
  builds: number
  before: Chain | null
}

/**
 * The chain of built jobs with the longest total time: no schedule can end earlier. Of equally long chains the one with more builds.
 * Empty if nothing is built.
 * @param jobs in a topological order
 */
export function criticalPath(jobs: readonly (TimedJob & { isBuilt: boolean })[]): CriticalPath {
  const chains = new Map<string, Chain>()
  let longest: Chain | null = null
  for (const { id, needs, expectedMs, isBuilt } of jobs) {
    let before: Chain | null = null
    for (const need of needs) before = longerOf(before, chains.get(need) ?? null)
    const ms = (before?.ms ?? 0) + expectedMs
    const chain: Chain = { id, isBuilt, ms, builds: (before?.builds ?? 0) + (isBuilt ? 1 : 0), before }
    chains.set(id, chain)
    longest = longerOf(longest, chain)
  }
  const path: string[] = []
  for (let chain = longest; chain; chain = chain.before) if (chain.isBuilt) path.unshift(chain.id)
  return { jobs: path, ms: longest?.ms ?? 0 }
}

function longerOf(first: Chain | null, second: Chain | null): Chain | null {
  if (!first || !second) return first ?? second
  return second.ms > first.ms || (second.ms === first.ms && second.builds > first.builds) ? second : first
}

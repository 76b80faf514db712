import { sortJobs } from '../../model/graph.js'
import type { ProposedNeed } from '../../model/proposed-need.js'
import type { RepoName } from '../../model/repo-name.js'

export interface SplitNeeds {
  /** Acyclic. */
  needs: readonly ProposedNeed[]
  /** Each of them is part of a cycle. */
  leftOut: readonly ProposedNeed[]
  /** Some of the cycles, each as `[a, b, a]`. */
  cycles: readonly (readonly RepoName[])[]
}

/** Separates the needs that are part of a cycle from the others. */
export function splitCycles(repositories: readonly RepoName[], proposed: readonly ProposedNeed[]): SplitNeeds {
  const needs = new Map<RepoName, RepoName[]>(repositories.map((repo) => [repo, []]))
  for (const { dependent, needed } of proposed) needs.get(dependent)?.push(needed)
  const sorted = sortJobs([...needs].map(([id, needed]) => ({ id, needs: needed })))
  if (sorted.ok) return { needs: proposed, leftOut: [], cycles: [] }
  const isCyclic = ({ needed, dependent }: ProposedNeed): boolean => reaches(needs, needed, dependent)
  return {
    needs: proposed.filter((need) => !isCyclic(need)),
    leftOut: proposed.filter(isCyclic),
    cycles: sorted.cycles,
  }
}

/** Whether `from` needs `to`, directly or not. */
function reaches(needs: ReadonlyMap<RepoName, readonly RepoName[]>, from: RepoName, to: RepoName): boolean {
  const reached = new Set([from])
  // A set yields what is added while it is read.
  for (const repo of reached) for (const needed of needs.get(repo) ?? []) reached.add(needed)
  return reached.has(to)
}

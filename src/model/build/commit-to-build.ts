import type { RepositoryRead } from '../change.js'
import type { Graph, Job } from '../graph.js'
import { repoKey } from '../repo-name.js'
import type { RepoName } from '../repo-name.js'
import { setEntry } from '../set-digest.js'
import type { SetEntry } from '../set-digest.js'

/** The heads of a repository that decide what its jobs build. */
export interface Heads {
  /** Head of the change's branch; null: absent. */
  headSha: string | null
  /** Head of the default branch; null: the repository is empty. */
  defaultBranchSha: string | null
}

/** The commit that a job builds, and whether it is the head of the default branch. */
export interface CommitToBuild {
  sha: string
  isDefaultBranch: boolean
}

/**
 * The head of the change's branch; without one the head of the default branch, if the graph file says so. null: the job is skipped.
 * GitHub runs what an event starts at the head of the default branch, whatever the repository has.
 */
export function commitToBuild(
  { withoutBranch, event }: Pick<Job, 'withoutBranch' | 'event'>,
  heads: Heads,
): CommitToBuild | null {
  const { headSha, defaultBranchSha } = heads
  if (headSha !== null && event === undefined) return { sha: headSha, isDefaultBranch: false }
  if (headSha !== null && defaultBranchSha !== null) return { sha: defaultBranchSha, isDefaultBranch: true }
  if (withoutBranch !== 'build' || defaultBranchSha === null) return null
  return { sha: defaultBranchSha, isDefaultBranch: true }
}

/** The repositories, by `repoKey`, with a job that builds the default branch where the branch is absent. */
export function builtWithoutBranch({ jobs }: Graph): Set<string> {
  return new Set(jobs.filter(({ withoutBranch }) => withoutBranch === 'build').map(({ repo }) => repoKey(repo)))
}

/**
 * The head of the default branch, if a job builds it in place of the absent branch; null: none does.
 * @param built the result of `builtWithoutBranch`
 */
export function builtDefaultSha(
  built: ReadonlySet<string>,
  { repo, headSha, defaultBranchSha }: Heads & { repo: RepoName },
): string | null {
  return headSha === null && built.has(repoKey(repo)) ? defaultBranchSha : null
}

/** The entries of the set digest: a default branch that is built is part of what was tested together. */
export function setEntries(graph: Graph, readings: readonly RepositoryRead[]): SetEntry[] {
  const built = builtWithoutBranch(graph)
  return readings.map((reading) => {
    const defaultBranchSha = builtDefaultSha(built, reading)
    return { ...setEntry(reading), ...(defaultBranchSha === null ? {} : { defaultBranchSha }) }
  })
}

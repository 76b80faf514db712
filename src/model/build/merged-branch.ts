import type { RepositoryRead } from '../change.js'
import type { MergedBranch } from './plan.js'

/**
 * Whether a branch is only the leftover of merged pull requests (law 3): it has no open one, every pull request that ended at its head was
 * merged, and one of them into the default branch. Pull requests that ended at earlier heads do not count: the head contains them.
 * null: it is not, or the reading does not prove it.
 */
export function mergedBranchOf(reading: RepositoryRead): MergedBranch | null {
  const { headSha, pullRequests, defaultBranch, endedPullRequests = [] } = reading
  if (headSha === null || pullRequests.length > 0) return null
  const atHead = endedPullRequests.filter((ended) => ended.headSha === headSha)
  const isMerged = atHead.every((ended) => ended.isMerged) && atHead.some(({ baseRef }) => baseRef === defaultBranch)
  if (!isMerged) return null
  return { headSha, pullRequests: atHead.map(({ number, url, baseRef }) => ({ number, url, baseRef })) }
}

/** A reading as the change sees it: a merged branch counts as absent, so that the default branch counts in its place. */
export interface EffectiveReading extends RepositoryRead {
  merged?: MergedBranch
}

/** The reading without a merged branch. */
export function withoutMergedBranch(reading: RepositoryRead): EffectiveReading {
  const merged = mergedBranchOf(reading)
  if (merged === null) return reading
  const workflows = reading.workflows.map((file) => ({ ...file, atHead: null }))
  const none = { headSha: null, pullRequests: [], sameHead: [], status: null, workflows }
  return { ...reading, ...none, merged }
}

/** `owner/name#1 was merged at this head, so main counts`. */
export function mergedText(repo: string, { pullRequests }: MergedBranch, defaultBranch: string): string {
  const names = pullRequests.map(({ number }) => `${repo}#${number}`).join(', ')
  const verb = pullRequests.length === 1 ? 'was' : 'were'
  return `${names} ${verb} merged at the head of the branch, so ${defaultBranch} counts`
}

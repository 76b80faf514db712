import { baseNotes, otherBasesOf } from '../../../model/base-branch.js'
import type { RepositoryRead } from '../../../model/change.js'
import type { Graph } from '../../../model/graph.js'
import type { Member } from '../../../model/build/plan.js'
import { definiteBlockers, describeBlocker } from '../../../model/merge-blocker.js'
import type { MergeBlocker } from '../../../model/merge-blocker.js'

/** What the reader should know of the readings before the change is built. */
export function readingWarnings(
  { repo, headSha, pullRequests, sameHead }: RepositoryRead,
  postStatus: boolean,
): string[] {
  if (headSha === null) return []
  const isPosted = postStatus && pullRequests.length > 0
  const warnings = sameHead
    .filter(({ isFork }) => isFork && isPosted)
    .map(
      ({ number }) =>
        `${repo}#${number} comes from a fork and has the same head commit: the status will show on it too`,
    )
  if (pullRequests.length > 1) {
    const list = pullRequests.map(({ number, baseRef }) => `#${number} into ${baseRef}`).join(', ')
    warnings.push(`${repo} has several pull requests of this branch (${list}): one status counts for all of them`)
  }
  return warnings
}

/** The bases that are not the default branch. Those of several pull requests are in the warning about them. */
export function baseWarnings(graph: Graph, members: readonly Member[]): string[] {
  const bases = members.flatMap((member) => {
    const isSingle = member.pullRequests.length === 1
    return otherBasesOf(graph, member).filter(({ stacked }) => isSingle || stacked !== null)
  })
  return baseNotes(bases)
}

/** Why the set will stay locked although its builds may succeed. */
export function heldWarnings(blockers: readonly MergeBlocker[]): string[] {
  return definiteBlockers(blockers)
    .filter(({ kind }) => kind !== 'no-pull-request')
    .map((blocker) => `${describeBlocker(blocker)}: the change is built, but it stays locked until this is mended`)
}

/** Members with commits of their own that would be left behind when the pull requests of the others are merged. */
export function missingPullRequestWarnings(
  { membersWithoutPullRequest }: Graph,
  members: readonly Pick<Member, 'repo' | 'isAhead'>[],
): string[] {
  const remedy =
    membersWithoutPullRequest === 'hold'
      ? 'open one, until then the change stays locked'
      : 'open one, or the change is merged without it'
  return members
    .filter(({ isAhead }) => isAhead === true)
    .map(({ repo }) => `${repo} has commits of this branch, but no pull request: ${remedy}`)
}

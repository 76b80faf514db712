import { otherBasesOf } from '../../model/base-branch.js'
import { builtDefaultSha, builtWithoutBranch, setEntries } from '../../model/build/commit-to-build.js'
import { withoutMergedBranch } from '../../model/build/merged-branch.js'
import type { EffectiveReading } from '../../model/build/merged-branch.js'
import type { RepositoryReading, RepositoryUnreadable } from '../../model/change.js'
import type { BuiltDefaultBranch, ChangeStatus, RepositoryStatus } from '../../model/change-status.js'
import type { Graph } from '../../model/graph.js'
import type { NoLockReason } from '../../model/invalidation.js'
import { blockersOf, definiteBlockers } from '../../model/merge-blocker.js'
import { setDigest, shortDigest } from '../../model/set-digest.js'
import { readStatusMark } from '../../model/status-description.js'

/** Compares the commit statuses of a change with the change as it is now. Pure. */
export function checkStatus(graph: Graph, branch: string, all: readonly RepositoryReading[]): ChangeStatus {
  const readings = all.map((reading) => (reading.kind === 'read' ? withoutMergedBranch(reading) : reading))
  const digests = digestsOf(graph, readings)
  const built = builtWithoutBranch(graph)
  const repositories = readings.map((reading) => rowOf(graph, reading, { digests, built }))
  return {
    branch,
    statusContext: graph.statusContext,
    setDigest: digests?.current ?? null,
    repositories,
    verdict: verdictOf(repositories),
  }
}

/** The digest of the current change, and the one that older versions, which did not record the bases, have posted for it. */
interface Digests {
  current: string
  withoutBases: string
}

/** null: a repository could not be read. */
function digestsOf(graph: Graph, readings: readonly (EffectiveReading | RepositoryUnreadable)[]): Digests | null {
  const read = readings.flatMap((reading) => (reading.kind === 'read' ? [reading] : []))
  if (read.length < readings.length) return null
  const entries = setEntries(graph, read)
  return { current: setDigest(entries), withoutBases: setDigest(entries.map((entry) => ({ ...entry, bases: [] }))) }
}

function rowOf(
  graph: Graph,
  reading: EffectiveReading | RepositoryUnreadable,
  { digests, built: builtRepositories }: { digests: Digests | null; built: ReadonlySet<string> },
): RepositoryStatus {
  const { repo } = reading
  if (reading.kind === 'unreadable') return { kind: 'unreadable', repo, failure: reading.failure }
  const { headSha, pullRequests, status, merged, defaultBranch, caseVariants = [] } = reading
  const built = builtDefaultBranch(builtRepositories, reading)
  if (merged) return { kind: 'merged', repo, defaultBranch, merged, ...(built ? { built } : {}) }
  if (headSha === null && caseVariants.length > 0) return { kind: 'near-miss', repo, branches: caseVariants }
  if (headSha === null) return { kind: 'absent', repo, ...(built ? { built } : {}) }
  const posted = status === null ? null : (readStatusMark(status.description)?.digest ?? null)
  const isBaseUnknown = posted !== null && digests !== null && posted === shortDigest(digests.withoutBases)
  const isUnknown = posted === null || digests === null || isBaseUnknown
  const digestMatches = isUnknown ? null : posted === shortDigest(digests.current)
  const isAhead = reading.isAhead === true
  const blockers = blockersOf(graph, { repo, pullRequests, isAhead })
  const otherBases = otherBasesOf(graph, reading)
  const member = { headSha, pullRequests, isAhead, blockers, otherBases, status, digestMatches, isBaseUnknown }
  return { kind: 'member', repo, ...member }
}

function builtDefaultBranch(built: ReadonlySet<string>, reading: EffectiveReading): BuiltDefaultBranch | null {
  const headSha = builtDefaultSha(built, reading)
  return headSha === null ? null : { defaultBranch: reading.defaultBranch, headSha }
}

/** Only heads of open pull requests count, because other heads have nothing to unlock. */
function verdictOf(repositories: readonly RepositoryStatus[]): ChangeStatus['verdict'] {
  if (repositories.some(({ kind }) => kind === 'unreadable' || kind === 'near-miss')) return 'not-green'
  if (repositories.some(isStackedWithoutPermission)) return 'not-green'
  const members = membersWithPullRequest(repositories)
  const isGreen = members.every(({ status, digestMatches, headSha, pullRequests }) => {
    return status?.state === 'success' && digestMatches === true && pullRequests.every((pr) => pr.headSha === headSha)
  })
  if (isGreen && members.length > 0 && isHeld(repositories)) return 'pending'
  if (isGreen) return members.length > 0 ? 'green' : 'not-green'
  const isRefused = members.some(({ status }) => status?.state === 'failure' || status?.state === 'error')
  const isStale = members.some(({ status, digestMatches }) => status?.state === 'success' && digestMatches !== true)
  return isRefused || isStale ? 'not-green' : 'pending'
}

function membersWithPullRequest(repositories: readonly RepositoryStatus[]): (RepositoryStatus & { kind: 'member' })[] {
  return repositories.flatMap((row) => (row.kind === 'member' && row.pullRequests.length > 0 ? [row] : []))
}

/**
 * Why no pull request of the change has to be locked; null: one of them is unlocked, or may be, although the change is not green. Pure.
 * It is not enough that each success matches the change: with a pull request that is still locked, the others could be merged without it.
 */
export function noLockReason({ repositories, verdict }: ChangeStatus): NoLockReason | null {
  if (repositories.some(({ kind }) => kind === 'unreadable')) return null
  if (verdict === 'green') return 'green'
  const mayBeUnlocked = membersWithPullRequest(repositories).some(({ status, headSha, pullRequests }) => {
    // The status of a pull request at another head than the branch was not read.
    return status?.state === 'success' || pullRequests.some((pr) => pr.headSha !== headSha)
  })
  return mayBeUnlocked ? null : 'no-success'
}

/** Whether `orch run` would refuse the change, so that no success of it counts. */
function isStackedWithoutPermission(row: RepositoryStatus): boolean {
  return row.kind === 'member' && row.otherBases.some(({ stacked }) => stacked === 'refused')
}

/** Whether a member prevents the merge of the set. A mergeability that GitHub has not computed proves nothing. */
function isHeld(repositories: readonly RepositoryStatus[]): boolean {
  return repositories.some((row) => row.kind === 'member' && definiteBlockers(row.blockers).length > 0)
}

import { basesOf } from '../../../model/base-branch.js'
import type { CommitStatus, PullRequest, RepositoryRead } from '../../../model/change.js'
import { isSameStatus } from '../../../model/change.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { Member } from '../../../model/build/plan.js'
import type { JoiningMember } from '../../../model/build/state/verification.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'
import { readStatusMark } from '../../../model/status-description.js'
import { indexPlan } from '../state/plan-index.js'
import { postOf } from '../state/posts.js'
import { expectReading, pullRequestKey } from './second-reading.js'
import type { SecondReading } from './second-reading.js'

/**
 * The open pull requests of a member that were not planned and join the change: nothing that is tested differs, because each has the
 * planned head, and a base that the member had in the plan; without a pull request that is the default branch.
 */
function joiningPullRequests({ headSha, pullRequests, ...member }: Member, reading: RepositoryRead): PullRequest[] {
  if (reading.headSha !== headSha) return []
  const bases = basesOf({ defaultBranch: member.defaultBranch ?? reading.defaultBranch, pullRequests })
  return reading.pullRequests.filter((open) => {
    const isPlanned = pullRequests.some(({ number }) => number === open.number)
    return !isPlanned && open.headSha === headSha && bases.includes(open.baseRef)
  })
}

/** The members with pull requests that join the change. A lagging reading shows none. */
export function joiningMembers(
  members: readonly Member[],
  readings: ReadonlyMap<string, RepositoryRead>,
  vanished: SecondReading['vanished'],
): JoiningMember[] {
  return members.flatMap((member) =>
    expectReading(readings, member.repo).flatMap((reading) => {
      const { repo } = member
      const pullRequests = joiningPullRequests(member, reading)
      if (pullRequests.length === 0) return []
      const replaced = member.pullRequests.filter(({ number, baseRef }) => {
        const isClosed = vanished.get(pullRequestKey(repo, number))?.state === 'closed'
        return isClosed && pullRequests.some((joining) => joining.baseRef === baseRef)
      })
      return [{ repo, pullRequests, replaced: replaced.map(({ number }) => number), status: reading.status }]
    }),
  )
}

/** A head of a pull request that has no confirmed claim of ours yet. */
interface UnclaimedHead {
  repo: RepoName
  /** Its newest status when the change was planned, or when its pull request joined. */
  known: CommitStatus | null
  newest: CommitStatus | null
}

/** The heads that joined and are not claimed yet, and those that join with this reading. */
function unclaimedHeads(orchestration: Orchestration, readings: ReadonlyMap<string, RepositoryRead>): UnclaimedHead[] {
  const { targetByRepo } = indexPlan(orchestration.plan)
  return orchestration.plan.members.flatMap((member) => {
    const { repo, status = null } = member
    const reading = readings.get(repoKey(repo))
    if (reading === undefined || reading.lag !== undefined || reading.headSha !== member.headSha) return []
    const target = targetByRepo.get(repoKey(repo))
    if (target && postOf(orchestration, target, 'claim')?.phase === 'posted') return []
    if (!target && joiningPullRequests(member, reading).length === 0) return []
    return [{ repo, known: target ? target.status : status, newest: reading.status }]
  })
}

/** A status that another writer posted on an unclaimed head after the plan. */
export interface EarlyStatus {
  repo: RepoName
  status: CommitStatus
}

/** The statuses that other writers posted on unclaimed heads after the plan. Our own claim may already be there, without its answer. */
export function earlyStatuses(
  orchestration: Orchestration,
  readings: ReadonlyMap<string, RepositoryRead>,
): EarlyStatus[] {
  return unclaimedHeads(orchestration, readings).flatMap(({ repo, known, newest }) => {
    if (newest === null || (known !== null && isSameStatus(known, newest)) || isOwnOrOlder(orchestration, newest))
      return []
    return [{ repo, status: newest }]
  })
}

function isOwnOrOlder({ id, olderClaims }: Orchestration, { description }: CommitStatus): boolean {
  const mark = readStatusMark(description)
  return mark?.writer === 'run' && (mark.id === id || olderClaims.includes(mark.id))
}

import type { CommitStatus, ListedStatus, RepositoryRead } from '../../../model/change.js'
import { isSameStatus } from '../../../model/change.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { Finding, VerificationStage } from '../../../model/build/state/verification.js'
import type { StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'
import { readStatusMark } from '../../../model/status-description.js'
import { indexPlan } from '../state/plan-index.js'
import { postOf } from '../state/posts.js'
import { earlyStatuses } from './joining.js'

/** The findings from the statuses of our context, which show the orchestration that owns the change. */
export interface StatusComparison {
  findings: Finding[]
  /** Repositories on whose head the newest status is of an older orchestration. They are claimed again. */
  overtaken: RepoName[]
  /** IDs of those older orchestrations. */
  older: string[]
}

type Readings = ReadonlyMap<string, RepositoryRead>
type Histories = ReadonlyMap<string, readonly ListedStatus[]>

/** A target with its history, the statuses after our first claim (`since`), and the status IDs of the first and of the confirmed claim. */
interface ClaimedHead {
  target: StatusTarget
  claimId: number
  /** Differs from `claimId` if the answer to the first claim was lost, so that the head was claimed again. */
  firstClaimId: number
  history: readonly ListedStatus[]
  since: readonly ListedStatus[]
}

/** The targets whose claim is confirmed: all but those that have just joined. */
export function claimedTargets(orchestration: Orchestration): readonly StatusTarget[] {
  const { targets } = orchestration.plan
  if (!indexPlan(orchestration.plan).hasJoined) return targets
  return targets.filter((target) => postOf(orchestration, target, 'claim')?.phase === 'posted')
}

/**
 * Whether the newest status of each claimed head is our confirmed claim, so that no other writer has replaced it, and no other writer has
 * posted on the heads that join. After a resume, or when
 * an older orchestration has overwritten a claim, heads were claimed more than once, and only the histories show the statuses in
 * between. Pure.
 */
export function carryOurClaims(orchestration: Orchestration, readings: Readings): boolean {
  if (orchestration.isResumed || orchestration.olderClaims.length > 0) return false
  if (earlyStatuses(orchestration, readings).length > 0) return false
  return claimedTargets(orchestration).every((target) => {
    const claim = postOf(orchestration, target, 'claim')
    const reading = readings.get(repoKey(target.repo))
    if (claim?.phase !== 'posted' || reading?.headSha !== target.headSha || !reading.status) return false
    return isSameStatus(claim.status, reading.status)
  })
}

/**
 * Checks that the newest status of each claimed head is our `pending`; after success, that every status since our claim is ours. On a head
 * that joins, no other orchestration may have posted since the plan, unless it is known to be older. Pure.
 */
export function compareStatuses(
  orchestration: Orchestration,
  stage: VerificationStage,
  histories: Histories,
  readings: Readings,
): StatusComparison {
  const heads = claimedTargets(orchestration).map((target) => claimedHead(orchestration, target, histories))
  const order = orderOfClaims(orchestration, heads)
  const newer = new Set([...order].flatMap(([id, { isNewer }]) => (isNewer ? [id] : [])))
  const result: StatusComparison = { findings: [], overtaken: [], older: [] }
  for (const head of heads) compareHead(orchestration, stage, head, newer, result)
  for (const { repo, status } of earlyStatuses(orchestration, readings)) {
    const mark = readStatusMark(status.description)
    const isKnownOlder = mark?.writer === 'run' && order.get(mark.id)?.isNewer === false
    // Without a head that both have claimed, the other one counts as newer: it has claimed a head that this one has not.
    if (!isKnownOlder) result.findings.push(replaced(repo, status, new Set([...newer, mark?.id ?? ''])))
  }
  return { ...result, older: [...new Set(result.older)] }
}

function compareHead(
  orchestration: Orchestration,
  stage: VerificationStage,
  { target, claimId, history, since }: ClaimedHead,
  newer: ReadonlySet<string>,
  result: StatusComparison,
): void {
  const { repo } = target
  const newest = history[0]
  const foreign = since.filter(({ description }) => !isOwn(orchestration, description))
  // An older orchestration may have posted a status, but not after our success.
  const success = stage === 'after-success' ? postOf(orchestration, target, 'success') : null
  const latest = success === null ? Infinity : success?.phase === 'posted' ? success.status.id : 0
  const older = foreign.filter((status) => isOlder(status, newer) && status.id < latest)
  const conflicting = foreign.find((status) => !older.includes(status))
  const isClaimKept = history.some(({ id }) => id === claimId || (id > claimId && stage !== 'after-success'))
  if (conflicting !== undefined || newest === undefined || !isClaimKept)
    result.findings.push(replaced(repo, conflicting ?? newest, newer))
  else if (!isOwn(orchestration, newest.description) && stage !== 'after-success') {
    if (older.length === 0) result.findings.push(replaced(repo, newest, newer))
    else result.overtaken.push(repo)
  }
  result.older.push(...older.map(({ description }) => readStatusMark(description)?.id ?? ''))
}

function claimedHead(orchestration: Orchestration, target: StatusTarget, histories: Histories): ClaimedHead {
  const claim = postOf(orchestration, target, 'claim')
  if (claim?.phase !== 'posted') throw new Error(`${target.repo} was never claimed`)
  const history = histories.get(repoKey(target.repo)) ?? []
  const claimId = claim.status.id
  const own = history.filter(({ description }) => isOwn(orchestration, description))
  const firstClaimId = Math.min(claimId, ...own.map(({ id }) => id))
  return { target, claimId, firstClaimId, history, since: history.filter(({ id }) => id > firstClaimId) }
}

function isOlder({ description }: CommitStatus, newer: ReadonlySet<string>): boolean {
  const mark = readStatusMark(description)
  return mark?.writer === 'run' && !newer.has(mark.id)
}

/**
 * The other orchestrations that claimed the change, and whether they did so after this one. Two that start at the same time may claim the heads in different orders.
 * The first head, by name, that has claims of both decides. Both see the same order there, so exactly one continues.
 */
function orderOfClaims(
  orchestration: Orchestration,
  heads: readonly ClaimedHead[],
): ReadonlyMap<string, { isNewer: boolean }> {
  const sorted = [...heads].sort((one, other) => (repoKey(one.target.repo) < repoKey(other.target.repo) ? -1 : 1))
  const first = new Map<string, { isNewer: boolean }>()
  for (const { history, firstClaimId } of sorted) {
    const claims = new Map<string, number>()
    for (const { id, description } of history) {
      const mark = readStatusMark(description)
      if (mark?.writer !== 'run' || mark.id === orchestration.id) continue
      claims.set(mark.id, Math.min(id, claims.get(mark.id) ?? Infinity))
    }
    for (const [id, claim] of claims) if (!first.has(id)) first.set(id, { isNewer: claim > firstClaimId })
  }
  return first
}

/** Whether this orchestration wrote the status. */
export function isOwn(orchestration: { id: string }, description: string): boolean {
  const mark = readStatusMark(description)
  return mark?.writer === 'run' && mark.id === orchestration.id
}

function replaced(repo: RepoName, status: CommitStatus | undefined, newer: ReadonlySet<string>): Finding {
  if (!status)
    return { kind: 'status-replaced', repo, message: `the status of this orchestration on ${repo} no longer exists` }
  const mark = readStatusMark(status.description)
  if (mark?.writer === 'run') {
    const kind = newer.has(mark.id) ? 'newer-claim' : 'status-replaced'
    return { kind, repo, message: `the orchestration ${mark.id} claimed ${repo}` }
  }
  const message =
    mark?.writer === 'inv'
      ? `${repo} was invalidated (inv:${mark.id})`
      : `the status on ${repo} was set to ${status.state} outside this orchestration`
  return { kind: 'status-replaced', repo, message }
}

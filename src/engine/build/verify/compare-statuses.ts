import type { CommitStatus, ListedStatus, RepositoryRead } from '../../../model/change.js'
import { isSameStatus } from '../../../model/change.js'
import type { Finding, Orchestration, VerificationStage } from '../../../model/build/orchestration.js'
import type { StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'
import { readStatusMark } from '../../../model/status-description.js'
import { postOf } from '../state/posts.js'

/** What the statuses of our context say about who leads the change. */
export interface StatusComparison {
  findings: Finding[]
  /** Repositories on whose head an older orchestration spoke last: they are claimed again. */
  overtaken: RepoName[]
  /** Ids of those older orchestrations. */
  older: string[]
}

type Histories = ReadonlyMap<string, readonly ListedStatus[]>

/** A target with its history, the statuses that came after our first claim, and the ids of that claim and of the one that was answered. */
interface ClaimedHead {
  target: StatusTarget
  claimId: number
  /** Another one than `claimId` where the answer to the first claim was lost, so that the head was claimed again. */
  firstClaimId: number
  history: readonly ListedStatus[]
  since: readonly ListedStatus[]
}

/**
 * Whether a reading's newest status of each planned head is the claim that GitHub confirmed, so that nobody else has spoken last. Where
 * this orchestration went on in another process, or made room for an older one, its heads were claimed more than once: then the
 * histories alone tell what came in between. Pure.
 */
export function carryOurClaims(orchestration: Orchestration, readings: ReadonlyMap<string, RepositoryRead>): boolean {
  if (orchestration.isResumed || orchestration.olderClaims.length > 0) return false
  return orchestration.plan.targets.every((target) => {
    const claim = postOf(orchestration, target, 'claim')
    const reading = readings.get(repoKey(target.repo))
    if (claim?.phase !== 'posted' || reading?.headSha !== target.headSha || !reading.status) return false
    return isSameStatus(claim.status, reading.status)
  })
}

/** On each planned head the newest status must be our `pending`; after success, all that came since must be ours. Pure. */
export function compareStatuses(
  orchestration: Orchestration,
  stage: VerificationStage,
  histories: Histories,
): StatusComparison {
  const heads = orchestration.plan.targets.map((target) => claimedHead(orchestration, target, histories))
  const newer = newerOrchestrations(orchestration, heads)
  const result: StatusComparison = { findings: [], overtaken: [], older: [] }
  for (const head of heads) compareHead(orchestration, stage, head, newer, result)
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
  const strangers = since.filter(({ description }) => !isOwn(orchestration, description))
  // An orchestration that has to give way may have spoken, but not after our success.
  const success = stage === 'after-success' ? postOf(orchestration, target, 'success') : null
  const latest = success === null ? Infinity : success?.phase === 'posted' ? success.status.id : 0
  const older = strangers.filter((status) => isOlder(status, newer) && status.id < latest)
  const stranger = strangers.find((status) => !older.includes(status))
  const isClaimKept = history.some(({ id }) => id === claimId || (id > claimId && stage !== 'after-success'))
  if (stranger !== undefined || newest === undefined || !isClaimKept)
    result.findings.push(replaced(repo, stranger ?? newest, newer))
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
 * The orchestrations that claimed the change after this one. Two that start at the same moment may claim the heads in different
 * orders: the first head, by name, that carries claims of both decides, which both of them see alike, so that exactly one goes on.
 */
function newerOrchestrations(orchestration: Orchestration, heads: readonly ClaimedHead[]): Set<string> {
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
  return new Set([...first].flatMap(([id, { isNewer }]) => (isNewer ? [id] : [])))
}

/** Whether this orchestration wrote the status. */
export function isOwn(orchestration: { id: string }, description: string): boolean {
  const mark = readStatusMark(description)
  return mark?.writer === 'run' && mark.id === orchestration.id
}

function replaced(repo: RepoName, status: CommitStatus | undefined, newer: ReadonlySet<string>): Finding {
  if (!status) return { kind: 'status-replaced', repo, message: `our status on ${repo} is gone` }
  const mark = readStatusMark(status.description)
  if (mark?.writer === 'run') {
    const kind = newer.has(mark.id) ? 'newer-claim' : 'status-replaced'
    return { kind, repo, message: `the orchestration ${mark.id} took over on ${repo}` }
  }
  const message =
    mark?.writer === 'inv'
      ? `${repo} was invalidated (inv:${mark.id})`
      : `somebody else set the status on ${repo} to ${status.state}`
  return { kind: 'status-replaced', repo, message }
}

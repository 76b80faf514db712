import type { CommitStatus } from '../model/change.js'
import type { ChangeStatus, RepositoryStatus } from '../model/change-status.js'
import { isHeldStatus } from '../model/held-status.js'
import { definiteBlockers, describeBlocker } from '../model/merge-blocker.js'
import { describeStatus, readStatusMark } from '../model/status-description.js'
import type { Store } from '../ports/store.js'
import { readEntry } from './history/read-history.js'
import { previewRun } from './plan-run.js'
import type { RunRequest } from './plan-run.js'
import type { RunSettings } from './run/run-settings.js'
import { readStatus } from './read-status.js'

export interface UnlockHeldChangeOptions extends RunRequest {
  store: Store
  /** The reason of a lock that was set only until this decision; null: there is none. */
  temporaryLock: string | null
  /** Queues a run of the change, which only verifies the change and unlocks it: if a build cannot be reused by then, it does nothing. */
  run: (settings: RunSettings) => Promise<void>
}

/** `started`: a run was queued, which unlocks the change. `kept`: it stays as it is, `why` is one clause. */
export type UnlockHeldChangeResult = { kind: 'started' } | { kind: 'kept'; why: string }

/** GitHub computes again whether pull requests can be merged after a push to their base. */
const rereadDelayMs = 5_000
const maxRereads = 12

/**
 * Unlocks a held change that is still what was tested: a run of it would build nothing. A change that somebody locked for another reason
 * stays locked.
 */
export async function unlockHeldChange(options: UnlockHeldChangeOptions): Promise<UnlockHeldChangeResult> {
  const { host, graph, branch, clock, store } = options
  for (let rereads = 0; ; rereads += 1) {
    const { status } = await readStatus({ host, graph, branch })
    const why = (await notHeld(status, options)) ?? notMergeable(status)
    if (why !== null) return { kind: 'kept', why }
    if (!isMergeabilityUnknown(status) || rereads === maxRereads) break
    await clock.sleep(rereadDelayMs)
  }
  const settings = { ...options.settings, reuseOnly: true }
  const planned = await previewRun({ ...options, settings, store })
  if (planned.kind === 'stopped') {
    const whys = planned.problems.map(({ message, why }) => (why === '' ? message : `${message}: ${why}`))
    return { kind: 'kept', why: whys.join('; ') }
  }
  await options.run(settings)
  return { kind: 'started' }
}

type MemberRow = Extract<RepositoryStatus, { kind: 'member' }>

function openMembers({ repositories }: ChangeStatus): MemberRow[] {
  return repositories.flatMap((row) => (row.kind === 'member' && row.pullRequests.length > 0 ? [row] : []))
}

/** Why the change does not count as held; null: it is held, or a pull request has joined what was unlocked. */
async function notHeld(
  status: ChangeStatus,
  { store, temporaryLock }: UnlockHeldChangeOptions,
): Promise<string | null> {
  const members = openMembers(status)
  if (members.length === 0) return 'it has no open pull request'
  if (status.verdict === 'green') return 'it is unlocked'
  for (const { repo, status: newest, digestMatches } of members) {
    if (newest === null || (newest.state === 'success' && digestMatches === true)) continue
    if (newest.state === 'pending' && isTemporary(newest, temporaryLock)) continue
    if (!isHeldStatus(newest)) return `${repo} is not held`
    if (await isOfOtherSet(store, newest, status)) return 'another set was tested'
  }
  return null
}

function isTemporary({ description }: CommitStatus, reason: string | null): boolean {
  const mark = readStatusMark(description)
  return (
    reason !== null && mark?.writer === 'inv' && describeStatus({ writer: 'inv', id: mark.id }, reason) === description
  )
}

/** Whether the orchestration that holds the change is known, and tested another set. */
async function isOfOtherSet(
  store: Store,
  { description }: CommitStatus,
  { setDigest }: ChangeStatus,
): Promise<boolean> {
  const mark = readStatusMark(description)
  if (mark?.writer !== 'run') return false
  const entry = await readEntry(store, mark.id)
  return entry !== null && entry.state !== 'unreadable' && entry.orchestration.plan.setDigest !== setDigest
}

function notMergeable({ repositories }: ChangeStatus): string | null {
  const blockers = repositories.flatMap((row) => (row.kind === 'member' ? definiteBlockers(row.blockers) : []))
  return blockers.length === 0 ? null : `it waits: ${blockers.map(describeBlocker).join('; ')}`
}

function isMergeabilityUnknown({ repositories }: ChangeStatus): boolean {
  return repositories.some((row) => row.kind === 'member' && row.blockers.some(({ kind }) => kind === 'unknown'))
}

import { noLockReason } from '../../engine/build/check-status.js'
import type { CommitStatus } from '../../model/change.js'
import type { ChangeStatus, RepositoryStatus } from '../../model/change-status.js'
import { isHeldStatus } from '../../model/held-status.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import { readStatusMark } from '../../model/status-description.js'

/** What is known of an event that concerns a change. GitHub's answers may be older than the event. */
export interface LockHints {
  /** Heads that pushes have replaced or removed. */
  left: readonly { repo: RepoName; headSha: string }[]
  /** Pull requests that were closed without a merge. `at`: when, ms, UTC, by GitHub's clock; null: not known. */
  closed: readonly { repo: RepoName; number: number; at: number | null }[]
  /** Whether a held set is no longer what was tested. */
  endsHold: boolean
}

export const noHints: LockHints = { left: [], closed: [], endsHold: false }

/**
 * `outdated`: the reading shows a head that a push has replaced. `closed`: the change was unlocked before one of its pull requests was closed.
 * `changed`: a pull request is unlocked, or may be, although the change is not green. `held`: it is held, and no longer what was tested.
 * `unmarked`: a head has no status that says why it is locked.
 */
export type LockCause = 'changed' | 'outdated' | 'closed' | 'unmarked' | 'held'

type MemberRow = Extract<RepositoryStatus, { kind: 'member' }>

/** Why the pull requests of a change have to be locked; null: they need not. Pure. */
export function whyLock(status: ChangeStatus, hints: LockHints): LockCause | null {
  const members = status.repositories.flatMap((row) => (row.kind === 'member' ? [row] : []))
  const open = members.filter(({ pullRequests }) => pullRequests.length > 0)
  const isUnlocked = open.some((member) => member.status?.state === 'success')
  if (isUnlocked && members.some((member) => isOutdated(member, hints))) return 'outdated'
  if (isUnlocked && hints.closed.some((closed) => isClosedSince(closed, members))) return 'closed'
  if (noLockReason(status) === null) return 'changed'
  if (open.some((member) => member.status !== null && isClaim(member.status))) return null
  if (hints.endsHold && open.some((member) => member.status !== null && isHeldStatus(member.status))) return 'held'
  return open.some((member) => member.status === null) ? 'unmarked' : null
}

function isOutdated({ repo, headSha }: MemberRow, { left }: LockHints): boolean {
  return left.some((head) => repoKey(head.repo) === repoKey(repo) && head.headSha === headSha)
}

/** Whether a pull request is closed still, and a head was unlocked before that. A later success was posted without it on purpose. */
function isClosedSince({ repo, number, at }: LockHints['closed'][number], members: readonly MemberRow[]): boolean {
  const row = members.find((member) => repoKey(member.repo) === repoKey(repo))
  if (row?.pullRequests.some((open) => open.number === number)) return false
  return members.some(({ status }) => status?.state === 'success' && (at === null || status.createdAt <= at))
}

/** Whether an orchestration that has claimed the head may still be building: it watches the change itself, and a lock would end it. */
function isClaim(status: CommitStatus): boolean {
  return status.state === 'pending' && readStatusMark(status.description)?.writer === 'run' && !isHeldStatus(status)
}

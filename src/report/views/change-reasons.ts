import type { CommitStatus } from '../../model/change.js'
import type { ChangeStatus, RepositoryStatus } from '../../model/change-status.js'
import type { RepoName } from '../../model/repo-name.js'
import { readStatusMark, readStatusText } from '../../model/status-description.js'
import { formatMoment } from '../time-text.js'

/** Why pull requests of a change are not unlocked for it as it is now. */
export interface ChangeReason {
  /** Empty: it concerns the change as a whole. */
  repos: readonly RepoName[]
  /** One sentence without a full stop, with text from outside that is not sanitized. */
  text: string
  /** The command that is next. */
  command: string
}

type Member = Extract<RepositoryStatus, { kind: 'member' }>

/**
 * Who locked the pull requests of a change, when and why, or that nothing was built yet. Repositories with the same reason share one. What
 * no status shows (unreadable, misspelled, stacked, drafts) is left to the notes of `orch status`.
 */
export function reasonsOf({ repositories, branch }: ChangeStatus): ChangeReason[] {
  const members = repositories.flatMap((row) => (row.kind === 'member' ? [row] : []))
  const reasons = new Map<string, ChangeReason>()
  for (const member of members) {
    if (member.pullRequests.length === 0) continue
    const reason = reasonOf(member, branch)
    if (reason === null) continue
    const repos = [...(reasons.get(reason.text)?.repos ?? []), member.repo]
    reasons.set(reason.text, { ...reason, repos })
  }
  return members.some(({ pullRequests }) => pullRequests.length > 0)
    ? [...reasons.values()]
    : [withoutPullRequest(members, branch)]
}

function withoutPullRequest(members: readonly Member[], branch: string): ChangeReason {
  const text = members.length === 0 ? `no repository has the branch ${branch}` : `no pull request is open for ${branch}`
  return { repos: [], text, command: members.length === 0 ? 'git push' : 'gh pr create' }
}

/** What keeps one pull request locked, or makes its success worthless; null: nothing. */
function reasonOf(member: Member, branch: string): Omit<ChangeReason, 'repos'> | null {
  const { status, headSha, pullRequests, digestMatches, isBaseUnknown } = member
  const run = `orch run ${branch}`
  if (pullRequests.some((pr) => pr.headSha !== headSha)) {
    const text = 'GitHub has not moved the pull request to the head of the branch yet'
    return { text, command: `orch status ${branch}` }
  }
  if (status === null) return { text: 'nothing was built for this commit: it has no status', command: run }
  const mark = readStatusMark(status.description)
  if (mark === null) return { text: `${status.state} that orch did not post (${posted(status)})`, command: run }
  const why = `${readStatusText(status.description)} (${posted(status)})`
  const orchestration = `the orchestration ${mark.id}`
  switch (status.state) {
    case 'success': {
      if (digestMatches === true || isBaseUnknown) return null
      const text = `tested with other commits or bases by ${orchestration} (${posted(status)})`
      return { text, command: run }
    }
    case 'pending':
      return mark.writer === 'inv'
        ? { text: `locked: ${why}`, command: run }
        : { text: `locked by ${orchestration}: ${why}`, command: `orch watch ${mark.id}` }
    case 'failure':
    case 'error':
      return { text: `${orchestration} ended: ${why}`, command: run }
  }
}

/** `ada, 2026-11-21T09:00:00Z`. */
function posted({ creator, createdAt }: CommitStatus): string {
  return `${creator === '' ? '' : `${creator}, `}${formatMoment(createdAt)}`
}

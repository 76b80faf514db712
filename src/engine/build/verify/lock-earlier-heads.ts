import type { EarlierStatus } from '../../../model/change.js'
import type { Failure } from '../../../model/failure.js'
import type { EarlierHeads } from '../../../model/build/state/verification.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'
import { readStatusMark } from '../../../model/status-description.js'
import type { Host } from '../../../ports/host/host.js'

export interface EarlierHeadsOf {
  repo: RepoName
  /** Heads that are known to have received a success of ours. */
  known: readonly string[]
  /** Heads whose newest status is a success of ours, if they were read; otherwise they must be read. */
  successes?: readonly string[]
}

export interface EarlierHeadsQuery {
  branch: string
  statusContext: string
  repositories: readonly EarlierHeadsOf[]
  /** 140 characters at most. */
  description: string
  /** The target URL of the statuses. */
  link: string
}

/** How often a post that locks a head is sent: for about a minute. It may replace every status, so nothing is read in between. */
export const lockTries = 7

/**
 * Resets every success of ours on an earlier head of the branch to `pending`. Otherwise a push back to that commit would unlock it,
 * although the other repositories were tested with another commit. Idempotent.
 */
export async function lockEarlierHeads(github: Host, query: EarlierHeadsQuery): Promise<EarlierHeads> {
  const locked: { repo: RepoName; headSha: string }[] = []
  const failures: Failure[] = []
  const unread = query.repositories.filter((each) => !isRead(each))
  const readings = unread.length === 0 ? [] : await github.readEarlierStatuses({ ...query, repositories: unread })
  const read = query.repositories.filter(isRead)
  const posts = read.flatMap(({ repo, successes = [] }) => successes.map((headSha) => ({ repo, headSha })))
  for (const { repo, read } of readings) {
    if (read.ok) posts.push(...read.value.filter(isOurSuccess).map(({ headSha }) => ({ repo, headSha })))
    else failures.push(read.failure)
  }
  await Promise.all(
    posts.map(async ({ repo, headSha }) => {
      const { statusContext: context, description, link: targetUrl } = query
      const post = { repo, headSha, context, state: 'pending' as const, description, targetUrl }
      const result = await github.postStatus(post, { urgent: false, maxTries: lockTries }, () => Promise.resolve(true))
      if (result.kind === 'withheld') throw new Error('nothing withholds it')
      if (result.kind === 'posted') locked.push({ repo, headSha })
      else failures.push(result.failure)
    }),
  )
  return { locked, failures }
}

/** Whether the successes are complete: a known head that is missing shows that the reading was incomplete. */
function isRead({ known, successes }: EarlierHeadsOf): boolean {
  return successes !== undefined && known.every((head) => successes.includes(head))
}

export function isOurSuccess({ status }: EarlierStatus): boolean {
  return status.state === 'success' && readStatusMark(status.description) !== null
}

/** The commits of one repository among the heads that journals know. */
export function knownHeads(heads: readonly { repo: RepoName; headSha: string }[], repo: RepoName): string[] {
  return heads.flatMap((head) => (repoKey(head.repo) === repoKey(repo) ? [head.headSha] : []))
}

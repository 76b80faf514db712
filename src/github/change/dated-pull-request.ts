import type { PullRequest, RepositoryRead } from '../../model/change.js'

/** An open pull request and the time of its latest change, ms, UTC; null: the answer has no time. */
export interface DatedPullRequest {
  pullRequest: PullRequest
  updatedAt: number | null
}

/** Law 4: the change's own pull requests, and the others that would share their commit status. */
export function sortOut(
  open: readonly PullRequest[],
  branch: string,
  headSha: string,
): Pick<RepositoryRead, 'pullRequests' | 'sameHead'> {
  const isOwn = (each: PullRequest): boolean => !each.isFork && each.headRef === branch
  const pullRequests = open.filter(isOwn)
  const heads = new Set([headSha, ...pullRequests.map((each) => each.headSha)])
  return { pullRequests, sameHead: open.filter((each) => !isOwn(each) && heads.has(each.headSha)) }
}

/** Pages may shift while they are read, so that a pull request appears twice. */
export function onceEach(open: readonly DatedPullRequest[]): DatedPullRequest[] {
  return [...new Map(open.map((each) => [each.pullRequest.number, each])).values()]
}

import type { CommitStatus, PullRequest, PullRequestState } from '../model/change.js'
import type { RepoName } from '../model/repo-name.js'
import type { PullRequestWithStatus, Read } from '../ports/github.js'
import { toPullRequest, toPullRequestState } from './payload.js'
import { repoPath } from './path.js'
import { needs } from './permissions.js'
import { interpret, listOf, type Ask, type Requests } from './requests.js'
import { readNewestStatus } from './statuses.js'

/**
 * All open pull requests of a repository, forks' among them (GET /repos/{owner}/{repo}/pulls).
 * The filter `head` is not used: it matches forks of the same owner, and it would hide other pull requests of the same commit.
 */
export async function readOpenPullRequests(requests: Requests, repo: RepoName): Promise<Read<PullRequest[]>> {
  const read = await requests.getPages(
    {
      repo,
      need: needs.readPullRequests,
      thing: `the pull requests of ${repo}`,
      path: repoPath(repo, 'pulls'),
      parameters: { state: 'open', sort: 'created', direction: 'asc' },
    },
    listOf(toPullRequest),
  )
  if (!read.ok) return read
  return { ok: true, value: [...new Map(read.value.map((each) => [each.number, each])).values()] }
}

/** One pull request, open or not (GET /repos/{owner}/{repo}/pulls/{pull_number}). */
export async function readPullRequest(
  requests: Requests,
  repo: RepoName,
  number: number,
): Promise<Read<PullRequestState>> {
  const path = repoPath(repo, 'pulls', number)
  const ask: Ask = { repo, need: needs.readPullRequests, thing: `pull request #${number} of ${repo}`, path }
  return interpret(ask, await requests.get(ask), toPullRequestState)
}

/** Open same-repository pull requests whose head branch `matches`, each with the newest status of the context. */
export async function readMatchingPullRequests(
  requests: Requests,
  repo: RepoName,
  query: { statusContext: string; matches: (headRef: string) => boolean },
): Promise<Read<PullRequestWithStatus[]>> {
  const open = await readOpenPullRequests(requests, repo)
  if (!open.ok) return open
  const matching = open.value.filter((each) => !each.isFork && query.matches(each.headRef))
  const heads = [...new Set(matching.map(({ headSha }) => headSha))]
  const reads = await Promise.all(heads.map((sha) => readNewestStatus(requests, repo, sha, query.statusContext)))
  const statuses = new Map<string, CommitStatus | null>()
  for (const [index, read] of reads.entries()) {
    if (!read.ok) return read
    statuses.set(heads[index] ?? '', read.value)
  }
  const withStatus = (pullRequest: PullRequest): PullRequestWithStatus => ({
    pullRequest,
    status: statuses.get(pullRequest.headSha) ?? null,
  })
  return { ok: true, value: matching.map(withStatus) }
}

import type { EndedPullRequest, PullRequestState } from '../../model/change.js'
import { splitRepo, type RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import { onceEach, type DatedPullRequest } from './dated-pull-request.js'
import { toDatedPullRequest, toEndedPullRequest, toPullRequestState } from '../api/payload.js'
import { repoPath } from '../http/path.js'
import { needs } from '../api/permissions.js'
import type { Ask } from '../api/ask.js'
import { interpret, listOf, type Requests } from '../api/requests.js'

/**
 * All open pull requests of a repository, including those of forks (GET /repos/{owner}/{repo}/pulls).
 * The filter `head` is not used: it matches forks of the same owner, and it would hide other pull requests of the same commit.
 */
export async function readDatedPullRequests(requests: Requests, repo: RepoName): Promise<Read<DatedPullRequest[]>> {
  const read = await requests.getPages(
    {
      repo,
      need: needs.readPullRequests,
      thing: `the pull requests of ${repo}`,
      isPlural: true,
      path: repoPath(repo, 'pulls'),
      parameters: { state: 'open', sort: 'created', direction: 'asc' },
    },
    listOf(toDatedPullRequest),
  )
  if (!read.ok) return read
  return { ok: true, value: onceEach(read.value) }
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

/** The pull requests of a branch that are no longer open, never a fork's (GET /repos/{owner}/{repo}/pulls). */
export async function readEndedPullRequests(
  requests: Requests,
  repo: RepoName,
  branch: string,
): Promise<Read<EndedPullRequest[]>> {
  const read = await requests.getPages(
    {
      repo,
      need: needs.readPullRequests,
      thing: `the pull requests of ${repo}`,
      path: repoPath(repo, 'pulls'),
      parameters: { state: 'closed', head: `${splitRepo(repo).owner}:${branch}`, sort: 'created', direction: 'desc' },
    },
    listOf(toEndedPullRequest),
  )
  if (!read.ok) return read
  const ended = read.value.flatMap((each) => each ?? [])
  return { ok: true, value: [...new Map(ended.map((each) => [each.number, each])).values()] }
}

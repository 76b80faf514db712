import { mergedBranchOf } from '../../model/build/merged-branch.js'
import type { Mergeability, PullRequest, RepositoryRead } from '../../model/change.js'
import type { RepoName } from '../../model/repo-name.js'
import type { ChangeQuery } from '../../ports/host/changes.js'
import type { Read } from '../../ports/host/read.js'
import { count, field } from '../api/fields.js'
import { needs } from '../api/permissions.js'
import type { Ask } from '../api/ask.js'
import { interpret, isNotFound, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

/**
 * Completes a reading with what only the REST API answers: the mergeability of the pull requests for which the reading has none (one
 * request each), and whether a head without a pull request is ahead of the default branch (one request).
 */
export async function completeReading(
  requests: Requests,
  query: ChangeQuery,
  reading: RepositoryRead,
): Promise<Read<RepositoryRead>> {
  const { repo, headSha, defaultBranchSha, pullRequests } = reading
  const isBare = headSha !== null && pullRequests.length === 0 && mergedBranchOf(reading) === null
  if (query.ahead && isBare && defaultBranchSha !== null) {
    const isAhead = await readAhead(requests, repo, { base: defaultBranchSha, head: headSha })
    return isAhead.ok ? { ok: true, value: { ...reading, isAhead: isAhead.value } } : isAhead
  }
  if (!query.mergeability || pullRequests.every(({ mergeability }) => mergeability !== undefined)) {
    return { ok: true, value: reading }
  }
  const reads = await Promise.all(pullRequests.map((each) => withMergeability(requests, repo, each)))
  const completed: PullRequest[] = []
  for (const read of reads) {
    if (!read.ok) return read
    completed.push(read.value)
  }
  return { ok: true, value: { ...reading, pullRequests: completed } }
}

/** GET /repos/{owner}/{repo}/pulls/{pull_number}: null means that GitHub is still computing it. */
async function withMergeability(
  requests: Requests,
  repo: RepoName,
  pullRequest: PullRequest,
): Promise<Read<PullRequest>> {
  if (pullRequest.mergeability !== undefined) return { ok: true, value: pullRequest }
  const { number } = pullRequest
  const path = repoPath(repo, 'pulls', number)
  const ask: Ask = { repo, need: needs.readPullRequests, thing: `pull request #${number} of ${repo}`, path }
  const read = interpret(ask, await requests.get(ask), toMergeability)
  return read.ok ? { ok: true, value: { ...pullRequest, mergeability: read.value } } : read
}

function toMergeability(payload: unknown): Mergeability {
  const mergeable = field(payload, 'mergeable')
  return mergeable === true ? 'mergeable' : mergeable === false ? 'conflicting' : 'unknown'
}

/**
 * GET /repos/{owner}/{repo}/compare/{basehead}. Both commits were read before, so a 404 means that they have no common ancestor. The
 * second page has neither commits nor files, which makes the answer small.
 */
async function readAhead(
  requests: Requests,
  repo: RepoName,
  { base, head }: { base: string; head: string },
): Promise<Read<boolean>> {
  if (base === head) return { ok: true, value: false }
  const ask: Ask = {
    repo,
    need: needs.readContents,
    thing: `the comparison of ${head.slice(0, 7)} with the default branch of ${repo}`,
    path: repoPath(repo, 'compare', `${base}...${head}`),
    parameters: { per_page: 1, page: 2 },
  }
  const answer = await requests.get(ask)
  if (isNotFound(answer)) return { ok: true, value: true }
  return interpret(ask, answer, (payload) => count(payload, 'ahead_by') > 0)
}

import type { EarlierStatus } from '../model/change.js'
import type { RepoName } from '../model/repo-name.js'
import type { Read } from '../ports/github.js'
import { toActivity } from './payload.js'
import { repoPath } from './path.js'
import { needs } from './permissions.js'
import { readOpenPullRequests } from './pull-requests.js'
import { interpret, isNotFound, listOf, type Ask, type Requests } from './requests.js'
import { readNewestStatus } from './statuses.js'

const noCommit = '0'.repeat(40)

/**
 * Statuses of commits that were heads of a branch. What a server without GET /repos/{owner}/{repo}/activity (GitHub Enterprise Server
 * before 3.9) does not tell is known from `known` alone.
 */
export async function readEarlierStatuses(
  requests: Requests,
  { branch, statusContext }: { branch: string; statusContext: string },
  { repo, known }: { repo: RepoName; known: readonly string[] },
): Promise<Read<EarlierStatus[]>> {
  const [pushed, open] = await Promise.all([
    readPushedHeads(requests, repo, branch),
    readOpenPullRequests(requests, repo),
  ])
  if (!pushed.ok) return pushed
  if (!open.ok) return open
  const current = new Set(open.value.map(({ headSha }) => headSha))
  const heads = [...new Set([...known, ...pushed.value])].filter((sha) => sha !== noCommit && !current.has(sha))
  const reads = await Promise.all(
    heads.map(async (headSha) => ({ headSha, read: await readNewestStatus(requests, repo, headSha, statusContext) })),
  )
  const value: EarlierStatus[] = []
  for (const { headSha, read } of reads) {
    if (!read.ok) return read
    if (read.value) value.push({ headSha, status: read.value })
  }
  return { ok: true, value }
}

/** Both ends of the latest 100 pushes of a branch, forced ones among them. */
async function readPushedHeads(requests: Requests, repo: RepoName, branch: string): Promise<Read<string[]>> {
  const ask: Ask = {
    repo,
    need: needs.readContents,
    thing: `the activity of ${repo}`,
    path: repoPath(repo, 'activity'),
    parameters: { ref: `refs/heads/${branch}`, per_page: 100 },
  }
  const answer = await requests.get(ask)
  if (isNotFound(answer)) return { ok: true, value: [] }
  const activities = interpret(ask, answer, listOf(toActivity))
  if (!activities.ok) return activities
  const ref = `refs/heads/${branch}`
  const ofBranch = activities.value.filter((activity) => activity.ref === ref)
  return { ok: true, value: ofBranch.flatMap(({ before, after }) => [after, before]) }
}

import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import { toActivity } from '../api/payload.js'
import { repoPath } from '../http/path.js'
import { needs } from '../api/permissions.js'
import type { Ask } from '../api/ask.js'
import { interpret, isNotFound, listOf, type Requests } from '../api/requests.js'

const noCommit = '0'.repeat(40)

/** Heads of the branch that are not heads of any open pull request. */
export function earlierHeads(
  known: readonly string[],
  pushed: readonly string[],
  current: ReadonlySet<string>,
): string[] {
  return [...new Set([...known, ...pushed])].filter((sha) => sha !== noCommit && !current.has(sha))
}

/**
 * Both ends of the latest 100 pushes of a branch, including forced ones (GET /repos/{owner}/{repo}/activity). A server without this endpoint
 * (GitHub Enterprise Server before 3.9) returns none.
 */
export async function readPushedHeads(requests: Requests, repo: RepoName, branch: string): Promise<Read<string[]>> {
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

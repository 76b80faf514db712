import type { CommitRun } from '../model/change.js'
import type { RepoName } from '../model/repo-name.js'
import type { Read } from '../ports/github.js'
import { toCommitRun } from './payload.js'
import { repoPath } from './path.js'
import { needs } from './permissions.js'
import { interpret, isNotFound, type Ask, type Requests } from './requests.js'

/** GET /repos/{owner}/{repo}/actions/runs/{run_id}, of its latest attempt; null: GitHub knows no such run in the repository. */
export async function readCommitRun(
  requests: Requests,
  repo: RepoName,
  runId: number,
): Promise<Read<CommitRun | null>> {
  const ask: Ask = {
    repo,
    need: needs.readRuns,
    thing: `workflow run ${runId} of ${repo}`,
    path: repoPath(repo, 'actions', 'runs', runId),
    parameters: { exclude_pull_requests: true },
  }
  const answer = await requests.get(ask)
  return isNotFound(answer) ? { ok: true, value: null } : interpret(ask, answer, toCommitRun)
}

import type { CommitRun } from '../../model/change.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import { toCommitRun } from '../api/payload.js'
import { interpret, isNotFound, type Requests } from '../api/requests.js'
import { askForRun } from './runs.js'

/** GET /repos/{owner}/{repo}/actions/runs/{run_id}, of its latest attempt; null: the repository has no such run. */
export async function readCommitRun(
  requests: Requests,
  repo: RepoName,
  runId: number,
): Promise<Read<CommitRun | null>> {
  const ask = askForRun(repo, runId)
  const answer = await requests.get(ask)
  return isNotFound(answer) ? { ok: true, value: null } : interpret(ask, answer, toCommitRun)
}

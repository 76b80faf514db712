import type { RepoName } from '../../model/repo-name.js'
import type { PendingDeployment } from '../../model/workflow-run.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { count, field, list, optional, text, textOrNull, time } from '../api/fields.js'
import { needs } from '../api/permissions.js'
import { interpret, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

/** GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments: the environments that a waiting run waits for. */
export async function readPendingDeployments(
  requests: Requests,
  repo: RepoName,
  runId: number,
): Promise<Read<PendingDeployment[]>> {
  const ask: Ask = {
    repo,
    need: needs.readRuns,
    thing: `the pending deployments of workflow run ${runId} of ${repo}`,
    path: repoPath(repo, 'actions', 'runs', runId, 'pending_deployments'),
  }
  return interpret(ask, await requests.get(ask), (body) => list(body).map(toPendingDeployment))
}

function toPendingDeployment(payload: unknown): PendingDeployment {
  const timerStartedAt = time(payload, 'wait_timer_started_at')
  return {
    environment: text(field(payload, 'environment'), 'name'),
    reviewers: list(optional(payload, 'reviewers') ?? []).map(toReviewer),
    timerEndsAt: timerStartedAt === null ? null : timerStartedAt + count(payload, 'wait_timer') * 60_000,
  }
}

function toReviewer(payload: unknown): string {
  const reviewer = field(payload, 'reviewer')
  return textOrNull(payload, 'type') === 'Team' ? `team ${text(reviewer, 'slug')}` : text(reviewer, 'login')
}

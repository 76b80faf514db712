import type { RepoName } from '../../model/repo-name.js'
import type { PendingDeployment, Rejection } from '../../model/workflow-run.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { count, field, list, optional, text, textOrEmpty, textOrNull, time } from '../api/fields.js'
import { needs } from '../api/permissions.js'
import { interpret, listOf, type Requests } from '../api/requests.js'
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
  return interpret(ask, await requests.get(ask), listOf(toPendingDeployment))
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

interface Review extends Rejection {
  state: string
}

/**
 * GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals: the review that rejected a deployment of the run; null: there is none. The
 * reviews of all attempts are listed together, so an environment that was also approved was not certainly rejected in this attempt.
 */
export async function readRejection(
  requests: Requests,
  repo: RepoName,
  runId: number,
): Promise<Read<Rejection | null>> {
  const ask: Ask = {
    repo,
    need: needs.readRuns,
    thing: `the reviews of workflow run ${runId} of ${repo}`,
    path: repoPath(repo, 'actions', 'runs', runId, 'approvals'),
  }
  const reviews = interpret(ask, await requests.get(ask), listOf(toReview))
  return reviews.ok ? { ok: true, value: rejectionIn(reviews.value) } : reviews
}

function rejectionIn(reviews: readonly Review[]): Rejection | null {
  const approved = new Set(reviews.flatMap(({ state, environments }) => (state === 'approved' ? environments : [])))
  for (const { state, environments, by, comment } of reviews) {
    const rejected = environments.filter((name) => !approved.has(name))
    if (state === 'rejected' && rejected.length > 0) return { environments: rejected, by, comment }
  }
  return null
}

function toReview(payload: unknown): Review {
  return {
    state: text(payload, 'state'),
    environments: list(field(payload, 'environments')).map((environment) => text(environment, 'name')),
    by: text(field(payload, 'user'), 'login'),
    comment: textOrEmpty(payload, 'comment'),
  }
}

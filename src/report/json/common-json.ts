import type { BuiltRun, MergedBranch } from '../../model/build/plan.js'
import type { PullRequest } from '../../model/change.js'
import type { Failure } from '../../model/failure.js'
import { describeBlocker } from '../../model/merge-blocker.js'
import type { MergeBlocker } from '../../model/merge-blocker.js'
import type {
  BuiltRunJson,
  FailureJson,
  MergeBlockerJson,
  MergedPullRequestJson,
  PendingDeploymentJson,
  PullRequestJson,
  RunFailureJson,
  Timestamp,
} from '../../model/wire/common.js'
import type { PendingDeployment, RunFailure } from '../../model/workflow-run.js'

export function failureJson(failure: Failure): FailureJson {
  return {
    kind: failure.kind,
    message: failure.message,
    remedy: failure.remedy ?? null,
    repository: failure.repo ?? null,
    httpStatus: failure.httpStatus ?? null,
    permission: failure.permission ?? null,
  }
}

export function pullRequestJson({
  number,
  url,
  title,
  baseRef,
  isDraft,
  hasMergeQueue,
  mergeability = 'unknown',
}: PullRequest): PullRequestJson {
  const mergeable = mergeability === 'unknown' ? null : mergeability === 'mergeable'
  return { number, url, title, baseBranch: baseRef, isDraft, mergeable, hasMergeQueue: hasMergeQueue ?? null }
}

export function mergeBlockerJson(blocker: MergeBlocker): MergeBlockerJson {
  const { kind, repo, number } = blocker
  return { kind, repository: repo, number, message: describeBlocker(blocker) }
}

/** ms since the epoch as ISO 8601, UTC. */
export function toTimestamp(at: number): Timestamp {
  return new Date(at).toISOString()
}

export function runFailureJson({ workflowJob, step, url, logTail, logFailure, rejection }: RunFailure): RunFailureJson {
  return {
    workflowJob,
    step,
    url,
    logTail,
    logFailure: logFailure ? failureJson(logFailure) : null,
    rejection: rejection
      ? { environments: rejection.environments, by: rejection.by, comment: rejection.comment }
      : null,
  }
}

export function pendingDeploymentsJson(
  deployments: readonly PendingDeployment[] | null,
): PendingDeploymentJson[] | null {
  if (deployments === null) return null
  return deployments.map(({ environment, reviewers, timerEndsAt }) => ({
    environment,
    reviewers,
    timerEndsAt: timerEndsAt === null ? null : toTimestamp(timerEndsAt),
  }))
}

export function builtRunJson(built: BuiltRun | undefined): BuiltRunJson | null {
  return built ? { runId: built.runId, url: built.url, endedAt: toTimestamp(built.endedAt) } : null
}

export function mergedPullRequestsJson({ pullRequests }: MergedBranch): MergedPullRequestJson[] {
  return pullRequests.map(({ number, url, baseRef }) => ({ number, url, baseBranch: baseRef }))
}

import type { BuiltRun, MergedBranch } from '../../model/build/plan.js'
import type { PullRequest } from '../../model/change.js'
import type { Failure } from '../../model/failure.js'
import type {
  BuiltRunJson,
  FailureJson,
  MergedPullRequestJson,
  PullRequestJson,
  RunFailureJson,
  Timestamp,
} from '../../model/wire/common.js'
import type { RunFailure } from '../../model/workflow-run.js'

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

export function pullRequestJson({ number, url, title, baseRef, isDraft, hasMergeQueue }: PullRequest): PullRequestJson {
  return { number, url, title, baseBranch: baseRef, isDraft, hasMergeQueue: hasMergeQueue ?? null }
}

/** ms since the epoch as ISO 8601, UTC. */
export function toTimestamp(at: number): Timestamp {
  return new Date(at).toISOString()
}

export function runFailureJson({ workflowJob, step, url, logTail, logFailure }: RunFailure): RunFailureJson {
  return { workflowJob, step, url, logTail, logFailure: logFailure ? failureJson(logFailure) : null }
}

export function builtRunJson(built: BuiltRun | undefined): BuiltRunJson | null {
  return built ? { runId: built.runId, url: built.url, endedAt: toTimestamp(built.endedAt) } : null
}

export function mergedPullRequestsJson({ pullRequests }: MergedBranch): MergedPullRequestJson[] {
  return pullRequests.map(({ number, url, baseRef }) => ({ number, url, baseBranch: baseRef }))
}

import type { Invalidation } from '../../model/invalidation.js'
import { jsonVersion } from '../../model/wire/common.js'
import type { InvalidationJson } from '../../model/wire/invalidation.js'
import { failureJson, pullRequestJson } from './common-json.js'

/** The document of `orch invalidate --json`. */
export function invalidationToJson(invalidation: Invalidation): InvalidationJson {
  const { id, branch, reason, isDryRun, noLockReason, pullRequests, unreadable, earlierHeads } = invalidation
  return {
    version: jsonVersion,
    id,
    branch,
    reason,
    isDryRun,
    noLockReason,
    pullRequests: pullRequests.map(({ repo, pullRequest, result }) => ({
      repository: repo,
      branch: pullRequest.headRef,
      headSha: pullRequest.headSha,
      ...pullRequestJson(pullRequest),
      result: result.kind,
      failure: result.kind === 'failed' ? failureJson(result.failure) : null,
    })),
    unreadable: unreadable.map(({ repo, failure }) => ({ repository: repo, failure: failureJson(failure) })),
    earlierHeads: {
      locked: earlierHeads.locked.map(({ repo, headSha }) => ({ repository: repo, headSha })),
      failures: earlierHeads.failures.map(failureJson),
    },
  }
}

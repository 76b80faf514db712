import type { ChangeStatus, RepositoryStatus } from '../../model/change-status.js'
import type { CommitStatus } from '../../model/change.js'
import type { ChangeStatusJson, CommitStatusJson, RepositoryStatusJson } from '../../model/wire/change-status.js'
import { jsonVersion } from '../../model/wire/common.js'
import { failureJson, mergeBlockerJson, pullRequestJson, toTimestamp } from './common-json.js'

/** The document of `orch status --json`. */
export function changeStatusToJson(status: ChangeStatus): ChangeStatusJson {
  const { branch, statusContext, setDigest, verdict, repositories } = status
  return {
    version: jsonVersion,
    branch,
    statusContext,
    setDigest,
    verdict,
    repositories: repositories.map(repositoryJson),
  }
}

function repositoryJson(repository: RepositoryStatus): RepositoryStatusJson {
  const { repo, kind } = repository
  const none = {
    headSha: null,
    pullRequests: [],
    isMissingPullRequest: false,
    blockers: [],
    status: null,
    digestMatches: null,
    failure: null,
  }
  if (repository.kind === 'absent') return { repository: repo, kind, ...none }
  if (repository.kind === 'unreadable')
    return { repository: repo, kind, ...none, failure: failureJson(repository.failure) }
  const { headSha, pullRequests, isAhead, blockers, status, digestMatches } = repository
  return {
    repository: repo,
    kind,
    headSha,
    pullRequests: pullRequests.map(pullRequestJson),
    isMissingPullRequest: isAhead,
    blockers: blockers.map(mergeBlockerJson),
    status: status && commitStatusJson(status),
    digestMatches,
    failure: null,
  }
}

function commitStatusJson(status: CommitStatus): CommitStatusJson {
  const { id, state, description, targetUrl, creator, createdAt } = status
  return { id, state, description, targetUrl, creator, createdAt: toTimestamp(createdAt) }
}

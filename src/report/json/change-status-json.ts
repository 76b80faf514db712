import { assertNever } from '../../lib/assert-never.js'
import type { OtherBase } from '../../model/base-branch.js'
import type { ChangeStatus, RepositoryStatus } from '../../model/change-status.js'
import type { CommitStatus } from '../../model/change.js'
import type {
  ChangeStatusJson,
  CommitStatusJson,
  OtherBaseJson,
  RepositoryStatusJson,
} from '../../model/wire/change-status.js'
import { jsonVersion } from '../../model/wire/common.js'
import { failureJson, mergeBlockerJson, mergedPullRequestsJson, pullRequestJson, toTimestamp } from './common-json.js'

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
    otherBases: [],
    status: null,
    digestMatches: null,
    failure: null,
  }
  const row = { repository: repo, kind, ...none, mergedPullRequests: [], builtDefaultBranch: null, caseVariants: [] }
  switch (repository.kind) {
    case 'absent':
      return { ...row, builtDefaultBranch: repository.built ?? null }
    case 'unreadable':
      return { ...row, failure: failureJson(repository.failure) }
    case 'near-miss':
      return { ...row, caseVariants: repository.branches }
    case 'merged': {
      const { merged, built = null } = repository
      const mergedPullRequests = mergedPullRequestsJson(merged)
      return { ...row, headSha: merged.headSha, mergedPullRequests, builtDefaultBranch: built }
    }
    case 'member': {
      const { headSha, pullRequests, isAhead, status, digestMatches } = repository
      const blockers = repository.blockers.map(mergeBlockerJson)
      const posted = status && commitStatusJson(status)
      const shown = { headSha, pullRequests: pullRequests.map(pullRequestJson), status: posted, digestMatches }
      const otherBases = repository.otherBases.map(otherBaseJson)
      return { ...row, ...shown, isMissingPullRequest: isAhead, blockers, otherBases }
    }
    default:
      return assertNever(repository)
  }
}

function otherBaseJson({ number, baseRef, defaultBranch, stacked }: OtherBase): OtherBaseJson {
  return { number, baseBranch: baseRef, defaultBranch, stacked }
}

function commitStatusJson(status: CommitStatus): CommitStatusJson {
  const { id, state, description, targetUrl, creator, createdAt } = status
  return { id, state, description, targetUrl, creator, createdAt: toTimestamp(createdAt) }
}

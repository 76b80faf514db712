import { combinedState } from '../core/rules.js'
import type { CommitStatus, Repository } from '../state/model.js'
import type { World } from '../world.js'
import { presentAccount } from './account.js'
import { nodeId, timestamp } from './common.js'
import { presentMinimalRepository, repositoryUrl } from './repository.js'

export function statusNodeId(repository: Repository, status: CommitStatus): string {
  return nodeId('StatusContext', `${repository.id}:${status.sha}:${status.id}`)
}

/** `simple-commit-status` of GitHub's OpenAPI description. */
function presentSimpleStatus(world: World, repository: Repository, status: CommitStatus): Record<string, unknown> {
  return {
    url: `${repositoryUrl(world, repository)}/statuses/${status.sha}`,
    avatar_url: presentAccount(world, world.directory.accountById(status.creatorId)).avatar_url,
    id: status.id,
    node_id: statusNodeId(repository, status),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: timestamp(status.createdAt),
    updated_at: timestamp(status.createdAt),
  }
}

/** `status` of GitHub's OpenAPI description. */
export function presentStatus(world: World, repository: Repository, status: CommitStatus): Record<string, unknown> {
  const creator = presentAccount(world, world.directory.accountById(status.creatorId))
  return { ...presentSimpleStatus(world, repository, status), creator }
}

/** `combined-commit-status` of GitHub's OpenAPI description. `latest` holds the newest status of every context, `page` the ones to show. */
export function presentCombinedStatus(
  world: World,
  repository: Repository,
  combined: { sha: string; latest: CommitStatus[]; page: CommitStatus[] },
): Record<string, unknown> {
  const url = repositoryUrl(world, repository)
  return {
    state: combinedState(combined.latest),
    statuses: combined.page.map((status) => presentSimpleStatus(world, repository, status)),
    sha: combined.sha,
    total_count: combined.latest.length,
    repository: presentMinimalRepository(world, repository),
    commit_url: `${url}/commits/${combined.sha}`,
    url: `${url}/commits/${combined.sha}/status`,
  }
}

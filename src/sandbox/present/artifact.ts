import { isExpiredArtifact } from '../artifacts/artifacts.js'
import type { FoundArtifact } from '../artifacts/artifacts.js'
import { branchNameOf } from '../core/runs.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import { nodeId, timestamp } from './common.js'
import { repositoryUrl } from './repository.js'

/** `artifact` of GitHub's OpenAPI description. */
export function presentArtifact(
  world: World,
  repository: Repository,
  { run, artifact }: FoundArtifact,
): Record<string, unknown> {
  const url = `${repositoryUrl(world, repository)}/actions/artifacts/${artifact.id}`
  return {
    id: artifact.id,
    node_id: nodeId('Artifact', artifact.id),
    name: artifact.name,
    size_in_bytes: artifact.sizeBytes,
    url,
    archive_download_url: `${url}/zip`,
    expired: isExpiredArtifact(world, artifact),
    digest: artifact.digest,
    created_at: timestamp(artifact.createdAt),
    updated_at: timestamp(artifact.createdAt),
    expires_at: timestamp(artifact.expiresAt),
    workflow_run: {
      id: run.id,
      repository_id: repository.id,
      head_repository_id: repository.id,
      head_branch: branchNameOf(run) ?? run.ref.replace('refs/tags/', ''),
      head_sha: run.headSha,
    },
  }
}

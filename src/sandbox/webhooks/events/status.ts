import { rulesForBranch } from '../../core/rules.js'
import { presentCommit, presentShortBranch } from '../../present/git.js'
import { presentStatus } from '../../present/status.js'
import type { Account, CommitStatus, Repository } from '../../state/model.js'
import type { World } from '../../world.js'

/** GitHub's limit on the branches of a payload. */
const MAX_BRANCHES = 10

/** Emits `status` for a new commit status. */
export function emitStatus(world: World, repository: Repository, status: CommitStatus, sender: Account): void {
  world.webhooks.emit({
    name: 'status',
    repository,
    sender,
    async payload() {
      const { id, state, description, context, target_url, avatar_url, created_at, updated_at } = presentStatus(
        world,
        repository,
        status,
      )
      const commit = await world.git.readCommit(repository.id, status.sha)
      return {
        id,
        sha: status.sha,
        name: world.directory.fullName(repository),
        target_url,
        avatar_url,
        context,
        description,
        state,
        commit: commit && presentCommit(world, repository, commit),
        branches: await branchesWith(world, repository, status.sha),
        created_at,
        updated_at,
      }
    },
  })
}

/** Returns the branches that contain a commit. */
async function branchesWith(world: World, repository: Repository, sha: string): Promise<Record<string, unknown>[]> {
  const refs = await world.git.listRefsWith(repository.id, 'refs/heads/', sha)
  return refs.slice(0, MAX_BRANCHES).map((ref) => {
    const name = ref.name.slice('refs/heads/'.length)
    const isProtected = rulesForBranch(repository, name).length > 0
    return presentShortBranch(world, repository, { name, sha: ref.sha, isProtected })
  })
}

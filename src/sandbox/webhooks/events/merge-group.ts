import { presentHeadCommit } from '../../present/run.js'
import type { MergeGroup } from '../../state/merge-queue.js'
import type { Account, Repository } from '../../state/model.js'
import type { World } from '../../world.js'

/** Emits `merge_group`, which only Apps receive. */
export function emitMergeGroup(
  world: World,
  repository: Repository,
  {
    group,
    baseRef,
    sender,
    ...fields
  }: {
    group: MergeGroup
    /** The branch that the group will be merged into. */
    baseRef: string
    sender: Account
  } & ({ action: 'checks_requested' } | { action: 'destroyed'; reason: 'merged' | 'invalidated' | 'dequeued' }),
): void {
  world.webhooks.emit({
    name: 'merge_group',
    action: fields.action,
    repository,
    sender,
    async payload() {
      const commit = await world.git.readCommit(repository.id, group.headSha)
      if (commit === null) throw new Error(`the commit ${group.headSha} of a merge group is gone`)
      return {
        ...('reason' in fields && { reason: fields.reason }),
        merge_group: {
          head_sha: group.headSha,
          head_ref: group.headRef,
          base_sha: group.baseSha,
          base_ref: `refs/heads/${baseRef}`,
          head_commit: presentHeadCommit(commit),
        },
      }
    },
  })
}

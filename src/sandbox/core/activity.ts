import type { Account, Activity, ActivityType, RefChange, Repository } from '../state/model.js'
import type { World } from '../world.js'

/** Adds a change of a branch to the repository's activity. */
export async function recordActivity(
  world: World,
  repository: Repository,
  actor: Account,
  change: RefChange,
): Promise<void> {
  const { ref, before, after } = change
  const createdAt = world.clock.now()
  const type = await typeOf(world, repository, change)
  const activity: Activity = { id: world.directory.newId(), type, ref, before, after, actorId: actor.id, createdAt }
  repository.activities = [...repository.activities, activity]
  world.changed(repository)
}

async function typeOf(world: World, repository: Repository, change: RefChange): Promise<ActivityType> {
  const { before, after } = change
  if (before === null) return 'branch_creation'
  if (after === null) return 'branch_deletion'
  if (change.merge !== undefined) return change.merge
  return (await world.git.isAncestor(repository.id, before, after)) ? 'push' : 'force_push'
}

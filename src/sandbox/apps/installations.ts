import type { Installation } from '../state/app-model.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'

/** Whether an installation that is not suspended gives access to a repository. */
export function covers(installation: Installation, repository: Repository): boolean {
  if (installation.suspendedAt !== null || installation.accountId !== repository.ownerId) return false
  return installation.repositoryIds?.includes(repository.id) !== false
}

/** Returns the repositories of an installation, oldest first. */
export function repositoriesOf(world: World, installation: Installation): Repository[] {
  return [...world.directory.state.repositories.values()].filter(
    ({ id, ownerId }) => ownerId === installation.accountId && installation.repositoryIds?.includes(id) !== false,
  )
}

export function installationsOf(world: World, appId: number): Installation[] {
  return [...world.directory.state.installations.values()].filter((each) => each.appId === appId)
}

export function installationOfAccount(world: World, appId: number, accountId: number): Installation | undefined {
  return installationsOf(world, appId).find((each) => each.accountId === accountId)
}

/** Returns the installation of an App that gives access to a repository. */
export function installationOfRepository(
  world: World,
  appId: number,
  repository: Repository,
): Installation | undefined {
  return installationsOf(world, appId).find((each) => covers(each, repository))
}

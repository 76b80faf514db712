import type { App, Installation } from '../state/app-model.js'
import type { Account, Repository } from '../state/model.js'
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

/** The account and the repositories (null: all) that an App gets access to. */
export interface InstallationTarget {
  account: Account
  repositoryIds: number[] | null
  /** Who installs it. */
  actor: Account
}

/** Installs an App, or changes the repositories of its installation and grants it the permissions that it has now. */
export function install(world: World, app: App, { account, repositoryIds }: InstallationTarget): Installation {
  const now = world.clock.now()
  const known = installationOfAccount(world, app.id, account.id)
  const installation: Installation = known ?? {
    id: world.directory.newId(),
    appId: app.id,
    accountId: account.id,
    repositoryIds,
    permissions: {},
    events: [],
    createdAt: now,
    updatedAt: now,
    suspendedAt: null,
    suspendedById: null,
  }
  Object.assign(installation, { repositoryIds, updatedAt: now })
  installation.permissions = { ...app.permissions }
  installation.events = [...app.events]
  world.directory.state.installations.set(installation.id, installation)
  world.changed()
  return installation
}

/** Suspends an installation, or with null ends its suspension. */
export function suspend(world: World, installation: Installation, actor: Account | null): void {
  installation.suspendedAt = actor === null ? null : world.clock.now()
  installation.suspendedById = actor?.id ?? null
  installation.updatedAt = world.clock.now()
  world.changed()
}

/** Removes an installation with its tokens. */
export function uninstall(world: World, installation: Installation): void {
  const { installations, tokens } = world.directory.state
  installations.delete(installation.id)
  for (const [value, { scope }] of tokens) {
    if (scope?.kind === 'installation' && scope.installationId === installation.id) tokens.delete(value)
  }
  world.changed()
}

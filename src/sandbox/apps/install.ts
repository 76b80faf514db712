import type { App, Installation } from '../state/app-model.js'
import type { Account, Repository } from '../state/model.js'
import { installationEvent, installationRepositoriesEvent } from '../webhooks/events/installation.js'
import type { World } from '../world.js'
import { installationOfAccount, repositoriesOf } from './installations.js'

/** The account and the repositories (null: all) that an App gets access to. */
export interface InstallationTarget {
  account: Account
  repositoryIds: number[] | null
  /** Who installs it. */
  actor: Account
}

/** Installs an App, or changes the repositories of its installation and accepts the permissions and events that the App has now. */
export function install(world: World, app: App, target: InstallationTarget): Installation {
  const known = installationOfAccount(world, app.id, target.account.id)
  return known === undefined ? create(world, app, target) : change(world, app, known, target)
}

function create(world: World, app: App, { account, repositoryIds, actor }: InstallationTarget): Installation {
  const now = world.clock.now()
  const installation: Installation = {
    id: world.directory.newId(),
    appId: app.id,
    accountId: account.id,
    repositoryIds,
    permissions: { ...app.permissions },
    events: [...app.events],
    createdAt: now,
    updatedAt: now,
    suspendedAt: null,
    suspendedById: null,
  }
  world.directory.state.installations.set(installation.id, installation)
  world.changed()
  const repositories = repositoriesOf(world, installation)
  world.webhooks.emit(installationEvent(world, 'created', { app, installation, repositories, sender: actor }))
  return installation
}

function change(
  world: World,
  app: App,
  installation: Installation,
  { repositoryIds, actor: sender }: InstallationTarget,
): Installation {
  const before = repositoriesOf(world, installation)
  const grants = JSON.stringify([installation.permissions, installation.events])
  Object.assign(installation, {
    repositoryIds,
    permissions: { ...app.permissions },
    events: [...app.events],
    updatedAt: world.clock.now(),
  })
  world.changed()
  const after = repositoriesOf(world, installation)
  const common = { app, installation, sender }
  const emitIfAny = (action: 'added' | 'removed', repositories: Repository[]): void => {
    if (repositories.length === 0) return
    world.webhooks.emit(installationRepositoriesEvent(world, action, { ...common, repositories }))
  }
  emitIfAny(
    'added',
    after.filter((each) => !before.includes(each)),
  )
  emitIfAny(
    'removed',
    before.filter((each) => !after.includes(each)),
  )
  if (grants !== JSON.stringify([installation.permissions, installation.events])) {
    const accepted = { ...common, repositories: after }
    world.webhooks.emit(installationEvent(world, 'new_permissions_accepted', accepted))
  }
  return installation
}

/** Suspends an installation, or ends its suspension. */
export function suspend(
  world: World,
  installation: Installation,
  { isSuspended, actor: sender }: { isSuspended: boolean; actor: Account },
): void {
  const now = world.clock.now()
  installation.suspendedAt = isSuspended ? now : null
  installation.suspendedById = isSuspended ? sender.id : null
  installation.updatedAt = now
  world.changed()
  emit(world, isSuspended ? 'suspend' : 'unsuspend', installation, sender)
}

/** Removes an installation with its tokens. */
export function uninstall(world: World, installation: Installation, sender: Account): void {
  const { installations, tokens } = world.directory.state
  emit(world, 'deleted', installation, sender)
  installations.delete(installation.id)
  for (const [value, { scope }] of tokens) {
    if (scope?.kind === 'installation' && scope.installationId === installation.id) tokens.delete(value)
  }
  world.changed()
}

function emit(
  world: World,
  action: 'deleted' | 'suspend' | 'unsuspend',
  installation: Installation,
  sender: Account,
): void {
  const app = world.directory.state.apps.get(installation.appId)
  if (app === undefined) throw new Error(`the App of installation ${installation.id} is gone`)
  const repositories = repositoriesOf(world, installation)
  world.webhooks.emit(installationEvent(world, action, { app, installation, repositories, sender }))
}

import { nodeId } from '../../present/common.js'
import { presentInstallation } from '../../present/app.js'
import type { App, Installation } from '../../state/app-model.js'
import type { Account, Repository } from '../../state/model.js'
import type { World } from '../../world.js'
import type { WebhookEvent } from '../event.js'

/** What happened to an installation. */
export interface InstallationChange {
  app: App
  installation: Installation
  /** The repositories that it gives access to. */
  repositories: Repository[]
  sender: Account
}

/** `installation`: an App was installed, removed or suspended, or its new permissions were accepted. */
export function installationEvent(
  world: World,
  action: 'created' | 'deleted' | 'suspend' | 'unsuspend' | 'new_permissions_accepted',
  { app, installation, repositories, sender }: InstallationChange,
): WebhookEvent {
  return {
    name: 'installation',
    action,
    sender,
    installation: { appId: app.id, id: installation.id },
    payload: () => ({
      installation: presentInstallation(world, app, installation),
      repositories: repositories.map((each) => presentShortly(world, each)),
      ...(action === 'created' && { requester: null }),
    }),
  }
}

/** `installation_repositories`: an installation got access to repositories, or lost it. */
export function installationRepositoriesEvent(
  world: World,
  action: 'added' | 'removed',
  { app, installation, repositories, sender }: InstallationChange,
): WebhookEvent {
  return {
    name: 'installation_repositories',
    action,
    sender,
    installation: { appId: app.id, id: installation.id },
    payload() {
      const changed = repositories.map((each) => presentShortly(world, each))
      return {
        installation: presentInstallation(world, app, installation),
        repository_selection: installation.repositoryIds === null ? 'all' : 'selected',
        repositories_added: action === 'added' ? changed : [],
        repositories_removed: action === 'removed' ? changed : [],
        requester: null,
      }
    },
  }
}

function presentShortly(world: World, repository: Repository): Record<string, unknown> {
  const { id, name, private: isPrivate } = repository
  return {
    id,
    node_id: nodeId('Repository', id),
    name,
    full_name: world.directory.fullName(repository),
    private: isPrivate,
  }
}

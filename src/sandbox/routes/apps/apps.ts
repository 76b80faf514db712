import { findApp } from '../../apps/create-app.js'
import { suspend, uninstall } from '../../apps/install.js'
import { installationOfAccount, installationsOf } from '../../apps/installations.js'
import type { Answer } from '../../http/answer.js'
import { empty, json, notFound } from '../../http/answer.js'
import type { Call, GeneralRoute, RepositoryCall, RepositoryRoute } from '../../http/call.js'
import { permission } from '../../http/call.js'
import { pagedList } from '../../http/pagination.js'
import { presentApp, presentInstallation, presentOwnApp } from '../../present/app.js'
import type { Account } from '../../state/model.js'
import { requireApp, requireInstallation } from './app-call.js'

const INSTALLATION = '/app/installations/{installation_id}'

/** GitHub Apps and their installations, for an App that authenticates with a JSON Web Token. */
export const appRoutes: GeneralRoute[] = [
  { method: 'GET', path: '/app', handle: getApp },
  { method: 'GET', path: '/apps/{app_slug}', handle: getAppBySlug },
  { method: 'GET', path: '/app/installations', handle: listInstallations },
  { method: 'GET', path: INSTALLATION, handle: getInstallation },
  { method: 'DELETE', path: INSTALLATION, handle: deleteInstallation },
  { method: 'PUT', path: `${INSTALLATION}/suspended`, handle: (call) => setSuspended(call, true) },
  { method: 'DELETE', path: `${INSTALLATION}/suspended`, handle: (call) => setSuspended(call, false) },
  { method: 'GET', path: '/orgs/{org}/installation', handle: getOrganizationInstallation },
  { method: 'GET', path: '/users/{username}/installation', handle: getUserInstallation },
]

/** The installation of a repository. */
export const appRepositoryRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/installation',
    permissions: [permission('metadata', 'read')],
    isForApps: true,
    handle: getRepositoryInstallation,
  },
]

function getApp(call: Call): Answer {
  const app = requireApp(call)
  return app.ok ? json(presentOwnApp(call.world, app.value)) : app.answer
}

function getAppBySlug({ world, params }: Call): Answer {
  const app = findApp(world, params.app_slug ?? '')
  return app === undefined ? notFound() : json(presentApp(world, app))
}

function listInstallations(call: Call): Promise<Answer> | Answer {
  const { world } = call
  const app = requireApp(call)
  if (!app.ok) return app.answer
  const all = installationsOf(world, app.value.id)
  return pagedList(call, all, (each) => presentInstallation(world, app.value, each))
}

function getInstallation(call: Call): Answer {
  const read = requireInstallation(call)
  return read.ok ? json(presentInstallation(call.world, read.value.app, read.value.installation)) : read.answer
}

function deleteInstallation(call: Call): Answer {
  const read = requireInstallation(call)
  if (!read.ok) return read.answer
  const { app, installation } = read.value
  uninstall(call.world, installation, call.world.directory.accountById(app.botId))
  return empty(204)
}

function setSuspended(call: Call, isSuspended: boolean): Answer {
  const read = requireInstallation(call)
  if (!read.ok) return read.answer
  const { app, installation } = read.value
  suspend(call.world, installation, { isSuspended, actor: call.world.directory.accountById(app.botId) })
  return empty(204)
}

function getOrganizationInstallation(call: Call): Answer {
  return installationOf(call, call.params.org, 'Organization')
}

function getUserInstallation(call: Call): Answer {
  return installationOf(call, call.params.username, 'User')
}

function installationOf(call: Call, login: string | undefined, type: Account['type']): Answer {
  const { world } = call
  const app = requireApp(call)
  if (!app.ok) return app.answer
  const account = world.directory.account(login ?? '')
  if (account?.type !== type) return notFound()
  const installation = installationOfAccount(world, app.value.id, account.id)
  return installation === undefined ? notFound() : json(presentInstallation(world, app.value, installation))
}

function getRepositoryInstallation(call: RepositoryCall): Answer {
  const { world, repository } = call
  const app = requireApp(call)
  if (!app.ok) return app.answer
  // A suspended installation is shown as well.
  const installation = installationOfAccount(world, app.value.id, repository.ownerId)
  const isCovered = installation?.repositoryIds?.includes(repository.id) !== false
  if (installation === undefined || !isCovered) return notFound()
  return json(presentInstallation(world, app.value, installation))
}

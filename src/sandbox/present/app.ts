import { installationsOf } from '../apps/installations.js'
import type { App, Installation } from '../state/app-model.js'
import type { World } from '../world.js'
import { presentAccount } from './account.js'
import { nodeId, timestamp } from './common.js'

/** Returns the URL of an App's web page. */
export function appPage(world: World, app: App): string {
  return `${world.webUrl()}/apps/${app.slug}`
}

/** `integration` of GitHub's OpenAPI description. */
export function presentApp(world: World, app: App): Record<string, unknown> {
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    owner: presentAccount(world, world.directory.accountById(app.ownerId)),
    name: app.name,
    description: app.description,
    external_url: app.externalUrl,
    html_url: appPage(world, app),
    created_at: timestamp(app.createdAt),
    updated_at: timestamp(app.updatedAt),
    permissions: app.permissions,
    events: app.events,
  }
}

/** `integration` as GET /app shows it to the App itself. */
export function presentOwnApp(world: World, app: App): Record<string, unknown> {
  return { ...presentApp(world, app), installations_count: installationsOf(world, app.id).length }
}

/** Returns the URL of the web page where the owner of an account configures an installation. */
export function installationPage(world: World, installation: Installation): string {
  const { login, type } = world.directory.accountById(installation.accountId)
  const folder = type === 'Organization' ? `organizations/${login}/settings` : 'settings'
  return `${world.webUrl()}/${folder}/installations/${installation.id}`
}

/** `installation` of GitHub's OpenAPI description. */
export function presentInstallation(world: World, app: App, installation: Installation): Record<string, unknown> {
  const account = world.directory.accountById(installation.accountId)
  const suspendedBy =
    installation.suspendedById === null ? null : world.directory.accountById(installation.suspendedById)
  return {
    id: installation.id,
    client_id: app.clientId,
    account: presentAccount(world, account),
    repository_selection: installation.repositoryIds === null ? 'all' : 'selected',
    access_tokens_url: `${world.apiUrl()}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.apiUrl()}/installation/repositories`,
    html_url: installationPage(world, installation),
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: timestamp(installation.createdAt),
    updated_at: timestamp(installation.updatedAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: suspendedBy && presentAccount(world, suspendedBy),
    suspended_at: timestamp(installation.suspendedAt),
  }
}

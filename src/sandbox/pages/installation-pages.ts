import { findApp } from '../apps/create-app.js'
import { install } from '../apps/install.js'
import { repositoriesOf } from '../apps/installations.js'
import { appPage, installationPage } from '../present/app.js'
import type { App, Installation } from '../state/app-model.js'
import type { Account } from '../state/model.js'
import type { World } from '../world.js'
import { escape, link, list, page } from './html.js'
import type { PageRequest } from './page-request.js'
import { form, redirectWith, submittedForm } from './page-request.js'

const APP = /^\/apps\/([^/]+)(\/installations(?:\/new)?)?$/
const INSTALLATION = /^(?:\/organizations\/[^/]+)?\/settings\/installations\/(\d+)$/

/** The page of an App, the pages that install it, and the page of an installation. */
export function installationPages(asked: PageRequest): Response | null {
  const { world, path, request } = asked
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const shown = INSTALLATION.exec(path)?.[1]
  if (shown !== undefined && isRead) return showInstallation(world, Number(shown))
  const [, slug, rest] = APP.exec(path) ?? []
  const app = slug === undefined ? undefined : findApp(world, slug)
  if (app === undefined) return null
  if (request.method === 'POST') return rest === '/installations' ? submit(asked, app) : null
  if (!isRead || rest === '/installations') return null
  return rest === undefined ? showApp(world, app) : choose(asked, app)
}

function showApp(world: World, app: App): Response {
  const levels = Object.entries(app.permissions).map(([name, level]) => escape(`${name}: ${level}`))
  const install = link(`${appPage(world, app)}/installations/new`, 'Install')
  return page(app.name, `<p>${escape(app.description ?? '')}</p><p>${install}</p><h2>Permissions</h2>${list(levels)}`)
}

/** Asks for the account and the repositories. */
function choose({ world, request }: PageRequest, app: App): Response {
  const owner = world.directory.accountById(app.ownerId).login
  const state = new URL(request.url).searchParams.get('state') ?? ''
  const content = `<p><label>Account <input name="account" required value="${escape(owner)}"></label></p>
<p><label>Names of the repositories, separated by commas; empty: all <input name="repositories"></label></p>
<p><button>Install</button></p>`
  return page(`Install ${app.name}`, form(`/apps/${app.slug}/installations`, { state }, content))
}

function submit(asked: PageRequest, app: App): Response {
  const { world } = asked
  const submitted = submittedForm(asked)
  if (!submitted.ok) return submitted.page
  const { fields, user } = submitted
  const account = world.directory.account(fields.get('account') ?? '')
  if (account === undefined || !mayInstall(app, account, user)) {
    return notInstalled('You cannot install this App on this account.')
  }
  const names = (fields.get('repositories') ?? '').split(',').flatMap((name) => name.trim() || [])
  const repositories = names.map((name) => world.directory.repository(account.login, name))
  if (repositories.includes(undefined)) return notInstalled(`${account.login} does not have all of these repositories.`)
  const repositoryIds = names.length === 0 ? null : repositories.flatMap((repository) => repository?.id ?? [])
  const installation = install(world, app, { account, repositoryIds, actor: user })
  return afterInstallation(world, app, installation, fields.get('state') ?? '')
}

/** Whoever administers an account may install an App on it: the App of the account itself, or any public one. */
function mayInstall(app: App, account: Account, user: Account): boolean {
  const administers = account === user || (account.type === 'Organization' && user.baseRole === 'admin')
  return administers && (app.isPublic || app.ownerId === account.id)
}

function notInstalled(reason: string): Response {
  return page('Not installed', `<p>${escape(reason)}</p>`, 422)
}

/** Sends the browser to the setup URL of the App, as GitHub does, or to the page of the installation. */
function afterInstallation(world: World, app: App, installation: Installation, state: string): Response {
  if (app.setupUrl === null) return redirectWith(installationPage(world, installation), {})
  return redirectWith(app.setupUrl, {
    installation_id: String(installation.id),
    setup_action: 'install',
    state: state === '' ? null : state,
  })
}

/** Shows an installation, with the public repositories only. */
function showInstallation(world: World, id: number): Response | null {
  const installation = world.directory.state.installations.get(id)
  const app = installation && world.directory.state.apps.get(installation.appId)
  if (installation === undefined || app === undefined) return null
  const repositories = repositoriesOf(world, installation).filter((repository) => !repository.private)
  const names = repositories.map((repository) => escape(world.directory.fullName(repository)))
  const { login } = world.directory.accountById(installation.accountId)
  const suspended = installation.suspendedAt === null ? '' : '<p>Suspended.</p>'
  const body = `<p>${link(appPage(world, app), app.name)}</p>${suspended}<h2>Repositories</h2>${list(names)}`
  return page(`${app.name} on ${login}`, body)
}

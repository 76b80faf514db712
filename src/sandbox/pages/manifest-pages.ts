import { createCode } from '../apps/codes.js'
import { isTaken, registerApp, slugOf } from '../apps/create-app.js'
import type { Manifest } from '../apps/manifest.js'
import { readManifest } from '../apps/manifest.js'
import type { App } from '../state/app-model.js'
import type { Account } from '../state/model.js'
import type { World } from '../world.js'
import { escape, list, page } from './html.js'
import type { PageRequest } from './page-request.js'
import { form, formOf, redirectWith, submittedForm } from './page-request.js'

const PATH = /^(?:\/organizations\/([^/]+))?\/settings\/apps(\/new)?$/
/** GitHub's limit, in characters. */
const LONGEST_NAME = 34

/** The pages that create an App from a manifest: the form of another program leads to `/new`, where a person confirms. */
export function manifestPages(asked: PageRequest): Response | null {
  const match = PATH.exec(asked.path)
  if (match === null || asked.request.method !== 'POST') return null
  const organization = match[1]
  if (organization !== undefined && asked.world.directory.account(organization)?.type !== 'Organization') return null
  return match[2] === undefined ? create(asked, organization) : confirm(asked)
}

/** A manifest as it was sent, with the state that the browser brings back. */
interface Proposal {
  manifest: string
  state: string
}

/** Shows what the manifest asks for. */
function confirm(asked: PageRequest): Response {
  const manifest = formOf(asked).get('manifest') ?? ''
  const state = new URL(asked.request.url).searchParams.get('state') ?? ''
  return confirmation(asked, { manifest, state }, null)
}

function confirmation({ path }: PageRequest, proposal: Proposal, problem: string | null): Response {
  const read = readManifest(proposal.manifest)
  if (!read.ok) return refusedPage(read.problems)
  const { permissions, events, name } = read.manifest
  const levels = Object.entries(permissions).map(([permission, level]) => escape(`${permission}: ${level}`))
  const content = `${problem === null ? '' : `<p role="alert">${escape(problem)}</p>`}
<p><label>Name of the GitHub App <input name="name" required value="${escape(name ?? '')}"></label></p>
<h2>Permissions</h2>${list(levels)}<h2>Events</h2>${list(events.map(escape))}<p><button>Create GitHub App</button></p>`
  const action = path.replace(/\/new$/, '')
  return page('Create GitHub App', form(action, { ...proposal }, content), problem === null ? 200 : 422)
}

function refusedPage(problems: string[]): Response {
  const intro = '<p>The configuration does not appear to be a valid GitHub App manifest.</p>'
  return page('Invalid GitHub App configuration', `${intro}${list(problems.map(escape))}`, 422)
}

/** Creates the App and sends the browser back with the code by which the program gets its credentials. */
function create(asked: PageRequest, organization: string | undefined): Response {
  const { world } = asked
  const submitted = submittedForm(asked)
  if (!submitted.ok) return submitted.page
  const { fields, user } = submitted
  const owner = organization === undefined ? user : world.directory.account(organization)
  if (owner === undefined || (owner !== user && user.baseRole !== 'admin')) return forbiddenPage(organization ?? '')
  const proposal = { manifest: fields.get('manifest') ?? '', state: fields.get('state') ?? '' }
  const read = readManifest(proposal.manifest)
  if (!read.ok) return refusedPage(read.problems)
  const name = fields.get('name')?.trim() ?? ''
  const problem = nameProblem(world, name)
  if (problem !== null) return confirmation(asked, proposal, problem)
  const app = register(world, owner, { ...read.manifest, name })
  const code = createCode(world, { kind: 'manifest', appId: app.id })
  const { state } = proposal
  return redirectWith(read.manifest.redirectUrl ?? read.manifest.url, { code, state: state === '' ? null : state })
}

function forbiddenPage(organization: string): Response {
  return page('Not allowed', `<p>You do not administer ${escape(organization)}.</p>`, 403)
}

function nameProblem(world: World, name: string): string | null {
  if (slugOf(name) === '' || name.length > LONGEST_NAME) {
    return `Name must have 1 to ${LONGEST_NAME} characters, one of them a letter or a digit.`
  }
  return isTaken(world, name) ? 'Name has already been taken' : null
}

function register(world: World, owner: Account, manifest: Manifest & { name: string }): App {
  const { name, url, description, permissions, events, callbackUrls, setupUrl, isPublic } = manifest
  const hook = manifest.hook && { url: manifest.hook.url, isActive: manifest.hook.active }
  const made = { owner, name, url, description, permissions, events, callbackUrls, setupUrl, isPublic, hook }
  return registerApp(world, made)
}

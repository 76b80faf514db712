import type { ListedRepository } from '../../ports/host/repositories.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { flag, list, optional, text } from '../api/fields.js'
import { needs } from '../api/permissions.js'
import { interpret, listOf, type Requests } from '../api/requests.js'
import type { ReadTokenLogin } from '../api/token-login.js'

/**
 * The repositories of an organization (GET /orgs/{org}/repos), of the token's own user (GET /user/repos), or of another user
 * (GET /users/{username}/repos, which has the public ones only).
 */
export async function listRepositories(
  requests: Requests,
  readLogin: ReadTokenLogin,
  owner: string,
): Promise<Read<ListedRepository[]>> {
  const name = encodeURIComponent(owner)
  const account = await requests.get(askFor(owner, `/users/${name}`))
  const type = interpret(askFor(owner, ''), account, (body) => text(body, 'type'))
  if (!type.ok) return type
  if (type.value === 'Organization') return listAt(requests, owner, `/orgs/${name}/repos`, { type: 'all' })
  const login = await readLogin(owner)
  if (!login.ok) return login
  return login.value?.toLowerCase() === owner.toLowerCase()
    ? listAt(requests, owner, '/user/repos', { affiliation: 'owner' })
    : listAt(requests, owner, `/users/${name}/repos`, { type: 'owner' })
}

function listAt(
  requests: Requests,
  owner: string,
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Read<ListedRepository[]>> {
  return requests.getPages(
    { ...askFor(owner, path), parameters: { ...parameters, sort: 'full_name' } },
    listOf(toListed),
  )
}

function askFor(owner: string, path: string): Ask {
  return { repo: owner, need: needs.readRepository, thing: `the user or organization ${owner}`, path }
}

function toListed(payload: unknown): ListedRepository {
  return {
    repo: text(payload, 'full_name'),
    isFork: flag(payload, 'fork'),
    // Servers of older versions leave these out.
    isArchived: optional(payload, 'archived') === true,
    topics: list(optional(payload, 'topics') ?? []).map(String),
  }
}

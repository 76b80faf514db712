import { moveRef } from '../core/branches.js'
import { personOf } from '../present/account.js'
import { createRepository, isRepositoryName } from '../core/repositories.js'
import { inaccessible } from '../http/access.js'
import type { Answer } from '../http/answer.js'
import { created, failure, invalid, json, notFound } from '../http/answer.js'
import { readFields } from '../http/body.js'
import type { Call, GeneralRoute } from '../http/call.js'
import { requireActor } from '../http/call.js'
import type { RateLimit, RateLimitResource } from '../http/rate-limits.js'
import { presentUser } from '../present/account.js'
import { presentFullRepository } from '../present/repository.js'
import type { Account } from '../state/model.js'

/** Endpoints that do not belong to a repository. */
export const generalRoutes: GeneralRoute[] = [
  { method: 'GET', path: '/', handle: root },
  { method: 'GET', path: '/zen', handle: zen },
  { method: 'GET', path: '/user', handle: user },
  { method: 'GET', path: '/users/{username}', handle: userByName },
  { method: 'GET', path: '/rate_limit', handle: rateLimit },
  { method: 'POST', path: '/user/repos', handle: createUserRepository },
  { method: 'POST', path: '/orgs/{org}/repos', handle: createOrganizationRepository },
]

/** Paths of the URLs that `GET /` lists. It lists all that GitHub does, although the sandbox serves only some of them. */
const ROOT_PATHS: Record<string, string> = {
  current_user_url: '/user',
  authorizations_url: '/authorizations',
  code_search_url: '/search/code?q={query}{&page,per_page,sort,order}',
  commit_search_url: '/search/commits?q={query}{&page,per_page,sort,order}',
  emails_url: '/user/emails',
  emojis_url: '/emojis',
  events_url: '/events',
  feeds_url: '/feeds',
  followers_url: '/user/followers',
  following_url: '/user/following{/target}',
  gists_url: '/gists{/gist_id}',
  issue_search_url: '/search/issues?q={query}{&page,per_page,sort,order}',
  issues_url: '/issues',
  keys_url: '/user/keys',
  label_search_url: '/search/labels?q={query}&repository_id={repository_id}{&page,per_page}',
  notifications_url: '/notifications',
  organization_url: '/orgs/{org}',
  organization_repositories_url: '/orgs/{org}/repos{?type,page,per_page,sort}',
  organization_teams_url: '/orgs/{org}/teams',
  public_gists_url: '/gists/public',
  rate_limit_url: '/rate_limit',
  repository_url: '/repos/{owner}/{repo}',
  repository_search_url: '/search/repositories?q={query}{&page,per_page,sort,order}',
  current_user_repositories_url: '/user/repos{?type,page,per_page,sort}',
  starred_url: '/user/starred{/owner}{/repo}',
  starred_gists_url: '/gists/starred',
  user_url: '/users/{user}',
  user_organizations_url: '/user/orgs',
  user_repositories_url: '/users/{user}/repos{?type,page,per_page,sort}',
  user_search_url: '/search/users?q={query}{&page,per_page,sort,order}',
}

function root(call: Call): Answer {
  const { world } = call
  const addresses = Object.entries(ROOT_PATHS).map(([name, path]) => [name, `${world.apiUrl()}${path}`] as const)
  const page = `${world.webUrl()}/settings/connections/applications{/client_id}`
  return json({ current_user_authorizations_html_url: page, ...Object.fromEntries(addresses) })
}

function zen(): Answer {
  return { status: 200, text: 'Keep it logically awesome.', headers: { 'content-type': 'text/plain;charset=utf-8' } }
}

function user(call: Call): Answer {
  if (call.actor === null) return failure(401, 'Requires authentication')
  const { scope } = call.actor.token
  // The bot of an App is not a user.
  if (scope !== undefined && scope.kind !== 'user') return failure(403, inaccessible(call.actor))
  return json(presentUser(call.world, call.actor.account))
}

function userByName({ world, params }: Call): Answer {
  const account = world.directory.account(params.username ?? '')
  return account === undefined ? notFound() : json(presentUser(world, account))
}

function rateLimit(call: Call): Answer {
  const account = call.actor?.account.id ?? null
  const read = (resource: RateLimitResource): RateLimit => {
    const limit = call.world.limits.read(account, resource)
    return { ...limit, reset: limit.reset / 1000 }
  }
  const rate = read('core')
  return json({
    resources: { core: rate, graphql: read('graphql'), search: { ...rate, limit: 30, used: 0, remaining: 30 } },
    rate,
  })
}

function createUserRepository(call: Call): Promise<Answer> | Answer {
  if (call.actor === null) return failure(401, 'Requires authentication')
  return createFor(call, call.actor.account)
}

function createOrganizationRepository(call: Call): Promise<Answer> | Answer {
  if (call.actor === null) return failure(401, 'Requires authentication')
  const owner = call.world.directory.account(call.params.org ?? '')
  if (owner?.type !== 'Organization') return notFound()
  return createFor(call, owner)
}

async function createFor(call: Call, owner: Account): Promise<Answer> {
  const { world } = call
  if (requireActor(call).token.grants !== null) {
    return failure(403, inaccessible(requireActor(call)), {
      'x-accepted-github-permissions': 'administration=write',
    })
  }
  const read = readFields(call.body, {
    name: 'string',
    description: 'string?',
    private: 'boolean?',
    auto_init: 'boolean?',
  })
  if (!read.ok) return read.answer
  const { name, description } = read.value
  const problem = nameProblem(call, owner, name)
  if (problem !== null) return problem
  const made = { owner, name, description: description ?? null, private: read.value.private ?? false }
  const repository = await createRepository(world, made)
  if (read.value.auto_init === true) {
    const readme = `# ${name}\n`
    const commit = { message: 'Initial commit', author: personOf(requireActor(call).account), time: world.clock.now() }
    const sha = await world.git.commit(repository.id, [], { 'README.md': readme }, commit)
    const ref = `refs/heads/${repository.defaultBranch}`
    await moveRef(world, repository, requireActor(call).account, { ref, sha, expected: null })
  }
  const rights = { admin: true, maintain: true, push: true, triage: true, pull: true }
  return created(presentFullRepository(world, repository, rights))
}

/** Returns 422 for an invalid repository name. */
export function nameProblem(call: Call, owner: Account, name: string): Answer | null {
  const message = 'Repository creation failed.'
  if (!isRepositoryName(name)) {
    return invalid([{ resource: 'Repository', code: 'custom', field: 'name', message: 'name is invalid' }], message)
  }
  if (call.world.directory.repository(owner.login, name) === undefined) return null
  const taken = 'name already exists on this account'
  return invalid([{ resource: 'Repository', code: 'custom', field: 'name', message: taken }], message)
}

import { grantOf } from '../access/grants.js'
import { isJsonWebToken, verifyJsonWebToken } from '../apps/json-web-token.js'
import { isExpired } from '../apps/tokens.js'
import type { AccessToken, PermissionLevel, PermissionName, Repository, RepositoryGrant } from '../state/model.js'
import type { World } from '../world.js'
import type { Answer, Result } from './answer.js'
import { failure, found, notFound, refuse } from './answer.js'
import type { Actor, Permission } from './call.js'

/** Returns the actor of a request, or null without authentication. Refuses an unknown or expired token with 401. */
export function authenticate(world: World, authorization: string | null): Result<Actor | null> {
  if (authorization === null) return found(null)
  const value = tokenOf(authorization)
  if (value !== null && isJsonWebToken(value)) return authenticateApp(world, value)
  const { state } = world.directory
  const token = value === null ? undefined : state.tokens.get(value)
  if (token === undefined || isExpired(world, token)) return refuse(failure(401, 'Bad credentials'))
  const { scope } = token
  if (scope?.kind === 'installation' && state.installations.get(scope.installationId)?.suspendedAt !== null) {
    return refuse(failure(403, 'This installation has been suspended'))
  }
  return found({ token, account: world.directory.accountById(token.accountId) })
}

/** An App that authenticates with a JSON Web Token acts in the name of its bot, without access to any repository. */
function authenticateApp(world: World, value: string): Result<Actor> {
  const verified = verifyJsonWebToken(world, value)
  if (!verified.ok) return verified
  const { id: appId, botId: accountId } = verified.value
  const token: AccessToken = { value, accountId, grants: {}, scope: { kind: 'app', appId } }
  return found({ token, account: world.directory.accountById(accountId) })
}

/** Extracts the token of an Authorization header: `Bearer`, `token`, or the password (or else the user name) of `Basic`. */
function tokenOf(authorization: string): string | null {
  const [scheme = '', credentials = ''] = authorization.split(/ +/)
  if (/^(bearer|token)$/i.test(scheme)) return credentials
  if (!/^basic$/i.test(scheme)) return null
  const decoded = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  const password = decoded.slice(colon + 1)
  return password === '' || password === 'x-oauth-basic' ? decoded.slice(0, Math.max(colon, 0)) : password
}

/** Returns whether the actor may know that the repository exists. */
export function canSee(world: World, actor: Actor | null, repository: Repository): boolean {
  if (!repository.private) return true
  return actor !== null && grantOf(world, actor, repository) !== 'none'
}

function permits(grant: RepositoryGrant | 'all', wanted: Permission): boolean {
  if (grant === 'all') return true
  if (grant === 'none') return false
  const held: PermissionLevel | undefined = grant[wanted.name] ?? (wanted.name === 'metadata' ? 'read' : undefined)
  return held === 'write' || held === wanted.level
}

/** What only a token with the permission may read, of public repositories as well. */
const NEVER_PUBLIC: ReadonlySet<PermissionName> = new Set<PermissionName>(['repository_hooks'])

/** Returns whether the actor holds at least one of these permissions. Every actor may read a public repository. */
export function isPermitted(world: World, actor: Actor | null, repository: Repository, any: Permission[]): boolean {
  if (!repository.private && any.some(({ name, level }) => level === 'read' && !NEVER_PUBLIC.has(name))) return true
  if (actor === null) return false
  const grant = grantOf(world, actor, repository)
  return any.some((wanted) => permits(grant, wanted))
}

/** GitHub's message about a permission that a token lacks. */
export function inaccessible({ token }: Actor): string {
  return `Resource not accessible by ${token.scope === undefined ? 'personal access token' : 'integration'}`
}

/** Permissions that a role lacks openly: 403 instead of 404. */
const OPENLY_REFUSED: readonly PermissionName[] = ['actions', 'administration', 'deployments']

/**
 * Returns null if the actor holds at least one of these permissions, else the answer that refuses the request. 404 hides a private repository;
 * 401 requires authentication; 403 lists the permissions in `x-accepted-github-permissions`.
 */
export function refusal(world: World, actor: Actor | null, repository: Repository, any: Permission[]): Answer | null {
  if (!canSee(world, actor, repository)) return notFound()
  if (isPermitted(world, actor, repository, any)) return null
  if (actor === null) return failure(401, 'Requires authentication')
  const { scope, grants } = actor.token
  if (scope === undefined && grants === null) return roleRefusal(any)
  return failure(403, inaccessible(actor), {
    'x-accepted-github-permissions': any.map(({ name, level }) => `${name}=${level}`).join('; '),
  })
}

/** Returns the answer to a user whose role does not suffice. */
function roleRefusal(any: Permission[]): Answer {
  const isOpen = any.some(({ name }) => OPENLY_REFUSED.includes(name))
  return isOpen ? failure(403, 'Must have admin rights to Repository.') : notFound()
}

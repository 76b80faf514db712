import type { PermissionLevel, PermissionName, Repository, RepositoryGrant } from '../state/model.js'
import type { World } from '../world.js'
import type { Answer, Result } from './answer.js'
import { failure, found, notFound, refuse } from './answer.js'
import type { Actor, Permission } from './call.js'

/** Returns the actor of a request, or null without authentication. Refuses an unknown token with 401. */
export function authenticate(world: World, authorization: string | null): Result<Actor | null> {
  if (authorization === null) return found(null)
  const value = tokenOf(authorization)
  const token = value === null ? undefined : world.directory.state.tokens.get(value)
  if (token === undefined) return refuse(failure(401, 'Bad credentials'))
  return found({ token, account: world.directory.accountById(token.accountId) })
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

function grantOf(world: World, actor: Actor, repository: Repository): RepositoryGrant | 'all' {
  const { grants } = actor.token
  if (grants === null) return 'all'
  return grants[world.directory.fullName(repository).toLowerCase()] ?? grants['*'] ?? 'none'
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

/**
 * Returns null if the actor holds at least one of these permissions, else the answer that refuses the request. 404 hides a private repository;
 * 401 requires authentication; 403 lists the permissions in `x-accepted-github-permissions`.
 */
export function refusal(world: World, actor: Actor | null, repository: Repository, any: Permission[]): Answer | null {
  if (!canSee(world, actor, repository)) return notFound()
  if (isPermitted(world, actor, repository, any)) return null
  if (actor === null) return failure(401, 'Requires authentication')
  return failure(403, 'Resource not accessible by personal access token', {
    'x-accepted-github-permissions': any.map(({ name, level }) => `${name}=${level}`).join('; '),
  })
}

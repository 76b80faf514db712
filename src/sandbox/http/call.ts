import type { AccessToken, Account, PermissionLevel, PermissionName, Repository } from '../state/model.js'
import type { World } from '../world.js'
import type { Answer } from './answer.js'
import type { Body } from './body.js'

/** The account that makes a request, with its token. */
export interface Actor {
  account: Account
  token: AccessToken
}

/** One parsed request of the REST API. */
export interface Call {
  /** The world as the caller sees it: an earlier state where a fault delays reads. */
  world: World
  /** Runs created later than this are not shown (ms, UTC). */
  runsUntil: number
  /** Null for a request without authentication. */
  actor: Actor | null
  /** Path parameters, decoded. */
  params: Record<string, string>
  query: URLSearchParams
  /** The address that was called, for `Link` headers. */
  url: URL
  headers: Headers
  body: Body
}

/** A call about a repository that the actor may see. */
export interface RepositoryCall extends Call {
  repository: Repository
}

/** Returns the authenticated actor, which every route that writes has. */
export function requireActor(call: Call): Actor {
  if (call.actor === null) throw new Error('a route that writes was reached without authentication')
  return call.actor
}

export interface Permission {
  name: PermissionName
  level: PermissionLevel
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** An endpoint that does not belong to a repository. `path` has the notation of GitHub's OpenAPI description. */
export interface GeneralRoute {
  method: Method
  path: string
  handle(call: Call): Answer | Promise<Answer>
}

/** An endpoint below `/repos/{owner}/{repo}`. `path` omits this prefix. */
export interface RepositoryRoute {
  method: Method
  path: string
  /** A fine-grained token needs at least one of these. */
  permissions: [Permission, ...Permission[]]
  /** True if only a JSON Web Token of an App opens it; the permissions do not apply then. */
  isForApps?: true
  handle(call: RepositoryCall): Answer | Promise<Answer>
}

/** Parses a permission such as `statuses:write`. */
export function permission(name: PermissionName, level: PermissionLevel): Permission {
  return { name, level }
}

import type { AccessToken, Account, PermissionLevel, PermissionName, Repository } from '../state/model.js'
import type { World } from '../world.js'
import type { Answer } from './answer.js'
import type { Body } from './body.js'

/** Who makes a request. */
export interface Actor {
  account: Account
  token: AccessToken
}

/** One request of the REST API, understood as far as every route needs it. */
export interface Call {
  /** The world as the caller sees it: that of an earlier time where a fault says so. */
  world: World
  /** Runs created later than this are not shown (ms, UTC). */
  runsUntil: number
  /** Null: without authentication. */
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

/** An authenticated actor; routes that write have one. */
export function requireActor(call: Call): Actor {
  if (call.actor === null) throw new Error('a route that writes was reached without authentication')
  return call.actor
}

export interface Permission {
  name: PermissionName
  level: PermissionLevel
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** An endpoint that is not about one repository. `path` is written as in GitHub's OpenAPI description. */
export interface GeneralRoute {
  method: Method
  path: string
  handle(call: Call): Answer | Promise<Answer>
}

/** An endpoint below `/repos/{owner}/{repo}`, which `path` leaves out. */
export interface RepositoryRoute {
  method: Method
  path: string
  /** What a fine-grained token needs: any one of these. */
  permissions: [Permission, ...Permission[]]
  handle(call: RepositoryCall): Answer | Promise<Answer>
}

/** A permission from its usual notation, such as `statuses:write`. */
export function permission(name: PermissionName, level: PermissionLevel): Permission {
  return { name, level }
}

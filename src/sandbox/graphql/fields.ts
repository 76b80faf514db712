import type { GraphQLResolveInfo } from 'graphql'

import type { RepositoryError } from '../fault-answers.js'
import { canSee, inaccessible, isPermitted } from '../http/access.js'
import type { Actor, Permission } from '../http/call.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import { QueryError } from './query-error.js'

/** The context in which a query is resolved. */
export interface QueryContext {
  /** The world as the caller sees it. A fault can replace it with the world of an earlier time. */
  world: World
  /** Runs created after this time are hidden (ms, UTC). */
  runsUntil: number
  actor: Actor
  /** The repositories that a fault makes fail, by `owner/name` in lower case. */
  failing: ReadonlyMap<string, RepositoryError>
  rateLimit: RateLimitAnswer
}

export interface RateLimitAnswer {
  cost: number
  limit: number
  nodeCount: number
  remaining: number
  resetAt: string
  used: number
}

/** Resolves a field of a `Source`. The arguments are validated against the schema, and an argument that is null is passed as undefined. */
export type Field<Source> = (source: Source, args: never, context: QueryContext, info: GraphQLResolveInfo) => unknown

/** The resolvers of a type of the schema, by field name. */
export type Fields<Source> = Record<string, Field<Source>>

/** Returns GitHub's error for a field that the token must not read. */
export function notAccessible({ actor }: QueryContext): QueryError {
  return new QueryError('FORBIDDEN', inaccessible(actor))
}

/** Throws unless the token has any of these permissions. */
export function requirePermission(context: QueryContext, repository: Repository, ...any: Permission[]): void {
  if (!isPermitted(context.world, context.actor, repository, any)) throw notAccessible(context)
}

/** Whether the query may see a repository. Throws the error of a fault that applies to the repository. */
export function isVisible(context: QueryContext, repository: Repository): boolean {
  if (!canSee(context.world, context.actor, repository)) return false
  const fault = context.failing.get(context.world.directory.fullName(repository).toLowerCase())
  if (fault !== undefined) throw new QueryError(fault.type, fault.message)
  return true
}

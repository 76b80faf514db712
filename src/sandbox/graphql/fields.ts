import type { GraphQLResolveInfo } from 'graphql'

import type { RepositoryError } from '../faults.js'
import { canSee, isPermitted } from '../http/access.js'
import type { Actor, Permission } from '../http/call.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import { QueryError } from './query-error.js'

/** What a query is answered from. */
export interface QueryContext {
  /** The world as the caller sees it: that of an earlier time where a fault says so. */
  world: World
  /** Runs created later than this are not shown (ms, UTC). */
  runsUntil: number
  actor: Actor
  /** What a fault says about a repository, by `owner/name` in lower case. */
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

/** Answers a field of what `Source` stands for. The arguments are those of the schema, which they were checked against; null is given as if left out. */
export type Field<Source> = (source: Source, args: never, context: QueryContext, info: GraphQLResolveInfo) => unknown

/** A field for each name of a type of the schema. */
export type Fields<Source> = Record<string, Field<Source>>

/** Throws what GitHub gives as the error of a field that the token may not read. */
export function requirePermission(context: QueryContext, repository: Repository, ...any: Permission[]): void {
  if (isPermitted(context.world, context.actor, repository, any)) return
  throw new QueryError('FORBIDDEN', 'Resource not accessible by personal access token')
}

/** Whether the query may know of a repository; throws what a fault says about it. */
export function isVisible(context: QueryContext, repository: Repository): boolean {
  if (!canSee(context.world, context.actor, repository)) return false
  const fault = context.failing.get(context.world.directory.fullName(repository).toLowerCase())
  if (fault !== undefined) throw new QueryError(fault.type, fault.message)
  return true
}

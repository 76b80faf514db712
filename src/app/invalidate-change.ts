import { invalidate } from '../engine/build/invalidate.js'
import { createId } from '../model/build/orchestration-id.js'
import { isAuthFailure } from '../model/failure.js'
import type { Graph } from '../model/graph.js'
import type { Invalidation } from '../model/invalidation.js'
import type { Clock } from '../ports/clock.js'
import type { Host } from '../ports/host/host.js'
import type { Store } from '../ports/store.js'
import { readRecent, unlockedHeadsIn } from './history/unfinished.js'

export interface InvalidateChangeOptions {
  host: Host
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  store: Store
  graph: Graph
  /** Null: every branch that the graph's `branches` match. */
  branch: string | null
  /** The reason, as the pull requests show it. */
  reason: string
  /** The page that the statuses link to. */
  link: string
  isDryRun: boolean
}

/** `done`: nothing failed. `auth`: every failure was a missing permission. `incomplete`: something else failed too. */
export interface InvalidateChangeResult {
  kind: 'done' | 'incomplete' | 'auth'
  invalidation: Invalidation
}

/** Locks the pull requests of a change, or of all changes, again. */
export async function invalidateChange(options: InvalidateChangeOptions): Promise<InvalidateChangeResult> {
  const { host, clock, random, store, graph, branch, reason, link, isDryRun } = options
  const invalidation = await invalidate(host, graph, {
    id: createId(clock.now(), random),
    branch,
    reason,
    link,
    isDryRun,
    earlierHeads: unlockedHeadsIn(await readRecent(store), branch),
  })
  return { kind: kindOf(invalidation), invalidation }
}

function kindOf({ pullRequests, unreadable, earlierHeads }: Invalidation): InvalidateChangeResult['kind'] {
  const failures = [
    ...pullRequests.flatMap(({ result }) => (result.kind === 'failed' ? [result.failure] : [])),
    ...unreadable.map(({ failure }) => failure),
    ...earlierHeads.failures,
  ]
  if (failures.length === 0) return 'done'
  return failures.every(isAuthFailure) ? 'auth' : 'incomplete'
}

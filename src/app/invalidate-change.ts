import { noLockReason } from '../engine/build/check-status.js'
import { invalidate } from '../engine/build/invalidate.js'
import { createId } from '../model/build/orchestration-id.js'
import { isAuthFailure } from '../model/failure.js'
import type { Graph } from '../model/graph.js'
import type { Invalidation, NoLockReason } from '../model/invalidation.js'
import type { Clock } from '../ports/clock.js'
import type { Host } from '../ports/host/host.js'
import type { Store } from '../ports/store.js'
import { readStatus } from './read-status.js'
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
  /** Whether nothing is locked if no pull request of `branch` is unlocked, or the change is green. */
  onlyIfChanged: boolean
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
  const { host, clock, random, store, graph, branch, onlyIfChanged, reason, link, isDryRun } = options
  const id = createId(clock.now(), random)
  if (onlyIfChanged && branch !== null) {
    const { status } = await readStatus({ host, graph, branch })
    const noLock = noLockReason(status)
    if (noLock !== null) return { kind: 'done', invalidation: withoutLock({ id, branch, reason, isDryRun }, noLock) }
  }
  const invalidation = await invalidate(host, graph, {
    id,
    branch,
    reason,
    link,
    isDryRun,
    earlierHeads: unlockedHeadsIn(await readRecent(store, branch)),
  })
  return { kind: kindOf(invalidation), invalidation }
}

function withoutLock(
  request: Pick<Invalidation, 'id' | 'branch' | 'reason' | 'isDryRun'>,
  reason: NoLockReason,
): Invalidation {
  const earlierHeads = { locked: [], failures: [] }
  return { ...request, noLockReason: reason, pullRequests: [], unreadable: [], earlierHeads }
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

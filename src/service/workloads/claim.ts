import type { Query } from '../database/database.js'
import { databaseNow } from '../database/database-now.js'
import type { WorkloadKind } from './workload.js'
import type { Slots } from './slots.js'

/** How many orchestrations may run at the same time; null: any number. */
export interface WorkloadLimits {
  /** With the same repository among those of their changes. */
  perRepository: number | null
  inAll: number | null
}

interface Candidate {
  id: string
  kind: WorkloadKind
  /** Branch of the change that it builds; null: it builds none, and no limit counts it. */
  change: string | null
  repositories: string[]
}

/** The number of pending workloads that are looked at in one go. */
const batch = 200

/**
 * Assigns pending workloads to the free workers of this process, oldest first, as far as the limits allow. A change has one active workload
 * at a time. Called under the lock of the queue.
 */
export async function claimPending(
  query: Query,
  { process, slots, limits }: { process: string; slots: Slots; limits: WorkloadLimits },
): Promise<string[]> {
  const kinds = (['workflow', 'agent'] as const).filter((kind) => slots.free(kind) > 0)
  if (kinds.length === 0) return []
  const candidates = await query<Candidate>(
    `SELECT id, kind, change, repositories FROM orch.workloads w
     WHERE status = 'pending' AND kind = ANY($1) AND (change IS NULL OR NOT EXISTS
       (SELECT 1 FROM orch.workloads a WHERE a.change = w.change AND a.status IN ('claimed', 'running')))
     ORDER BY position LIMIT ${batch}`,
    [kinds],
  )
  if (candidates.length === 0) return []
  const room = await readRoom(query, limits)
  const claimed: { id: string; worker: string }[] = []
  for (const candidate of candidates) {
    if (candidate.change !== null && !room.take(candidate.repositories)) continue
    const worker = slots.take(candidate.id, candidate.kind)
    if (worker !== null) claimed.push({ id: candidate.id, worker })
  }
  if (claimed.length === 0) return []
  try {
    await markClaimed(query, process, claimed)
  } catch (error) {
    for (const { id } of claimed) slots.release(id)
    throw error
  }
  return claimed.map(({ id }) => id)
}

async function markClaimed(
  query: Query,
  process: string,
  claimed: readonly { id: string; worker: string }[],
): Promise<void> {
  await query(
    `UPDATE orch.workloads w SET status = 'claimed', claimed_at = ${databaseNow}, process = $1, worker = c.worker
     FROM unnest($2::text[], $3::text[]) AS c (id, worker) WHERE w.id = c.id`,
    [process, claimed.map(({ id }) => id), claimed.map(({ worker }) => worker)],
  )
}

/** What the limits leave. `take` counts an orchestration if they allow it. */
async function readRoom(
  query: Query,
  { perRepository, inAll }: WorkloadLimits,
): Promise<{ take: (repositories: readonly string[]) => boolean }> {
  if (perRepository === null && inAll === null) return { take: () => true }
  const active = await query<{ repositories: string[] }>(
    `SELECT repositories FROM orch.workloads WHERE change IS NOT NULL AND status IN ('claimed', 'running')`,
  )
  let total = active.length
  const counts = new Map<string, number>()
  const count = (repositories: readonly string[]): void => {
    for (const repo of repositories) counts.set(repo, (counts.get(repo) ?? 0) + 1)
  }
  for (const { repositories } of active) count(repositories)
  return {
    take: (repositories) => {
      if (inAll !== null && total >= inAll) return false
      if (perRepository !== null && repositories.some((repo) => (counts.get(repo) ?? 0) >= perRepository)) return false
      total += 1
      count(repositories)
      return true
    },
  }
}

import type { ChangeQuery } from '../../ports/host/changes.js'
import type { Clock } from '../../ports/clock.js'
import type { ChangeOutcome } from './graphql/read-change.js'

/** Reads a change again together with other changes; null: it shares no request, so it is to be read alone. */
export type ReadShared = (query: ChangeQuery) => Promise<ChangeOutcome[]> | null

/** Up to this many repositories of all changes are read again by conditional requests, which cost nothing of the limit while nothing changes. */
export const fewRepositories = 10
/** A change of more repositories fills a query by itself. */
const manyRepositories = 50
/** How long readings are gathered, ms. Changes are read again every 20 to 26 s, and at least every 30 s. */
const gatheringMs = 3_000
/** How long after its latest reading a change still counts, ms: longer than any time between two readings. */
const watchedForMs = 60_000

interface Waiting {
  query: ChangeQuery
  resolve: (outcomes: ChangeOutcome[]) => void
  reject: (error: unknown) => void
}

export interface SharedReadingsOptions {
  clock: Clock
  /** False: every change is read alone. */
  isUsable: () => boolean
  /** Reads changes of the same repositories and status context: the outcomes of each. */
  readTogether: (queries: readonly ChangeQuery[]) => Promise<ChangeOutcome[][]>
}

/**
 * Shares requests among the changes that the orchestrations of this process watch: a service may watch thousands, whose conditional requests
 * would exceed GitHub's secondary limits.
 */
export function createSharedReadings({ clock, isUsable, readTogether }: SharedReadingsOptions): ReadShared {
  /** By branch: when it was read last, ms, UTC. */
  const watched = new Map<string, number>()
  /** By what is read of each change. */
  const gathered = new Map<string, Waiting[]>()

  const watch = (branch: string): void => {
    const now = clock.now()
    // The change that was read last is at the end, so that those to forget are at the start.
    watched.delete(branch)
    watched.set(branch, now)
    for (const [each, readAt] of watched) {
      if (readAt > now - watchedForMs) break
      watched.delete(each)
    }
  }

  const readGathered = async (key: string): Promise<void> => {
    await clock.sleep(gatheringMs)
    const batch = gathered.get(key) ?? []
    gathered.delete(key)
    try {
      const outcomes = await readTogether(batch.map(({ query }) => query))
      for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] ?? [])
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  return (query) => {
    if (!isPlainRepetition(query)) return null
    watch(query.branch)
    const count = query.repositories.length
    if (!isUsable() || watched.size < 2 || watched.size * count <= fewRepositories || count > manyRepositories)
      return null
    const key = JSON.stringify([query.statusContext, query.repositories])
    return new Promise((resolve, reject) => {
      const waiting = gathered.get(key)
      if (waiting) return waiting.push({ query, resolve, reject })
      gathered.set(key, [{ query, resolve, reject }])
      return void readGathered(key)
    })
  }
}

/** Whether a change was read before, and only what every reading contains is read again. */
function isPlainRepetition({
  repeated = 0,
  repositories,
  jobStatuses,
  mergeability,
  ahead,
  membership,
}: ChangeQuery): boolean {
  const hasMore = jobStatuses === true || mergeability === true || ahead === true || membership === true
  return repeated > 0 && !hasMore && repositories.every(({ workflows }) => workflows.length === 0)
}

import { readEntry } from '../../app/history/read-history.js'
import type { ReadStatusResult } from '../../app/read-status.js'
import type { HistoryEntry, RecordedOrchestration } from '../../model/build/history.js'
import { matchesBranches } from '../../model/branch-pattern.js'
import type { Workload, WorkloadStatus } from '../workloads/workload.js'
import type { PagesData } from './pages-data.js'

/** How many of the newest orchestrations, of all changes or of one, the pages show. */
const newest = 200
/** How many finished orchestrations are kept folded. */
const maxKept = 500
const openStatuses: readonly WorkloadStatus[] = ['running', 'claimed', 'pending']

/** A change that the service knows from its orchestrations and its queue. */
export interface KnownChange {
  branch: string
  /** Newest first. */
  orchestrations: readonly RecordedOrchestration[]
  /** Its workloads that have not ended, newest first. */
  workloads: readonly Workload[]
  /** When something happened to it last, ms, UTC; 0: nothing has. */
  lastAt: number
}

/** A change as the pages show it: what is known here, and its state on GitHub. */
export interface ShownChange extends KnownChange {
  /** Its newest workloads, ended or not, newest first. */
  recent: readonly Workload[]
  status: ReadStatusResult
  /** When GitHub was asked, ms, UTC. */
  readAt: number
}

/** Reads what the pages show of changes. A finished orchestration does not change, so it is folded only once. */
export interface ChangeReader {
  /** The changes of the newest orchestrations and of the queue, the one with the latest activity first. */
  changes(): Promise<KnownChange[]>
  /**
   * One change. Asks GitHub for its state unless an answer is younger than `maxAgeMs`, and no orchestration of it has begun or ended since.
   */
  change(branch: string, maxAgeMs: number): Promise<ShownChange>
  /** The orchestration with this id if it is one of this change; null: it is not, or cannot be read. */
  orchestration(branch: string, id: string): Promise<RecordedOrchestration | null>
}

interface ReadStatus {
  /** The orchestrations and workloads that the service knew when GitHub was asked, with their states. */
  work: string
  readAt: number
  status: Promise<ReadStatusResult>
}

export function createChangeReader({ graph, store, workloads, commands, clock }: PagesData): ChangeReader {
  const finished = new Map<string, HistoryEntry>()
  const statuses = new Map<string, ReadStatus>()
  const readOne = async (id: string): Promise<HistoryEntry | null> => finished.get(id) ?? readEntry(store, id)

  const keep = (entry: HistoryEntry): void => {
    // The entry that was read last is kept longest.
    finished.delete(entry.id)
    finished.set(entry.id, entry)
    const [oldest] = finished.keys()
    if (finished.size > maxKept && oldest !== undefined) finished.delete(oldest)
  }

  /** `branch` left out: of all changes. */
  const history = async (branch?: string): Promise<RecordedOrchestration[]> => {
    const ids = (await store.list(branch)).reverse().slice(0, newest)
    const entries: RecordedOrchestration[] = []
    for (const id of ids) {
      const entry = await readOne(id)
      if (entry?.state === 'finished') keep(entry)
      if (entry && entry.state !== 'unreadable') entries.push(entry)
    }
    return entries
  }

  /** The workloads that have not ended, newest first; at most the 100 newest of each status. */
  const open = async (change?: string): Promise<Workload[]> => {
    const ofChange = change === undefined ? {} : { change }
    const pages = await Promise.all(openStatuses.map((status) => workloads.list({ status, limit: 100, ...ofChange })))
    return pages.flatMap(({ items }) => items).sort((one, other) => other.createdAt - one.createdAt)
  }

  const statusOf = (branch: string, work: string, maxAgeMs: number): ReadStatus => {
    const now = clock.now()
    for (const [each, { readAt }] of statuses) if (now - readAt > 60_000) statuses.delete(each)
    const known = statuses.get(branch)
    if (known?.work === work && now - known.readAt < maxAgeMs) return known
    const read = { work, readAt: now, status: commands.status(branch) }
    statuses.set(branch, read)
    // A reading that failed is not shown to the next reader.
    read.status.catch(() => statuses.delete(branch))
    return read
  }

  return {
    changes: async () => {
      const [orchestrations, queue, recent] = await Promise.all([history(), open(), workloads.list({ limit: 100 })])
      const queued = [...queue, ...recent.items].flatMap(({ change }) => change ?? [])
      const branches = [...queued, ...orchestrations.map(branchOf)]
      return (
        [...new Set(branches)]
          // A branch that the graph file no longer matches has no page.
          .filter((branch) => matchesBranches(graph.branches, branch))
          .map((branch) => ({
            branch,
            orchestrations: orchestrations.filter((entry) => branchOf(entry) === branch),
            workloads: queue.filter(({ change }) => change === branch),
            lastAt: latestActivity(branch, orchestrations, [...queue, ...recent.items]),
          }))
          .sort((one, other) => other.lastAt - one.lastAt)
      )
    },
    change: async (branch, maxAgeMs) => {
      const [own, queue, recent] = await Promise.all([
        history(branch),
        open(branch),
        workloads.list({ change: branch, limit: 10 }),
      ])
      const work = [
        ...own.map(({ id, state }) => `${id} ${state}`),
        ...recent.items.map(({ id, status }) => `${id} ${status}`),
      ]
      const reading = statusOf(branch, work.join(), maxAgeMs)
      const status = await reading.status
      const lastAt = latestActivity(branch, own, recent.items)
      const { readAt } = reading
      return { branch, orchestrations: own, workloads: queue, lastAt, recent: recent.items, status, readAt }
    },
    orchestration: async (branch, id) => {
      if (!(await store.list(branch)).includes(id)) return null
      const entry = await readOne(id)
      return entry && entry.state !== 'unreadable' && branchOf(entry) === branch ? entry : null
    },
  }
}

function branchOf({ orchestration }: RecordedOrchestration): string {
  return orchestration.plan.branch
}

/** ms, UTC; 0: nothing has happened. */
function latestActivity(
  branch: string,
  orchestrations: readonly RecordedOrchestration[],
  workloads: readonly Workload[],
): number {
  return Math.max(
    0,
    ...orchestrations.filter((entry) => branchOf(entry) === branch).map(({ orchestration }) => orchestration.lastAt),
    ...workloads.filter(({ change }) => change === branch).map(({ createdAt }) => createdAt),
  )
}

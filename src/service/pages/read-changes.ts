import { readHistory } from '../../app/history/read-history.js'
import type { ReadStatusResult } from '../../app/read-status.js'
import type { HistoryEntry, RecordedOrchestration } from '../../model/build/history.js'
import type { Workload, WorkloadStatus } from '../workloads/workload.js'
import type { PagesData } from './pages-data.js'

/** How many of the newest orchestrations the pages know. */
const newest = 200
const openStatuses: readonly WorkloadStatus[] = ['running', 'claimed', 'pending']

/** A change that the service knows from its orchestrations and its queue. */
export interface KnownChange {
  branch: string
  /** Newest first. */
  orchestrations: readonly RecordedOrchestration[]
  /** Its workloads that have not ended, newest first. */
  workloads: readonly Workload[]
}

/** A change as the pages show it: what is known here, and its state on GitHub. */
export interface ShownChange extends KnownChange {
  status: ReadStatusResult
}

/** The changes of the newest orchestrations and of the queue, the one with the latest activity first. */
export async function readChanges({ store, workloads }: PagesData): Promise<KnownChange[]> {
  const [history, open] = await Promise.all([readHistory(store, newest), readOpen(workloads)])
  const branches = new Set([...open.flatMap(({ change }) => change ?? []), ...history.flatMap(branchOf)])
  return [...branches]
    .map((branch) => ({
      branch,
      orchestrations: history.flatMap((entry) => ofBranch(entry, branch)),
      workloads: open.filter(({ change }) => change === branch),
    }))
    .sort((one, other) => latestActivity(other) - latestActivity(one))
}

/** One change. Asks GitHub for its state. */
export async function readChange(data: PagesData, branch: string): Promise<ShownChange> {
  const { store, workloads, commands } = data
  const [history, open, status] = await Promise.all([
    readHistory(store, newest),
    readOpen(workloads, branch),
    commands.status(branch),
  ])
  return { branch, orchestrations: history.flatMap((entry) => ofBranch(entry, branch)), workloads: open, status }
}

/** The workloads that have not ended, newest first; at most the 100 newest of each status. */
async function readOpen(workloads: PagesData['workloads'], change?: string): Promise<Workload[]> {
  const pages = await Promise.all(
    openStatuses.map((status) => workloads.list({ status, limit: 100, ...(change === undefined ? {} : { change }) })),
  )
  return pages.flatMap(({ items }) => items).sort((one, other) => other.createdAt - one.createdAt)
}

function branchOf(entry: HistoryEntry): string[] {
  return entry.state === 'unreadable' ? [] : [entry.orchestration.plan.branch]
}

function ofBranch(entry: HistoryEntry, branch: string): RecordedOrchestration[] {
  return entry.state !== 'unreadable' && entry.orchestration.plan.branch === branch ? [entry] : []
}

function latestActivity({ orchestrations, workloads }: KnownChange): number {
  const times = [
    ...orchestrations.map(({ orchestration }) => orchestration.lastAt),
    ...workloads.map((each) => each.createdAt),
  ]
  return Math.max(...times)
}

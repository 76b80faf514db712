import type { ChangeStatus } from '../model/change-status.js'
import type { RecordedOrchestration } from '../model/build/history.js'
import type { Graph } from '../model/graph.js'
import type { Changes } from '../ports/host/changes.js'
import type { Store } from '../ports/store.js'
import { readHistory } from './history/read-history.js'
import { readStatus } from './read-status.js'
import type { ReadStatusResult } from './read-status.js'

export interface ReadGraphOptions {
  host: Pick<Changes, 'readChange'>
  store: Store
  graph: Graph
  branch: string
}

/** What the jobs of a change are coloured by: its newest orchestration, or, where this store has none, its statuses on GitHub. */
export type ReadGraphResult =
  | { kind: 'orchestration'; entry: RecordedOrchestration }
  | { kind: 'status'; verdict: ReadStatusResult['kind']; status: ChangeStatus }

/** Reads the state of a change for a drawing of its graph. */
export async function readGraph({ host, store, graph, branch }: ReadGraphOptions): Promise<ReadGraphResult> {
  const [newest] = await readHistory(store, { branch, limit: 1 })
  if (newest && newest.state !== 'unreadable') return { kind: 'orchestration', entry: newest }
  const { kind, status } = await readStatus({ host, graph, branch })
  return { kind: 'status', verdict: kind, status }
}

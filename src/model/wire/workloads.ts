import type { Integer, Timestamp } from './common.js'

/** A workload of the service, as `GET /workloads` lists it. Times are null until they are reached. */
export interface WorkloadJson {
  id: string
  kind: 'workflow' | 'agent'
  status: 'pending' | 'claimed' | 'running' | 'completed' | 'failed' | 'cancelled'
  /** Branch of the change; null: it belongs to none. */
  change: string | null
  createdAt: Timestamp
  claimedAt: Timestamp | null
  startedAt: Timestamp | null
  endedAt: Timestamp | null
  /** Id of the worker that has, or had, it. */
  worker: string | null
}

/** The answer of `GET /workloads/:id`. */
export interface WorkloadDetailJson extends WorkloadJson {
  /** What it came to, as text for a reader; null: nothing yet. */
  result: string | null
}

/** One page of a list. */
export interface PageJson<Item> {
  /** Newest first. */
  items: readonly Item[]
  /** The `cursor` of the next page; null: this is the last one. */
  nextCursor: string | null
}

/** The answer of `GET /workloads`. */
export type WorkloadPageJson = PageJson<WorkloadJson>

/** A worker of the service. */
export interface WorkerJson {
  id: string
  state: 'standby' | 'claimed' | 'active'
  host: string
  pid: Integer
  startedAt: Timestamp
  heartbeatAt: Timestamp
  /** Ids of the workloads that it has. */
  workloads: readonly string[]
}

/** The answer of `GET /workers`. */
export interface WorkersJson {
  items: readonly WorkerJson[]
}

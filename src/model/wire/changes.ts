import type { ChangeStatusJson } from './change-status.js'
import type { Count } from './common.js'
import type { ReadableEntryJson } from './history.js'
import type { WorkloadJson } from './workloads.js'

/** A change that the service knows from its orchestrations and its queue. */
export interface ChangeJson {
  branch: string
  /** The newest orchestration; null: none was started. */
  orchestration: ReadableEntryJson | null
  /** Its workloads that have not ended, newest first. */
  workloads: readonly WorkloadJson[]
}

/** The answer of `GET /changes`. */
export interface ChangesJson {
  /** The change with the latest activity first. */
  items: readonly ChangeJson[]
}

/** The answer of `GET /changes/:branch`. */
export interface ChangeDetailJson extends Pick<ChangeJson, 'branch' | 'workloads'> {
  /** The document of `orch status --json`. */
  status: ChangeStatusJson
  /** Newest first. */
  orchestrations: readonly ReadableEntryJson[]
}

/** The answer of `POST /changes/:branch/run`. */
export interface RunRequestedJson {
  /** Id of the workload. */
  workload: string
  /** `known`: the same request was made before, and nothing was started. */
  kind: 'created' | 'known'
}

/** The answer of `POST /changes/:branch/cancel`. */
export interface CancelRequestedJson {
  /** How many workloads were asked to end. */
  count: Count
}

import type { Timestamp } from '../../../model/wire/common.js'
import type { DeliveryJson } from '../../../model/wire/deliveries.js'
import type { WorkerJson, WorkloadDetailJson, WorkloadJson } from '../../../model/wire/workloads.js'
import type { Delivery } from '../../deliveries/delivery.js'
import type { Worker, Workload } from '../../workloads/workload.js'

export function workloadJson(workload: Workload): WorkloadJson {
  const { id, kind, status, change, createdAt, claimedAt, startedAt, endedAt, worker } = workload
  const times = { claimedAt: whenReached(claimedAt), startedAt: whenReached(startedAt), endedAt: whenReached(endedAt) }
  return { id, kind, status, change, createdAt: timestamp(createdAt), ...times, worker }
}

export function workloadDetailJson(workload: Workload): WorkloadDetailJson {
  return { ...workloadJson(workload), result: workload.result }
}

export function workerJson({ id, state, host, pid, startedAt, heartbeatAt, workloads }: Worker): WorkerJson {
  return { id, state, host, pid, startedAt: timestamp(startedAt), heartbeatAt: timestamp(heartbeatAt), workloads }
}

export function deliveryJson(delivery: Delivery): DeliveryJson {
  const { id, event, action, repository, receivedAt, handledAt, result } = delivery
  const times = { receivedAt: timestamp(receivedAt), handledAt: whenReached(handledAt) }
  return { id, event, action, repository, ...times, result }
}

function timestamp(at: number): Timestamp {
  return new Date(at).toISOString()
}

function whenReached(at: number | null): Timestamp | null {
  return at === null ? null : timestamp(at)
}

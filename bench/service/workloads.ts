import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkersJson, WorkloadDetailJson } from '../../src/model/wire/workloads.js'
import type { ServiceProcess } from './service-process.js'

const pollMs = 100

/** Resolves with the workload once it satisfies the condition. */
export async function untilWorkload(
  service: ServiceProcess,
  id: string,
  isReached: (workload: WorkloadDetailJson) => boolean,
): Promise<WorkloadDetailJson> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const workload = (await service.get(`/workloads/${encodeURIComponent(id)}`)) as WorkloadDetailJson
    if (isReached(workload)) return workload
    if (Date.now() > deadline) throw new Error(`the workload ${id} is still ${workload.status} after a minute`)
    await sleep(pollMs)
  }
}

/** Starts a run of a change by the API. Resolves with the id of its workload. */
export async function startRun(service: ServiceProcess, branch: string): Promise<string> {
  const answer = await service.post(`/changes/${encodeURIComponent(branch)}/run`)
  return (answer as { workload: string }).workload
}

/** The process that has a workload. */
export async function processOf(service: ServiceProcess, workload: string): Promise<number> {
  const { items } = (await service.get('/workers')) as WorkersJson
  const worker = items.find(({ workloads }) => workloads.includes(workload))
  if (!worker) throw new Error(`no worker has the workload ${workload}`)
  return worker.pid
}

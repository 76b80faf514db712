import type { FlowRun } from '../../model/flow/flow-run.js'
import type { Workload } from '../workloads/workload.js'

/** The id of the workload that performs a step: the same for the same step, so that it is enqueued once. */
export function stepWorkloadId(attempt: string, index: number): string {
  return `flow:${attempt}-${index + 1}`
}

/** The id of the workload that builds the change of a step. */
export function changeWorkloadId(attempt: string, index: number): string {
  return `${stepWorkloadId(attempt, index)}-run`
}

/** Every workload that the steps of a run may have. */
export function workloadsOf({ attempts }: FlowRun): string[] {
  return attempts.flatMap(({ id, steps }) =>
    steps.flatMap((_, index) => [stepWorkloadId(id, index), changeWorkloadId(id, index)]),
  )
}

/** The run to whose step a workload that builds a change belongs; null: it was not started by a flow. */
export function runOfChangeWorkload(id: string): string | null {
  return /^flow:(.+)-\d+-\d+-run$/u.exec(id)?.[1] ?? null
}

/** A workload that has ended. */
export type EndedWorkload = Workload & { status: 'completed' | 'failed' | 'cancelled' }

export function isEnded(workload: Workload): workload is EndedWorkload {
  return workload.status === 'completed' || workload.status === 'failed' || workload.status === 'cancelled'
}

import type { WorkflowJobState } from '../../executor.js'
import type { Workflow } from '../parse/model.js'

/** The part of a job of the file that is reused from the previous attempt. */
export interface ReusedJob {
  /** False if only some combinations of a matrix are reused. */
  isWhole: boolean
  jobs: WorkflowJobState[]
}

/**
 * Returns the jobs that keep their results when only the failed jobs of an attempt are run again, by their ID in the file. A job is reused if neither it
 * nor any job that it needs, directly or indirectly, failed or was cancelled.
 */
export function reusedJobs(workflow: Workflow, previous: WorkflowJobState[]): Map<string, ReusedJob> {
  const reused = new Map<string, ReusedJob>()
  const visited = new Set<string>()
  const visit = (id: string): void => {
    const job = workflow.jobs.find((candidate) => candidate.id === id)
    if (job === undefined || visited.has(id)) return
    visited.add(id)
    job.needs.forEach(visit)
    if (!job.needs.every((need) => reused.get(need)?.isWhole === true)) return
    const before = previous.filter((state) => state.key === id)
    const jobs = before.filter(isDone)
    if (jobs.length > 0) reused.set(id, { isWhole: jobs.length === before.length, jobs: jobs.map(copy) })
  }
  for (const { id } of workflow.jobs) visit(id)
  return reused
}

function isDone({ conclusion }: WorkflowJobState): boolean {
  return conclusion === 'success' || conclusion === 'skipped'
}

function copy(state: WorkflowJobState): WorkflowJobState {
  return structuredClone(state)
}

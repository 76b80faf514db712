import type { WorkflowJobState } from '../../executor.js'
import type { Workflow } from '../parse/model.js'

/** What of a job of the file is not run again. */
export interface ReusedJob {
  /** Whether all of it is kept: of a matrix, some combinations alone may be. */
  isWhole: boolean
  jobs: WorkflowJobState[]
}

/**
 * What keeps its result when only the failed jobs of an attempt are run again, by the id of the job in the file: everything that neither failed nor was
 * cancelled, nor needs, directly or not, what did.
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

import type { RepositoryRead, WorkflowState } from '../../../model/change.js'
import type { PlannedJob } from '../../../model/build/plan.js'
import type { Graph, Job } from '../../../model/graph.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'

/** A workflow of a repository, by its file name below `.github/workflows/`. */
export interface WorkflowName {
  repo: RepoName
  workflow: string
}

export function workflowKey({ repo, workflow }: WorkflowName): string {
  return `${repoKey(repo)} ${workflow}`
}

/** The jobs that would be dispatched. */
export function jobsToDispatch(graph: Graph, planned: readonly PlannedJob[]): Job[] {
  const running = new Set(planned.filter(({ action }) => action === 'run').map(({ job }) => job))
  return graph.jobs.filter(({ id }) => running.has(id))
}

/** The workflows that would be dispatched and whose state no reading contains, each once. */
export function unknownWorkflowStates(
  graph: Graph,
  planned: readonly PlannedJob[],
  readings: ReadonlyMap<string, RepositoryRead>,
): WorkflowName[] {
  const unknown = new Map<string, WorkflowName>()
  for (const { repo, workflow, event } of jobsToDispatch(graph, planned)) {
    // Only enabled workflows are looked at for the receiver of an event.
    if (event) continue
    const reading = readings.get(repoKey(repo))
    // GitHub knows no state of a file that is not on the default branch.
    const isThere = reading?.workflows.some((file) => file.workflow === workflow && file.atDefaultBranch !== null)
    if (!reading || isThere !== true || stateInRuns(reading, workflow) !== null) continue
    unknown.set(workflowKey({ repo, workflow }), { repo, workflow })
  }
  return [...unknown.values()]
}

/** The state of a workflow as its runs at the head show it; null: it has none there. */
export function stateInRuns({ runs = [] }: RepositoryRead, workflow: string): WorkflowState | null {
  return runs.find((run) => run.workflow === workflow && run.workflowState !== undefined)?.workflowState ?? null
}

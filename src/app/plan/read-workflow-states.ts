import { workflowKey } from '../../engine/build/plan/workflow-states.js'
import type { WorkflowName } from '../../engine/build/plan/workflow-states.js'
import type { WorkflowState } from '../../model/change.js'
import type { Host } from '../../ports/host/host.js'

/** GitHub has no request for the state of many workflows, so a plan of more unknown ones than this reads none: the dispatch finds out. */
const maxRequests = 10

/**
 * Whether GitHub starts runs of these workflows, by `workflowKey`. A state that could not be read is left out, because the plan is not
 * refused for it.
 */
export async function readWorkflowStates(
  host: Pick<Host, 'readWorkflowState'>,
  workflows: readonly WorkflowName[],
): Promise<Map<string, WorkflowState>> {
  const states = new Map<string, WorkflowState>()
  if (workflows.length > maxRequests) return states
  await Promise.all(
    workflows.map(async (name) => {
      const read = await host.readWorkflowState(name.repo, name.workflow)
      if (read.ok && read.value !== null) states.set(workflowKey(name), read.value)
    }),
  )
  return states
}

// Loaded together when GitHub has answered the first request.
export { readWorkflowTriggers } from '../../config/workflow-file.js'
export { planChange as createPlan, workflowsToPlanWith } from '../../engine/build/plan/plan.js'
export { readFreshness } from './read-freshness.js'
export { readWorkflowStates } from './read-workflow-states.js'

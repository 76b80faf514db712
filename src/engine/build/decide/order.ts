import type { Priority } from '../../kernel/due-list.js'
import type { PlanNode } from '../state/plan-index.js'
import type { Action } from './actions.js'
import type { JobDecision } from './job.js'

/** An action with its priority: of those due at the same time, lower priorities start first, then lower indexes. */
export interface PrioritizedAction extends Priority {
  action: Action
}

/** More than one job ever has at once. */
const mostActionsOfJob = 16

/** What a job does without a slot, in the order of the plan. Reading why a build failed comes after all that starts, the status of a job last of all. */
export function prioritizeJob({ actions }: JobDecision, { index }: PlanNode): PrioritizedAction[] {
  return actions.map((action, nth) => ({
    action,
    priority: action.type === 'post-job-status' ? 5 : action.type === 'explain' ? 2 : 0,
    index: index * mostActionsOfJob + nth,
  }))
}

/** What starts a job: the job with the longest path to the end goes first. */
export function prioritizeStart(action: Action, { rank }: PlanNode): PrioritizedAction {
  return { action, priority: 1, index: rank }
}

/** The status of the target with this index. */
export function prioritizePost(action: Action, index: number): PrioritizedAction {
  return { action, priority: 3, index }
}

export function prioritizeGlobal(action: Action, index: number): PrioritizedAction {
  return { action, priority: 4, index }
}

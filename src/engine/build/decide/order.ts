import type { Priority } from '../../kernel/due-list.js'
import type { PlanNode } from '../state/plan-index.js'
import type { Action } from './actions.js'
import type { JobDecision } from './job/job.js'

/** An action with its priority. Among actions that are due at the same time, lower priorities start first, then lower indexes. */
export interface PrioritizedAction extends Priority {
  action: Action
}

/** Greater than the number of actions that one job has at once. */
const mostActionsOfJob = 16

/** Orders the actions that need no slot as the jobs of the plan. Explanations of failures start after the dispatches, job statuses start last. */
export function prioritizeJob({ actions }: JobDecision, { index }: PlanNode): PrioritizedAction[] {
  return actions.map((action, nth) => ({
    action,
    priority: action.type === 'post-job-status' ? 5 : action.type === 'explain' ? 2 : 0,
    index: index * mostActionsOfJob + nth,
  }))
}

/** Orders the starts of jobs: the job with the longest path to the end starts first. */
export function prioritizeStart(action: Action, { rank }: PlanNode): PrioritizedAction {
  return { action, priority: 1, index: rank }
}

/** Orders the statuses of the targets as the targets of the plan. */
export function prioritizePost(action: Action, index: number): PrioritizedAction {
  return { action, priority: 3, index }
}

export function prioritizeGlobal(action: Action, index: number): PrioritizedAction {
  return { action, priority: 4, index }
}

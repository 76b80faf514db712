import type { Action } from './actions.js'
import type { JobDecision } from './job.js'
import type { PlanNode } from '../state/plan-index.js'

/** An action with its priority: of those due at the same time, lower priorities start first, then lower indexes. */
export interface PrioritizedAction {
  action: Action
  priority: number
  index: number
}

/** More than one job ever has at once. */
const mostActions = 16

/** What jobs do by themselves, in the order of the plan; reading why a build failed comes after all that starts, the status of a job last of all. */
export function prioritizeJob({ actions }: JobDecision, { index }: PlanNode): PrioritizedAction[] {
  return actions.map((action, nth) => ({
    action,
    priority: action.type === 'post-job-status' ? 5 : action.type === 'explain' ? 2 : 0,
    index: index * mostActions + nth,
  }))
}

/** What starts, the longest path to the end first. */
export function prioritizeStart(action: Action, { rank }: PlanNode): PrioritizedAction {
  return { action, priority: 1, index: rank }
}

/** The status of the nth target. */
export function prioritizePost(action: Action, place: number): PrioritizedAction {
  return { action, priority: 3, index: place }
}

export function prioritizeGlobal(action: Action, place: number): PrioritizedAction {
  return { action, priority: 4, index: place }
}

export function byPriority(
  one: Pick<PrioritizedAction, 'priority' | 'index'>,
  other: Pick<PrioritizedAction, 'priority' | 'index'>,
): number {
  return one.priority - other.priority || one.index - other.index
}

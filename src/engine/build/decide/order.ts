import type { Action } from './actions.js'
import type { JobDecision } from './job.js'
import type { Spot } from '../state/plan-index.js'

/** An action with its turn: of those that are due at the same moment, lower turns begin first, and within a turn lower places. */
export interface Turn {
  action: Action
  turn: number
  place: number
}

/** More than one job ever has at once. */
const mostActions = 16

/** What jobs do by themselves, in the order of the plan; reading why a build failed comes after all that starts, the status of a job last of all. */
export function turnsOfJob({ actions }: JobDecision, { index }: Spot): Turn[] {
  return actions.map((action, nth) => ({
    action,
    turn: action.type === 'post-job-status' ? 5 : action.type === 'explain' ? 2 : 0,
    place: index * mostActions + nth,
  }))
}

/** What starts, the longest path to the end first. */
export function turnOfStart(action: Action, { rank }: Spot): Turn {
  return { action, turn: 1, place: rank }
}

/** The status of the nth target. */
export function turnOfPost(action: Action, place: number): Turn {
  return { action, turn: 3, place }
}

export function turnOfOther(action: Action, place: number): Turn {
  return { action, turn: 4, place }
}

export function byTurn(one: Pick<Turn, 'turn' | 'place'>, other: Pick<Turn, 'turn' | 'place'>): number {
  return one.turn - other.turn || one.place - other.place
}

import type { Ending } from '../../../model/build/orchestration.js'
import type { Action } from './actions.js'
import type { JobRule } from './job.js'
import type { TargetRule } from './target.js'

/** What an orchestration as a whole says to each of its jobs and heads, and what it does besides. */
export interface Directives {
  jobs: JobRule
  targets: TargetRule
  global: readonly GlobalAction[]
}

/** An action that belongs to no job and no head. `ending` is told only when it is needed: it may have to be gathered from all of them. */
export type GlobalAction =
  | Extract<Action, { type: 'lock-earlier-heads' | 'verify' | 'suspend' }>
  | { type: 'finish'; at: number; ending: () => Ending }

/** No job and no head does anything. */
export function idle(...others: readonly GlobalAction[]): Directives {
  return { jobs: { kind: 'rest' }, targets: { kind: 'rest' }, global: others }
}

/** The action that it stands for. */
export function toAction(other: GlobalAction): Action {
  return other.type === 'finish' ? { ...other, ending: other.ending() } : other
}

import type { Failure } from '../../../model/failure.js'

/** Why a change cannot be run. `usage`: asked for wrongly (exit code 2). */
export interface PlanProblem {
  kind: 'usage' | 'unreadable' | 'repository' | 'workflow' | 'head-shared' | 'absent-everywhere'
  repo: string | null
  /** What happened, one sentence without a final full stop. */
  message: string
  /** What to do about it. */
  remedy: string
  /** The failed request behind it, if there is one. */
  failure: Failure | null
}

import type { Failure } from '../../../model/failure.js'

/** The reason why a change cannot be run. `usage`: the command line is wrong (exit code 2). */
export interface PlanProblem {
  kind: 'usage' | 'unreadable' | 'repository' | 'workflow' | 'head-shared' | 'absent-everywhere'
  repo: string | null
  /** The problem, as one sentence without a final full stop. */
  message: string
  /** The action that fixes the problem. */
  remedy: string
  /** The failed request that caused the problem, if there is one. */
  failure: Failure | null
}

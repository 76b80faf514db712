import type { Scope } from '../expression/expression.js'
import type { JobContext } from '../run/job-context.js'
import type { StepSignals } from '../run/step-result.js'

/** The call of an action by a step. */
export interface ActionCall {
  job: JobContext
  uses: string
  /** The name of the step. */
  name: string
  /** The evaluated `with:`. */
  inputs: Record<string, string>
  /** The step's own `env:`. */
  env: Record<string, string>
  scope: Scope
  signals: StepSignals
}

/** The actions that the sandbox has itself, as text for a reader. */
export const ownActionNames = 'actions/checkout, actions/setup-node, actions/upload-artifact, actions/download-artifact'

import type { CommandFileValues } from './command-files.js'

/** The result of one step. `values` are the contents of its command files. */
export interface StepResult {
  outcome: 'success' | 'failure'
  values: CommandFileValues
}

/** The signals that end a step early. */
export interface StepSignals {
  interrupt: AbortSignal
  kill: AbortSignal
}

/** What an action does at the end of its job. */
export interface PostStep {
  name: string
  /** Its `post-if`. */
  condition: string
  run(signals: StepSignals): Promise<StepResult>
}

export const noValues: CommandFileValues = { env: {}, outputs: {}, state: {}, path: [], problems: [] }

/** A step that failed without setting a value. */
export const unsuccessful: StepResult = { outcome: 'failure', values: noValues }

/** A step that succeeded with these outputs. */
export const succeeded = (outputs: Record<string, string>): StepResult => ({
  outcome: 'success',
  values: { ...noValues, outputs },
})

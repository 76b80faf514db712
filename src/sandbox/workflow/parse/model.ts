import type { Value } from '../expression/expression-value.js'

/** A workflow file as the sandbox executes it. Texts still hold their `${{ }}`. */
export interface Workflow {
  name?: string
  runName?: string
  env: Record<string, string>
  /** In the order of the file; `needs` name jobs of this list and form no cycle. */
  jobs: WorkflowJob[]
  /** Places of keys that were accepted but have no effect here, such as `permissions`. */
  ignored: string[]
}

/** One job of a workflow file. */
export interface WorkflowJob {
  id: string
  name?: string
  needs: string[]
  if?: string
  /** Text that is or evaluates to a number of minutes; GitHub's default is 360. */
  timeoutMinutes: string
  /** Text that is or evaluates to a boolean. */
  continueOnError: string
  outputs: Record<string, string>
  env: Record<string, string>
  matrix?: Matrix
  /** `strategy.fail-fast`, text that is or evaluates to a boolean. */
  failFast: string
  steps: WorkflowStep[]
}

/** `strategy.matrix`: lists per name, or text that evaluates to a whole mapping or list. */
export interface Matrix {
  dimensions: Record<string, Value[] | string>
  include: Value[] | string
  exclude: Value[] | string
}

export type Shell = 'default' | 'bash' | 'sh'

/** One step of a job: commands for a shell, or an action. */
export interface WorkflowStep {
  id?: string
  name?: string
  if?: string
  env: Record<string, string>
  /** Absent: no limit but the job's. */
  timeoutMinutes?: string
  continueOnError: string
  work:
    | { kind: 'run'; run: string; shell: Shell; workingDirectory?: string }
    | { kind: 'uses'; uses: string; with: Record<string, string> }
}

import type { Value } from '../expression/expression-value.js'

/** A workflow file as the sandbox executes it. Texts contain their `${{ }}` unevaluated. */
export interface Workflow {
  name?: string
  runName?: string
  env: Record<string, string>
  /** In the order of the file; `needs` name jobs of this list and form no cycle. */
  jobs: WorkflowJob[]
  /** Paths of keys that are accepted but have no effect in the sandbox, such as `permissions`. */
  ignored: string[]
}

/** One job of a workflow file. */
export interface WorkflowJob {
  id: string
  name?: string
  needs: string[]
  /** The name of the environment that the job deploys to. */
  environment?: string
  if?: string
  /** A number of minutes, or an expression of one, as text; GitHub's default is 360. */
  timeoutMinutes: string
  /** A boolean, or an expression of one, as text. */
  continueOnError: string
  outputs: Record<string, string>
  env: Record<string, string>
  matrix?: Matrix
  /** `strategy.fail-fast`: a boolean, or an expression of one, as text. */
  failFast: string
  steps: WorkflowStep[]
}

/** `strategy.matrix`: a list for each dimension, or an expression of a whole mapping or list. */
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
  /** Without it, only the job's limit applies. */
  timeoutMinutes?: string
  continueOnError: string
  work:
    | { kind: 'run'; run: string; shell: Shell; workingDirectory?: string }
    | { kind: 'uses'; uses: string; with: Record<string, string> }
}

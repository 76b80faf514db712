import type { SandboxClock } from '../../clock.js'
import type { Execution, WorkflowJobState } from '../../executor.js'
import type { Value } from '../expression/expression-value.js'
import type { Workflow, WorkflowJob } from '../parse/model.js'
import type { JobControl } from './job-control.js'

/** One job of a run that is about to begin. Each combination of a matrix is a job. */
export interface JobRun {
  execution: Execution
  workflow: Workflow
  job: WorkflowJob
  /** The contexts `github`, `inputs`, `needs`, `matrix`, `strategy`, `vars` and `secrets`. */
  contexts: Record<string, Value>
  control: JobControl
  clock: SandboxClock
  /** Folder for the temporary folders of jobs; created if it does not exist. */
  workDirectory: string
  /** The state of the job that the API shows; changed in place. */
  state: WorkflowJobState
  /** Called after each change of `state`. */
  publish(): void
}

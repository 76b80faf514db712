import type { SandboxClock } from '../../clock.js'
import type { Execution } from '../../executor.js'
import type { Value } from '../expression/expression-value.js'
import type { JobSlots } from './job-slots.js'
import type { ReusedJob } from './reused-jobs.js'
import type { Workflow } from '../parse/model.js'

/** What executes jobs. */
export interface Machine {
  clock: SandboxClock
  slots: JobSlots
  workDirectory: string
}

/** What the jobs of one run share. */
export interface WorkflowRunContext {
  execution: Execution
  workflow: Workflow
  machine: Machine
  /** The contexts `github`, `inputs`, `vars` and `secrets`. */
  contexts: Record<string, Value>
  /** What is not run again, by the id of the job in the file. */
  reused: ReadonlyMap<string, ReusedJob>
  publish(): void
}

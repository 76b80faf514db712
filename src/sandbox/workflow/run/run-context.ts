import type { SandboxClock } from '../../clock.js'
import type { Execution } from '../../executor.js'
import type { Value } from '../expression/expression-value.js'
import type { JobSlots } from './job-slots.js'
import type { ReusedJob } from './reused-jobs.js'
import type { Workflow } from '../parse/model.js'

/** The resources that execute jobs. */
export interface Machine {
  clock: SandboxClock
  slots: JobSlots
  workDirectory: string
}

/** The data that the jobs of one run share. */
export interface WorkflowRunContext {
  execution: Execution
  workflow: Workflow
  machine: Machine
  /** The contexts `github`, `inputs`, `vars` and `secrets`. */
  contexts: Record<string, Value>
  /** The jobs that are not run again, by their ID in the file. */
  reused: ReadonlyMap<string, ReusedJob>
  publish(): void
}

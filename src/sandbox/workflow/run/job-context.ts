import { delimiter, join } from 'node:path'
import type { SandboxClock } from '../../clock.js'
import type { Execution } from '../../executor.js'
import type { CommandFileValues } from './command-files.js'
import type { Scope } from '../expression/expression.js'
import type { StatusFunctions } from '../expression/expression-functions.js'
import type { Value } from '../expression/expression-value.js'
import type { JobLog } from './job-log.js'
import type { JobProcesses } from '../process/process-group.js'
import { githubVariables, machineEnvironment, runnerContext, runnerVariables } from './run-environment.js'
import type { JobFolders } from './run-environment.js'

/** What the executor of one job knows when the job begins. */
export interface JobStart {
  execution: Execution
  clock: SandboxClock
  log: JobLog
  processes: JobProcesses
  folders: JobFolders
  /** In the environment of every process of the job. */
  trackingId: string
  jobId: string
  /** Aborted once the job is to end before its steps do. */
  cancelled: AbortSignal
  /** The contexts `github`, `inputs`, `needs`, `matrix`, `strategy`, `vars` and `secrets`. */
  contexts: Record<string, Value>
}

/** What the steps of one job share, and how it changes from step to step. */
export class JobContext {
  readonly execution: Execution
  readonly clock: SandboxClock
  readonly log: JobLog
  readonly processes: JobProcesses
  readonly folders: JobFolders
  readonly #contexts: Record<string, Value>
  readonly #variables: Record<string, string>
  readonly #cancelled: AbortSignal
  readonly #steps: Record<string, Value> = Object.create(null) as Record<string, Value>
  #failed = false
  #environment: Record<string, string> = {}
  #path: string[] = []

  constructor(start: JobStart) {
    this.execution = start.execution
    this.clock = start.clock
    this.log = start.log
    this.processes = start.processes
    this.folders = start.folders
    this.#cancelled = start.cancelled
    const github = {
      ...(start.contexts.github as Record<string, Value>),
      job: start.jobId,
      workspace: start.folders.workspace,
      event_path: join(start.folders.temp, 'event.json'),
    }
    const runner = runnerContext(start.folders)
    this.#contexts = { ...start.contexts, github, runner }
    this.#variables = { ...githubVariables(github), ...runnerVariables(runner, start.trackingId) }
  }

  /** Where the payload of the event has to be: the path and its text. */
  eventFile(): { path: string; text: string } {
    const github = this.#contexts.github as Record<string, Value>
    return { path: join(this.folders.temp, 'event.json'), text: JSON.stringify(github.event, null, 2) }
  }

  /** Adds to the environment of the steps to come; the later value of a name counts. */
  extend(environment: Record<string, string>): void {
    this.#environment = { ...this.#environment, ...environment }
  }

  /** Takes what a step left for those after it. */
  finishStep(id: string | undefined, values: CommandFileValues, result: { outcome: string; conclusion: string }): void {
    this.extend(values.env)
    this.#path = [...values.path, ...this.#path]
    if (id !== undefined) this.#steps[id] = { outputs: values.outputs, ...result }
  }

  /** A step failed, or something of the job itself. */
  fail(): void {
    this.#failed = true
  }

  /** The state of the job, as `success()` and its like tell it. */
  status(): StatusFunctions {
    const cancelled = this.#cancelled.aborted
    return { success: !this.#failed && !cancelled, failure: this.#failed && !cancelled, cancelled }
  }

  /** What the expressions of a step see, its own `env:` on top. */
  scope(env: Record<string, string> = {}): Scope {
    const job = { status: statusName(this.status()) }
    return { contexts: { ...this.#contexts, steps: this.#steps, job, env: { ...this.#environment, ...env } } }
  }

  /** What an `if:` of a step sees. */
  conditionScope(env: Record<string, string> = {}): Scope {
    return { ...this.scope(env), status: this.status() }
  }

  /** The variables that a workflow, a job or a step set itself, as the log shows them. */
  shownEnvironment(env: Record<string, string>): Record<string, string> {
    return { ...this.#environment, ...env }
  }

  /** The whole environment of a step's process. GITHUB_* and RUNNER_* cannot be changed by a workflow. */
  environment(env: Record<string, string>, files: Record<string, string>): Record<string, string> {
    const all: Record<string, string> = { ...machineEnvironment(this.folders), ...this.#environment, ...env }
    const path = [...this.#path, all.PATH ?? ''].join(delimiter)
    return { ...all, PATH: path, ...this.#variables, ...files }
  }
}

function statusName(status: StatusFunctions): 'success' | 'failure' | 'cancelled' {
  if (status.cancelled) return 'cancelled'
  return status.failure ? 'failure' : 'success'
}

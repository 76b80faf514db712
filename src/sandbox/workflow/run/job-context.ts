import { delimiter, join } from 'node:path'
import type { SandboxClock } from '../../clock.js'
import type { Execution, JobAccess } from '../../executor.js'
import type { CommandFileValues } from './command-files.js'
import type { Scope } from '../expression/expression.js'
import type { StatusFunctions } from '../expression/expression-functions.js'
import type { Value } from '../expression/expression-value.js'
import type { JobLog } from './job-log.js'
import type { JobProcesses } from '../process/process-group.js'
import type { PostStep } from './step-result.js'
import { githubVariables, machineEnvironment, runnerContext, runnerVariables } from './run-environment.js'
import type { JobFolders } from './run-environment.js'

/** The data of one job when it begins. */
export interface JobStart {
  execution: Execution
  access: JobAccess
  clock: SandboxClock
  log: JobLog
  processes: JobProcesses
  folders: JobFolders
  /** Value of RUNNER_TRACKING_ID in the environment of every process of the job. */
  trackingId: string
  jobId: string
  /** Aborted when the job must end before its steps are done. */
  cancelled: AbortSignal
  /** The contexts `github`, `inputs`, `needs`, `matrix`, `strategy`, `vars` and `secrets`. */
  contexts: Record<string, Value>
}

/** The state that the steps of one job share and change. */
export class JobContext {
  readonly execution: Execution
  readonly access: JobAccess
  readonly clock: SandboxClock
  readonly log: JobLog
  readonly processes: JobProcesses
  readonly folders: JobFolders
  /** What its actions do at its end, in the order of their steps. */
  readonly posts: PostStep[] = []
  readonly #contexts: Record<string, Value>
  readonly #variables: Record<string, string>
  readonly #cancelled: AbortSignal
  readonly #steps: Record<string, Value> = Object.create(null) as Record<string, Value>
  #failed = false
  #environment: Record<string, string> = {}
  #path: string[] = []

  constructor(start: JobStart) {
    this.execution = start.execution
    this.access = start.access
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
      token: start.access.token,
    }
    const runner = runnerContext(start.folders)
    const secrets = { ...(start.contexts.secrets as Record<string, Value>), GITHUB_TOKEN: start.access.token }
    this.#contexts = { ...start.contexts, github, runner, secrets }
    this.#variables = { ...githubVariables(github), ...runnerVariables(runner, start.trackingId) }
  }

  /** Returns the path and the text of the event's payload file. */
  eventFile(): { path: string; text: string } {
    const github = this.#contexts.github as Record<string, Value>
    return { path: join(this.folders.temp, 'event.json'), text: JSON.stringify(github.event, null, 2) }
  }

  /** Adds variables to the environment of later steps; the last value of a name wins. */
  extend(environment: Record<string, string>): void {
    this.#environment = { ...this.#environment, ...environment }
  }

  /** Applies the values that a step set for later steps. */
  finishStep(id: string | undefined, values: CommandFileValues, result: { outcome: string; conclusion: string }): void {
    this.extend(values.env)
    this.#path = [...values.path, ...this.#path]
    if (id !== undefined) this.#steps[id] = { outputs: values.outputs, ...result }
  }

  /** Called when a step, or the job itself, fails. */
  fail(): void {
    this.#failed = true
  }

  /** Returns the results of `success()` and the other status functions for the job. */
  status(): StatusFunctions {
    const cancelled = this.#cancelled.aborted
    return { success: !this.#failed && !cancelled, failure: this.#failed && !cancelled, cancelled }
  }

  /** Returns the contexts for the expressions of a step; its own `env:` has precedence. */
  scope(env: Record<string, string> = {}): Scope {
    const job = { status: statusName(this.status()) }
    return { contexts: { ...this.#contexts, steps: this.#steps, job, env: { ...this.#environment, ...env } } }
  }

  /** Returns the contexts and status functions for the `if:` of a step. */
  conditionScope(env: Record<string, string> = {}): Scope {
    return { ...this.scope(env), status: this.status() }
  }

  /** Returns the variables that the workflow, the job or a step sets, which the log shows. */
  shownEnvironment(env: Record<string, string>): Record<string, string> {
    return { ...this.#environment, ...env }
  }

  /** Returns the whole environment of a step's process. A workflow cannot change GITHUB_* and RUNNER_*. */
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

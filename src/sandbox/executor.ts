/**
 * The seam between the sandbox's HTTP API, which owns workflow runs, and what executes one.
 * `process-executor.ts` really executes `run:` steps; `scripted-executor.ts` does what a test tells it.
 */

/** Conclusion of a step or a workflow job, in GitHub's words. */
export type StepConclusion = 'success' | 'failure' | 'cancelled' | 'skipped' | 'timed_out'

/** One step of a workflow job, as `GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs` shows it. Times in ms, UTC. */
export interface StepState {
  number: number
  name: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: StepConclusion | null
  startedAt: number | null
  completedAt: number | null
}

/** One job of a workflow run. */
export interface WorkflowJobState {
  name: string
  /** Id of the job in the workflow file, which the jobs of a matrix share. Where it is missing, the place in the list tells jobs apart. */
  key?: string
  /** What the job hands on to those that need it, for an attempt that does not run it again. */
  outputs?: Record<string, string>
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: StepConclusion | null
  startedAt: number | null
  completedAt: number | null
  steps: StepState[]
  /** The whole log so far, one line per entry, each with GitHub's ISO timestamp in front. */
  log: string[]
}

/** Everything needed to execute one attempt of one workflow run. */
export interface Execution {
  /** `owner/name` */
  repo: string
  runId: number
  runNumber: number
  runAttempt: number
  /** Path of the workflow file, such as `.github/workflows/build.yml`. */
  workflowPath: string
  /** Text of the workflow file at `sha`. */
  workflowText: string
  event: string
  /** Full ref, such as `refs/heads/DPTA-1`. */
  ref: string
  sha: string
  actor: string
  /** Inputs as strings, defaults of the workflow file applied. */
  inputs: Record<string, string>
  /** Of a `repository_dispatch`: its type and payload. */
  dispatch?: { eventType: string; clientPayload: Record<string, unknown> } | null
  /** Where only failed jobs are to be run again: the jobs of the attempt before. What did not fail, nor needs what did, keeps its result. */
  previous?: WorkflowJobState[]
  /** Base address of the server's REST API, handed to the build as GITHUB_API_URL. */
  apiUrl: string
  /** Base address of the server's web pages and git repositories, handed to the build as GITHUB_SERVER_URL. */
  serverUrl: string
  /**
   * Puts the tree of a repository at a ref (default: this run's repository and SHA) into an existing empty folder, with history to push or diff
   * from. Throws with a readable message when the repository or ref does not exist.
   */
  checkout(target: { directory: string; repo?: string; ref?: string }): Promise<void>
  /** A cancel was requested: steps whose `if:` allows it go on. */
  cancelled: AbortSignal
  /** A forced cancel: everything ends at once. */
  killed: AbortSignal
  /** Called whenever a job or a step changes; the array is the present state of all jobs, and may be kept. */
  update(jobs: WorkflowJobState[]): void
}

/** How an attempt ended. */
export interface ExecutionResult {
  conclusion: 'success' | 'failure' | 'cancelled' | 'timed_out' | 'startup_failure' | 'skipped' | (string & {})
}

/** Executes attempts of workflow runs. A throw is a bug: expected failures are conclusions. */
export interface Executor {
  execute(execution: Execution): Promise<ExecutionResult>
}

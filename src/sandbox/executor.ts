/**
 * The interface between the sandbox's HTTP API, which owns workflow runs, and the executors, which execute them.
 * `process-executor.ts` executes `run:` steps; `scripted-executor.ts` follows the script of a test.
 */

/** The conclusion of a step or a workflow job, in GitHub's words. */
export type StepConclusion = 'success' | 'failure' | 'cancelled' | 'skipped' | 'timed_out'

/** One step of a workflow job, as `GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs` shows it. Times are in ms, UTC. */
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
  /** The ID of the job in the workflow file, which the jobs of a matrix share. Without it, the position in the list identifies the job. */
  key?: string
  /** The outputs for dependent jobs, for an attempt that does not run this job again. */
  outputs?: Record<string, string>
  /** `waiting`: the protection rules of its environment hold it back. */
  status: 'queued' | 'in_progress' | 'waiting' | 'completed'
  conclusion: StepConclusion | null
  startedAt: number | null
  completedAt: number | null
  steps: StepState[]
  /** The whole log up to now, one line per entry, each prefixed with GitHub's ISO timestamp. */
  log: string[]
}

/** The input for executing one attempt of one workflow run. */
export interface Execution {
  /** The name as `owner/name`. */
  repo: string
  runId: number
  runNumber: number
  runAttempt: number
  /** The path of the workflow file, such as `.github/workflows/build.yml`. */
  workflowPath: string
  /** The text of the workflow file at `sha`. */
  workflowText: string
  event: string
  /** The full ref, such as `refs/heads/DPTA-1`. */
  ref: string
  sha: string
  actor: string
  /** The inputs as strings, with the defaults of the workflow file applied. */
  inputs: Record<string, string>
  /** The type and payload of a `repository_dispatch`. */
  dispatch?: { eventType: string; clientPayload: Record<string, unknown> } | null
  /** When only failed jobs run again: the jobs of the previous attempt. A job that neither failed nor depends on a failed job keeps its result. */
  previous?: WorkflowJobState[]
  /** The base URL of the server's REST API, passed to the build as GITHUB_API_URL. */
  apiUrl: string
  /** The base URL of the server's web pages and git repositories, passed to the build as GITHUB_SERVER_URL. */
  serverUrl: string
  /**
   * Checks out a repository at a ref (default: the repository and SHA of this run) into an existing empty folder, with the history needed to push or diff.
   * Throws with a readable message if the repository or ref does not exist.
   */
  checkout(target: { directory: string; repo?: string; ref?: string }): Promise<void>
  /**
   * Asks to deploy to an environment. Null: the job may start at once. Otherwise it resolves when the protection rules are satisfied, a reviewer
   * rejected the deployment, or `stop` aborted.
   */
  requestDeployment(environment: string, stop: AbortSignal): Promise<DeploymentVerdict> | null
  /** Gives a job that begins access to its run. */
  openJob(): JobAccess
  /** Aborts when a cancel is requested. Steps whose `if:` allows it still run. */
  cancelled: AbortSignal
  /** Aborts on a forced cancel. All steps end at once. */
  killed: AbortSignal
  /** Called whenever a job or a step changes. The array holds the current state of all jobs, and the receiver may keep it. */
  update(jobs: WorkflowJobState[]): void
}

/** What a job in progress may do in the name of its run, until `close`. */
export interface JobAccess {
  /** `github.token`. */
  token: string
  /** ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL: access to the service for artifacts. */
  runtimeToken: string
  resultsUrl: string
  /** Keeps an artifact of the run. `message` says why it is refused. */
  saveArtifact(artifact: SavedArtifact): { ok: true; id: number; digest: string } | { ok: false; message: string }
  /** Returns the artifacts of the run, the newest of each name. */
  readArtifacts(): { name: string; content: Uint8Array }[]
  /** Must be called when the job has ended. */
  close(): void
}

/** The content of an artifact, a zip file. */
export interface SavedArtifact {
  name: string
  content: Uint8Array
  /** Null: as long as possible. */
  retentionDays: number | null
  /** Whether it replaces an artifact of the same name. */
  overwrite: boolean
}

/** What became of a job that waited for its environment. */
export type DeploymentVerdict = 'approved' | 'rejected' | 'cancelled'

/** How an attempt ended. */
export interface ExecutionResult {
  conclusion: 'success' | 'failure' | 'cancelled' | 'timed_out' | 'startup_failure' | 'skipped' | (string & {})
}

/** Executes attempts of workflow runs. A throw is a bug: expected failures are conclusions. */
export interface Executor {
  execute(execution: Execution): Promise<ExecutionResult>
}

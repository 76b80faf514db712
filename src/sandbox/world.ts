import type { SandboxClock } from './clock.js'
import type { GitStore } from './git/git-store.js'
import type { RateLimits } from './http/rate-limits.js'
import type { LogStore } from './state/log-store.js'
import type { Account, Repository, RunAttempt, WorkflowRun } from './state/model.js'
import type { Directory } from './state/state.js'

/** What the parts of one embedded GitHub share. */
export interface World {
  directory: Directory
  git: GitStore
  clock: SandboxClock
  logs: LogStore
  logLinks: LogLinks
  limits: RateLimits
  runs: RunQueue
  /** Whether a base and a head can be merged, by repository id and both SHAs. */
  testMerges: Map<string, boolean>
  /** Address of web pages and git repositories, without a slash at its end. */
  webUrl(): string
  /** Address of the REST API, without a slash at its end. */
  apiUrl(): string
  /** To be called after each change of the state, so that it is kept, with the repositories (also: their branches) and runs that changed, came or went. */
  changed(...what: (Repository | WorkflowRun)[]): void
}

/** The workflow runs that are queued or in progress. */
export interface RunQueue {
  /** Queues a new attempt of a run; with `failedOnly`, of the jobs that did not succeed in the previous attempt. */
  start(run: WorkflowRun, actor: Account, failedOnly?: boolean): RunAttempt
  /** Asks the current attempt of a run to end; with `force`, at once. A run that is still queued ends here. */
  cancel(run: WorkflowRun, force: boolean): void
  /** Resolves when nothing is running or queued. */
  idle(): Promise<void>
  /** Ends every execution and waits until all have ended. */
  close(): Promise<void>
}

/** Short-lived addresses of logs, which need no authentication. */
export interface LogLinks {
  /** Path of a new link to the log of a job. */
  create(jobId: number): string
  /** The job whose log the key of a link opens, while it is valid. */
  open(key: string): number | null
}

import type { AppKeys } from './apps/app-keys.js'
import type { JobGrants } from './artifacts/job-grants.js'
import type { PendingUploads } from './artifacts/pending-uploads.js'
import type { Transfers } from './artifacts/transfers.js'
import type { SandboxClock } from './clock.js'
import type { GitStore } from './git/git-store.js'
import type { RateLimits } from './http/rate-limits.js'
import type { ArtifactContents } from './state/artifact-contents.js'
import type { LogStore } from './state/log-store.js'
import type { Hook, HookDelivery, HookOwner } from './state/hook.js'
import type { QueueEntry } from './state/merge-queue.js'
import type { Account, DeploymentReview, PullRequest, Repository, RunAttempt, WorkflowRun } from './state/model.js'
import type { Directory } from './state/state.js'
import type { WebhookEvent } from './webhooks/event.js'

/** The parts that all modules of one embedded GitHub share. */
export interface World {
  directory: Directory
  git: GitStore
  clock: SandboxClock
  logs: LogStore
  logLinks: LogLinks
  artifactContents: ArtifactContents
  transfers: Transfers
  uploads: PendingUploads
  jobGrants: JobGrants
  limits: RateLimits
  runs: RunQueue
  webhooks: Webhooks
  mergeQueues: MergeQueues
  /** Whether a base and a head can be merged, by repository ID and both SHAs. */
  testMerges: Map<string, TestMerge>
  /** How long GitHub takes to compute whether a pull request can be merged, from the first question on, ms. */
  mergeabilityDelayMs: number
  /** Generates the keys of an App. */
  generateKeys(): Promise<AppKeys>
  /** The base URL of web pages and git repositories, without a trailing slash. */
  webUrl(): string
  /** The base URL of the REST API, without a trailing slash. */
  apiUrl(): string
  /** Must be called after each change of the state with the repositories (including their branches) and runs that were added, changed or removed. */
  changed(...what: (Repository | WorkflowRun)[]): void
}

/** The result of a test merge. Until `knownAt` (ms, UTC) it is still being computed. */
export interface TestMerge {
  isPossible: boolean
  knownAt: number
}

/** `mergeable` and `mergeable_state` of GET /repos/{owner}/{repo}/pulls/{pull_number}. */
export interface Mergeability {
  mergeable: boolean | null
  state: 'clean' | 'dirty' | 'blocked' | 'draft' | 'unknown'
}

/** The workflow runs that are queued or in progress. */
export interface RunQueue {
  /** Queues a new attempt of a run. With `failedOnly`, the attempt runs only the jobs that did not succeed in the previous attempt. */
  start(run: WorkflowRun, actor: Account, failedOnly?: boolean): RunAttempt
  /** Requests the end of the current attempt of a run, or with `force` ends it at once. A run that is still queued ends here. */
  cancel(run: WorkflowRun, force: boolean): void
  /** Approves or rejects deployments of a run. */
  review(run: WorkflowRun, review: DeploymentReview): void
  /** Resolves when no run is queued, in progress or waiting. */
  idle(): Promise<void>
  /** Cancels every execution and waits until all have ended. */
  close(): Promise<void>
}

/** Short-lived URLs of logs, which require no authentication. */
export interface LogLinks {
  /** Returns the path of a new link to the log of a job. */
  create(jobId: number): string
  /** Returns the job whose log the key of a link opens, while the link is valid. */
  open(key: string): number | null
}

/** The webhooks of repositories, organizations and Apps. */
export interface Webhooks {
  /** Returns the hooks of an owner, oldest first. */
  hooksOf(owner: HookOwner): Hook[]
  /** Adds a hook and pings it. */
  addHook(hook: Hook, sender: Account): void
  /** Removes a hook with its deliveries. */
  removeHook(hook: Hook): void
  /** Delivers an event to every active hook that subscribes to it. It returns at once, and nothing depends on the receivers. */
  emit(event: WebhookEvent): void
  /** Delivers an event to one hook, whatever it subscribes to. */
  deliverTo(hook: Hook, event: WebhookEvent): void
  /** Delivers once more what was delivered before, under the same `guid`. */
  redeliver(hook: Hook, delivery: HookDelivery): void
  /** Returns the deliveries that GitHub shows, oldest first. */
  deliveriesOf(hook: Hook): HookDelivery[]
  /** Resolves when no delivery is on its way. */
  idle(): Promise<void>
  /** Ends the deliveries that are on their way: they have failed. */
  close(): Promise<void>
}

/** The merge queues of all repositories. They act in the background, after a change. */
export interface MergeQueues {
  /** Adds a pull request to the queue of its base branch, if it may be merged there. */
  enqueue(repository: Repository, pull: PullRequest, request: EnqueueRequest): Promise<EnqueueResult>
  /** Removes an entry, and its group. */
  dequeue(repository: Repository, entry: QueueEntry, actor: Account): Promise<void>
  /** Resolves when no queue can do anything before something changes. */
  idle(): Promise<void>
}

export interface EnqueueRequest {
  actor: Account
  /** Whether it goes to the front. */
  jump: boolean
  expectedHeadSha?: string | undefined
}

export type EnqueueResult = { ok: true; entry: QueueEntry } | { ok: false; problem: string }

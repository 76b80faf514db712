import type { CommitRun } from '../../model/change.js'
import type { Failure } from '../../model/failure.js'
import type { FoundRun } from '../../model/build/state/job-state.js'
import type { RepoName } from '../../model/repo-name.js'
import type { PendingDeployment, RunFailure, WorkflowRun } from '../../model/workflow-run.js'
import type { Read } from './read.js'
import type { WriteOptions } from './write-options.js'

export interface DispatchRequest {
  repo: RepoName
  workflow: string
  /** Branch name: the run uses the workflow file and the commit that it names when GitHub handles the request. */
  ref: string
  inputs: Readonly<Record<string, string>>
}

/** The result of a dispatch. `refused`: no run exists; `ambiguous`: it may have started a run; `withheld`: it was never sent. */
export type DispatchResult =
  | { kind: 'accepted'; runId: number; url: string }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'ambiguous'; failure: Failure }
  | { kind: 'withheld' }

/** What started a run. */
export type RunEvent = 'workflow_dispatch' | 'repository_dispatch'

/** What identifies the run of a dispatch whose answer is missing, or of an event, which has no answer with a run. */
export interface RunSearch {
  repo: RepoName
  /** Absent: `workflow_dispatch`. */
  event?: RunEvent
  /** File name below `.github/workflows/`. */
  workflow: string
  /** Branch that was dispatched; for an event the default branch. */
  ref: string
  /** Commit that was planned; null with a marker, which also finds the run of a branch that moved just before. */
  headSha: string | null
  /** GitHub's time of the intent, ms, UTC: only runs created at that second or later count; null: all. */
  createdSince: number | null
  /** GitHub's time, ms, UTC: only runs created before that second count; absent: all. */
  createdUntil?: number
  /** Text in the run's title if the workflow includes the marker; null: it does not. */
  marker: string | null
}

/** The runs of a workflow for one commit of a branch. */
export type RunListing = Pick<RunSearch, 'repo' | 'event' | 'workflow' | 'ref'> & { headSha: string }

/** A run as a listing shows it. */
export interface ListedRun {
  runId: number
  url: string
  /** The workflow's `run-name` where it has one. */
  title: string
  /** GitHub's conclusion of a completed run; null: it is not completed. */
  conclusion: string | null
  /** Login of the user who dispatched it; null: GitHub does not say. */
  actor: string | null
  /** Whether the token's user dispatched it or re-ran it; true if that user is not known. */
  isOwn: boolean
  /** When it changed last, ms, UTC, by GitHub's clock: for a completed run usually its end. */
  updatedAt: number
}

export type RunReading =
  | { kind: 'run'; run: WorkflowRun }
  | { kind: 'absent' }
  | { kind: 'unreadable'; failure: Failure }

/** What is known about a run that is to be read again. */
export interface NextReading {
  repo: RepoName
  runId: number
  /** When its present attempt was dispatched, or first seen, ms, UTC. */
  since: number
  /** How long it usually takes from the dispatch to the end, ms; absent: not known. */
  usualMs?: number | undefined
  /** How many readings there were. */
  count: number
  /** Names the run, so that not all runs are read at the same time. */
  seed: string
  /** Whether the latest reading found it: it did not fail, and the run was there. */
  wasFound: boolean
}

/** How a run is read. */
export interface RunReadingOptions {
  /** False: an unfinished run may come without its attempt, and the answer may take some seconds longer. A completed run always has its attempt. */
  withAttempt: boolean
  /** The commit that it should build; null: not known. */
  headSha: string | null
}

/** A run that failed. */
export interface FailedRun {
  runId: number
  runAttempt: number
  url: string
  /** Whether it waited for an approval when it was read last before its end, so that a reviewer may have rejected it; absent: it did not. */
  hasWaited?: boolean
}

/** `finished`: there was nothing left to cancel (409). */
export type CancelResult = { kind: 'requested' } | { kind: 'finished' } | { kind: 'failed'; failure: Failure }

/** The result of a re-run. `refused`: it did not start. `ambiguous`: only reading the run shows whether it started. */
export type RerunResult =
  | { kind: 'accepted' }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'ambiguous'; failure: Failure }
  | { kind: 'withheld' }

/** Starts, reads and cancels workflow runs. Expected failures are values; a rejection is a bug. */
export interface Builds {
  /**
   * Dispatches a workflow once. It is sent again only after an answer that proves that no run exists: a rate limit, or a server's
   * refusal to return run ids. A server that accepts it without returning a run id leaves the dispatch `ambiguous`.
   * @param beforeSend awaited before each sending, when the limiter releases the request; if it resolves to false, nothing is sent, and
   * the previous answer is the result.
   */
  dispatch(request: DispatchRequest, beforeSend: () => Promise<boolean>): Promise<DispatchResult>
  /**
   * Reads a run. `absent` is only returned after a clean answer about this one run.
   * @param options absent: with its attempt
   */
  readRun(repo: RepoName, runId: number, options?: RunReadingOptions): Promise<RunReading>
  /** Reads which environments a run waits for, and who may approve; empty: it waits for none of them. */
  readPendingDeployments(repo: RepoName, runId: number): Promise<Read<PendingDeployment[]>>
  /**
   * Notes that a webhook reported an unfinished run. Webhooks probably report its end too, so until a cancel or a rerun it is read only in
   * case one is lost: about every two minutes, and at once when the webhook comes.
   */
  noteDelivery(repo: RepoName, runId: number): void
  /** When a run that has not completed is read next, ms, UTC, by the clock port: only this port decides the interval. */
  nextReadingAt(run: NextReading): number
  /** Reads a run as part of its commit; null: a clean answer that this repository has no run of that id. */
  readCommitRun(repo: RepoName, runId: number): Promise<Read<CommitRun | null>>
  /** Lists the dispatched runs that match the search, only those of the token's user if it is known. A listing may lag. */
  findRuns(search: RunSearch): Promise<Read<FoundRun[]>>
  /** Lists the dispatched runs of a workflow for one commit of a branch, of all users. A listing may lag. */
  listRuns(query: RunListing): Promise<Read<ListedRun[]>>
  /** GitHub's time, ms, UTC: its latest Date header plus the time since then; null: no answer yet. Never the local time. */
  serverTime(): number | null
  /** Reads where a run failed, with the last lines of the log, or who rejected its deployment. */
  explainFailure(repo: RepoName, run: FailedRun): Promise<Read<RunFailure>>
  /** Asks GitHub to cancel a run; `force` also skips steps with `if: always()`. */
  cancelRun(repo: RepoName, runId: number, options: WriteOptions & { force: boolean }): Promise<CancelResult>
  /**
   * Reruns the failed jobs of a completed run as its next attempt. Sent once, and again only after a rate limit.
   * @param beforeSend awaited before each sending, when the limiter releases the request; if it resolves to false, nothing is sent.
   */
  rerunFailedJobs(repo: RepoName, runId: number, beforeSend: () => Promise<boolean>): Promise<RerunResult>
}

import type { CommitRun } from '../../model/change.js'
import type { Failure } from '../../model/failure.js'
import type { FoundRun } from '../../model/build/orchestration.js'
import type { RepoName } from '../../model/repo-name.js'
import type { RunFailure, WorkflowRun } from '../../model/workflow-run.js'
import type { Read } from './read.js'
import type { WriteOptions } from './write-options.js'

export interface DispatchRequest {
  repo: RepoName
  workflow: string
  /** Branch name: the run uses the workflow file and the commit that it names when GitHub handles the request. */
  ref: string
  inputs: Readonly<Record<string, string>>
}

/** What became of a dispatch. `refused` is proven absence; `ambiguous` may have started a run; `withheld` was never sent. */
export type DispatchResult =
  | { kind: 'accepted'; runId: number; url: string }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'ambiguous'; failure: Failure }
  | { kind: 'withheld' }

/** What tells the run of a dispatch whose answer is missing. */
export interface RunSearch {
  repo: RepoName
  /** File name below `.github/workflows/`. */
  workflow: string
  /** Branch that was dispatched. */
  ref: string
  /** Commit that was planned; null with a marker, which also finds the run of a branch that moved just before. */
  headSha: string | null
  /** GitHub's time of the intent, ms, UTC: only runs created at that second or later count; null: all. */
  createdSince: number | null
  /** Text that the run's title holds where the workflow carries the marker; null: it carries none. */
  marker: string | null
}

/** A run as a listing shows it. */
export interface ListedRun {
  runId: number
  url: string
  /** The workflow's `run-name` where it has one. */
  title: string
  /** GitHub's word once it is completed; null: it still goes on. */
  conclusion: string | null
}

export type RunReading =
  | { kind: 'run'; run: WorkflowRun }
  | { kind: 'absent' }
  | { kind: 'unreadable'; failure: Failure }

/** What is known of a run that should be read again. */
export interface NextReading {
  /** When its present attempt was dispatched, or first seen, ms, UTC. */
  since: number
  /** How long it usually takes from the dispatch to the end, ms; left out: not known. */
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

/** `finished`: there was nothing left to cancel (409). */
export type CancelResult = { kind: 'requested' } | { kind: 'finished' } | { kind: 'failed'; failure: Failure }

/** What became of a re-run. `refused`: it did not begin. `ambiguous`: the run itself tells. */
export type RerunResult =
  | { kind: 'accepted' }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'ambiguous'; failure: Failure }
  | { kind: 'withheld' }

/** Starts, watches and ends workflow runs. Expected failures are values; nothing here rejects but for bugs. */
export interface Builds {
  /**
   * Dispatches a workflow, once: it is never sent again but after two answers that prove that no run exists: GitHub's rate limit, and
   * the refusal of a server to tell a run id. A server that tells none leaves the dispatch `ambiguous`.
   * @param beforeSend awaited when the limiter lets the request go, and again when it does so after a rate limit; when it resolves to
   * false, nothing is sent, and what GitHub answered before stands.
   */
  dispatch(request: DispatchRequest, beforeSend: () => Promise<boolean>): Promise<DispatchResult>
  /**
   * Reads a run. `absent` is only returned after a clean answer about this one run.
   * @param options left out: with its attempt
   */
  readRun(repo: RepoName, runId: number, options?: RunReadingOptions): Promise<RunReading>
  /** When a run that has not completed should be read next, ms, UTC, by the clock port: the port alone decides how often it reads. */
  nextReadingAt(run: NextReading): number
  /** A run with what a reading of its commit would tell; null: GitHub cleanly knows none of that number in this repository. */
  readCommitRun(repo: RepoName, runId: number): Promise<Read<CommitRun | null>>
  /** Runs by workflow_dispatch that could be the one looked for; by the token's own user where GitHub says who that is. A listing may lag. */
  findRuns(search: RunSearch): Promise<Read<FoundRun[]>>
  /** Runs of a workflow by workflow_dispatch for one commit of a branch; by the token's own user where GitHub says who that is. A listing may lag. */
  listRuns(query: { repo: RepoName; workflow: string; ref: string; headSha: string }): Promise<Read<ListedRun[]>>
  /** GitHub's time by its latest Date header and this clock's progress since, ms, UTC; null: it has not answered yet. Never the local time. */
  serverTime(): number | null
  /** Where a run that did not succeed failed, with the last lines of the log. */
  explainFailure(repo: RepoName, run: { runId: number; runAttempt: number; url: string }): Promise<Read<RunFailure>>
  /** Asks GitHub to cancel a run; `force` skips what its workflow would still do (`if: always()`). */
  cancelRun(repo: RepoName, runId: number, options: WriteOptions & { force: boolean }): Promise<CancelResult>
  /**
   * Runs the failed jobs of a completed run again, in its next attempt. Sent once, and again only after a rate limit.
   * @param beforeSend awaited each time the limiter lets the request go; when it resolves to false, nothing is sent.
   */
  rerunFailedJobs(repo: RepoName, runId: number, beforeSend: () => Promise<boolean>): Promise<RerunResult>
}

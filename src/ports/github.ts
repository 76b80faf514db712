import type {
  CommitRun,
  CommitStatus,
  EarlierStatus,
  ListedStatus,
  PullRequest,
  PullRequestState,
  RepositoryReading,
  StatusState,
} from '../model/change.js'
import type { Failure } from '../model/failure.js'
import type { FoundRun } from '../model/build/orchestration.js'
import type { RepoName } from '../model/repo-name.js'
import type { RunFailure, WorkflowRun } from '../model/workflow-run.js'

/** A value, or why there is none. */
export type Read<T> = { ok: true; value: T } | { ok: false; failure: Failure }

export interface ChangeQuery {
  branch: string
  statusContext: string
  /** Each repository once; with the workflow files (names below `.github/workflows/`) to read at the head and on the default branch. */
  repositories: readonly { repo: RepoName; workflows: readonly string[] }[]
  /** Also the statuses `<statusContext>/<job>` on the heads, with the runs and the earlier heads that come along: for planning. */
  jobStatuses?: boolean
  /** How often the same has been asked for already; left out: never. What is asked for again and again may be asked for in another way. */
  repeated?: number
}

/** An open pull request of this repository itself (never a fork's) with the newest status of the context on its head. */
export interface PullRequestWithStatus {
  pullRequest: PullRequest
  status: CommitStatus | null
}

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
  { kind: 'run'; run: WorkflowRun } | { kind: 'absent' } | { kind: 'unreadable'; failure: Failure }

/** How runs are watched at present, by all orchestrations of this process together. */
export interface RunWatch {
  /** How many unfinished runs there are. */
  runs: number
  /** Whether those that are looked at in the same moment are read in one request, which counts; else one by one, where what is unchanged does not count. */
  isTogether: boolean
  /** What is left of the hour's requests that such readings count among, and when it begins anew, ms, UTC, by the clock; null: not known, or without end. */
  allowance: { remaining: number; size: number; resetsAt: number } | null
}

/** `finished`: there was nothing left to cancel (409). */
export type CancelResult = { kind: 'requested' } | { kind: 'finished' } | { kind: 'failed'; failure: Failure }

/** `withheld`: `beforeSend` said no, so that nothing was sent. */
export type PostResult =
  { kind: 'posted'; status: ListedStatus } | { kind: 'failed'; failure: Failure } | { kind: 'withheld' }

/** What became of a re-run. `refused`: it did not begin. `ambiguous`: the run itself tells. */
export type RerunResult =
  | { kind: 'accepted' }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'ambiguous'; failure: Failure }
  | { kind: 'withheld' }

/** How a write goes out. */
export interface WriteOptions {
  /** Past the spacing of writes, at once: for what must be done in the seconds after a signal. */
  urgent: boolean
  /** After every other write that waits: for what nobody waits for. Left out: no. */
  last?: boolean
}

export interface StatusPost {
  repo: RepoName
  headSha: string
  context: string
  state: StatusState
  /** 140 characters at most. */
  description: string
  targetUrl: string
}

/** GitHub, as far as orch needs it. Expected failures are values; nothing here rejects but for bugs. */
export interface GitHub {
  /** Reads a change across repositories: one reading for each repository asked for, in that order. */
  readChange(query: ChangeQuery): Promise<RepositoryReading[]>
  /** Open same-repository pull requests whose head branch `matches`, of each repository, in that order. */
  readPullRequests(query: {
    repositories: readonly RepoName[]
    statusContext: string
    matches: (headRef: string) => boolean
  }): Promise<{ repo: RepoName; read: Read<PullRequestWithStatus[]> }[]>
  /** One pull request, open or not. */
  readPullRequest(repo: RepoName, number: number): Promise<Read<PullRequestState>>
  /** Names of the branches that start with `prefix`, at most a few hundred. */
  listBranches(repo: RepoName, prefix: string): Promise<Read<string[]>>
  /**
   * Dispatches a workflow, once: it is never sent again but after two answers that prove that no run exists: GitHub's rate limit, and
   * the refusal of a server to tell a run id. A server that tells none leaves the dispatch `ambiguous`.
   * @param beforeSend awaited when the limiter lets the request go, and again when it does so after a rate limit; when it resolves to
   * false, nothing is sent, and what GitHub answered before stands.
   */
  dispatch(request: DispatchRequest, beforeSend: () => Promise<boolean>): Promise<DispatchResult>
  /**
   * Reads a run. Never `absent` but by a clean answer about this one run.
   * @param among given, it may be read together with others that are asked for in the same moment: then an unfinished run may come without
   * its attempt, a completed one never. `headSha`: the commit that it should build, where it is looked for first; null: not known.
   */
  readRun(repo: RepoName, runId: number, among?: { headSha: string | null }): Promise<RunReading>
  /** What the times of the looks at runs follow. */
  watchedRuns(): RunWatch
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
  /**
   * The newest status of the context on each commit that was the head of the branch before and has one: of the latest pushes, and of
   * those in `known`. Heads of open pull requests are left out.
   */
  readEarlierStatuses(query: {
    branch: string
    statusContext: string
    repositories: readonly { repo: RepoName; known: readonly string[] }[]
  }): Promise<{ repo: RepoName; read: Read<EarlierStatus[]> }[]>
  /**
   * Posts a commit status; safe to repeat.
   * @param beforeSend awaited each time the limiter lets a request go (also a repeated one); when it resolves to false, nothing is sent.
   */
  postStatus(post: StatusPost, options: WriteOptions, beforeSend: () => Promise<boolean>): Promise<PostResult>
  /**
   * Statuses of one context on a commit, newest first: all of them, or the newest alone, or at least all that were created at
   * `downTo` (ms, UTC) or later.
   */
  listStatuses(query: {
    repo: RepoName
    headSha: string
    context: string
    downTo?: number
    newestOnly?: boolean
  }): Promise<Read<ListedStatus[]>>
  /**
   * Login of the token's user; null: GitHub does not say (an installation's token, such as GITHUB_TOKEN, has none over REST).
   * @param repo the repository that a failure names
   */
  login(repo: RepoName): Promise<Read<string | null>>
}

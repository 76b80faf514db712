import type { Failure } from './failure.js'

/** GitHub's run of a workflow, as of one reading (GET /repos/{o}/{r}/actions/runs/{run_id}). */
export interface WorkflowRun {
  id: number
  headSha: string
  /** GitHub's status: `queued`, `in_progress`, `completed`, `waiting`, …; unknown ones keep waiting (law 9). */
  status: string
  /** GitHub's conclusion once `status` is `completed`; unknown ones fail (law 9). */
  conclusion: string | null
  /** GitHub's re-run counter, from 1; null: unknown, because GraphQL does not return it. */
  runAttempt: number | null
  /** Page for people. */
  url: string
}

/** A run attempt that GitHub has concluded. */
export type CompletedRun = WorkflowRun & { conclusion: string; runAttempt: number }

/** Whether GitHub has concluded this run attempt. False if the attempt is unknown: the conclusion may be an earlier attempt's. */
export function isCompleted(run: WorkflowRun): run is CompletedRun {
  return run.status === 'completed' && run.conclusion !== null && run.runAttempt !== null
}

/** Whether none of the run's workflow jobs is in progress: it waits for a runner, a concurrency slot or an approval. */
export function isQueued(run: WorkflowRun): boolean {
  return ['requested', 'queued', 'pending'].includes(run.status) || isAwaitingApproval(run)
}

/**
 * Whether the run waits for a person or a wait timer: for the protection rules of an environment, or for the approval of a first-time
 * contributor. It may wait before its first workflow job or between two of them. Such time counts towards no timeout of a build.
 */
export function isAwaitingApproval({ status }: WorkflowRun): boolean {
  return status === 'waiting' || status === 'action_required'
}

/** An environment whose protection rules hold a run back (GET /repos/{o}/{r}/actions/runs/{run_id}/pending_deployments). Text is untrusted. */
export interface PendingDeployment {
  environment: string
  /** Logins of users, and `team <slug>`, one of whom must approve; empty: nobody has to. */
  reviewers: readonly string[]
  /** When its wait timer ends, ms, UTC; null: it has none. */
  timerEndsAt: number | null
}

/** Where a failed run failed, for a reader. All text is untrusted. */
export interface RunFailure {
  /** Name of the workflow job that failed first; null: GitHub names none, as for a startup failure. */
  workflowJob: string | null
  step: string | null
  /** Page of that workflow job, or of the run. */
  url: string
  /** Last lines of its log without timestamps; empty: it has no log. */
  logTail: readonly string[]
  /** Why the log could not be read; absent: it was read, or there is none. */
  logFailure?: Failure
  /** A reviewer rejected its deployment, so that it has no failed step and no log; absent: nobody did, as far as is known. */
  rejection?: Rejection
}

/** The review that rejected a deployment. All text is untrusted. */
export interface Rejection {
  environments: readonly string[]
  /** Login of the reviewer. */
  by: string
  /** Empty: none. */
  comment: string
}

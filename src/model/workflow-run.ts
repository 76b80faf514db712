import type { Failure } from './failure.js'

/** GitHub's run of a workflow, as one reading shows it (GET /repos/{o}/{r}/actions/runs/{run_id}). */
export interface WorkflowRun {
  id: number
  headSha: string
  /** GitHub's word: `queued`, `in_progress`, `completed`, `waiting`, …; unknown ones keep waiting (law 9). */
  status: string
  /** GitHub's word once `status` is `completed`; unknown ones fail (law 9). */
  conclusion: string | null
  /** GitHub's re-run counter, from 1; null: not told, as by GraphQL. */
  runAttempt: number | null
  /** Page for people. */
  url: string
}

/** A run attempt on which GitHub has said its last word. */
export type CompletedRun = WorkflowRun & { conclusion: string; runAttempt: number }

/** Whether GitHub has said its last word on this run attempt. Of an attempt that was not told it has not: it may be another one's. */
export function isCompleted(run: WorkflowRun): run is CompletedRun {
  return run.status === 'completed' && run.conclusion !== null && run.runAttempt !== null
}

/** Whether the run waits for a runner, an approval or a concurrency slot: such time counts towards the queue timeout. */
export function isQueued(run: WorkflowRun): boolean {
  return ['requested', 'queued', 'pending', 'waiting'].includes(run.status)
}

/** Where a failed run failed, for the reader. All text is untrusted. */
export interface RunFailure {
  /** Name of the workflow job that failed first; null: GitHub names none (such as a startup failure). */
  workflowJob: string | null
  step: string | null
  /** Page of that workflow job, or of the run. */
  url: string
  /** Last lines of its log without timestamps; empty when it has none. */
  logTail: readonly string[]
  /** Why the log could not be read, though there may be one. */
  logFailure?: Failure
}

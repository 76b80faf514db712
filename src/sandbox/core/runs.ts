import type { RunAttempt, WorkflowRun } from '../state/model.js'

/** Returns the newest attempt of a run. */
export function currentAttempt(run: WorkflowRun): RunAttempt {
  const attempt = run.attempts.at(-1)
  if (attempt === undefined) throw new Error(`run ${run.id} has no attempt`)
  return attempt
}

/** Returns the branch of a run, or null if the run was dispatched on a tag. */
export function branchNameOf(run: WorkflowRun): string | null {
  return run.ref.startsWith('refs/heads/') ? run.ref.slice('refs/heads/'.length) : null
}

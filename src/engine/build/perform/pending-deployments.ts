import { findJob } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'

/** Reads what a run waits for. A failure is only shown: it does not affect the orchestration. */
export async function readPendingDeployments(
  context: ActionContext,
  { job }: ActionOf<'read-pending-deployments'>,
): Promise<void> {
  const { repo } = findJob(context, job)
  const before = context.state().jobs.get(job)
  if (before?.phase !== 'running') return
  const { runId, url } = before
  const { waitingSince } = before.observation
  const read = await context.github.readPendingDeployments(repo, runId)
  const { deployments, failure } = read.ok
    ? { deployments: read.value, failure: null }
    : { deployments: null, failure: read.failure }
  // If the run went on while this was read, the answer is outdated.
  const isStillWaiting = (): boolean => {
    const now = context.state().jobs.get(job)
    return waitingSince !== null && now?.phase === 'running' && now.observation.waitingSince === waitingSince
  }
  await context.emit(
    { type: 'pending-deployments-read', job, runId, url: before.observation.run?.url ?? url, deployments, failure },
    isStillWaiting,
  )
}

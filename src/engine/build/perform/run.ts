import { assertNever } from '../../../lib/assert-never.js'
import type { EventBody } from '../../../model/build/events.js'
import type { Intent } from '../../kernel/intent.js'
import { withIntent } from '../../kernel/intent.js'
import { actionKey } from '../decide/actions.js'
import { findJob } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'

export async function cancel(
  context: ActionContext,
  { job, runId, reason, force, urgent }: ActionOf<'cancel'>,
): Promise<void> {
  const { repo } = findJob(context, job)
  // Emitted as a fact, not an intent: a repeated cancel has no effect, and the cancel must be sent even when the journal is lost.
  await context.emit({ type: 'cancel-requested', job, runId, reason, force })
  const result = await context.github.cancelRun(repo, runId, { force, urgent })
  switch (result.kind) {
    case 'requested':
    case 'finished':
      return context.emit({ type: 'cancel-answered', job, runId, result: result.kind })
    case 'failed':
      return context.emit({ type: 'cancel-failed', job, runId, failure: result.failure })
    default:
      return assertNever(result)
  }
}

export async function rerun(context: ActionContext, action: ActionOf<'rerun'>): Promise<void> {
  const { job, runId, fromAttempt } = action
  const { repo } = findJob(context, job)
  const isWanted = (): boolean => {
    const { jobs, interrupted } = context.state()
    const state = jobs.get(job)
    return interrupted === null && state?.phase === 'running' && state.rerun?.fromAttempt === fromAttempt
  }
  const intent: Intent<EventBody> = {
    key: actionKey(action),
    event: () => ({ type: 'rerun-requested', job, runId, fromAttempt }),
    // Each journaled intent counts as one of the retries that the graph file allows.
    again: { isWanted, isJournaled: false },
  }
  const result = await withIntent(context, intent, (beforeSend) =>
    context.github.rerunFailedJobs(repo, runId, beforeSend),
  )
  if (result.kind === 'withheld') return
  const failure = result.kind === 'accepted' ? null : result.failure
  const isRunning = (): boolean => context.state().jobs.get(job)?.phase === 'running'
  await context.emit({ type: 'rerun-answered', job, runId, result: result.kind, failure }, isRunning)
}

export async function explain(context: ActionContext, { job }: ActionOf<'explain'>): Promise<void> {
  const { repo } = findJob(context, job)
  const settled = context.state().jobs.get(job)
  if (settled?.phase !== 'settled' || settled.runId === null) throw new Error(`${job} has no run to explain`)
  const { runId, runAttempt, url, awaited } = settled
  const run = { runId, runAttempt: runAttempt ?? 1, url: url ?? '', hasWaited: awaited !== undefined }
  const read = await context.github.explainFailure(repo, run)
  const isSettled = (): boolean => context.state().jobs.get(job)?.phase === 'settled'
  if (read.ok)
    return context.emit({ type: 'failure-explained', job, explanation: read.value, failure: null }, isSettled)
  return context.emit({ type: 'failure-explained', job, explanation: null, failure: read.failure }, isSettled)
}

import { cancelAttempt, openAttempt, withAttempt } from '../model/flow/flow-progress.js'
import { hasEnded, lastAttempt } from '../model/flow/flow-run.js'
import type { FlowRun } from '../model/flow/flow-run.js'
import type { FlowStore } from '../ports/flow-store.js'

export type RunCancellation =
  /** Its attempts that wait are cancelled, and the one that runs is asked to end. */
  { kind: 'requested'; run: FlowRun } | { kind: 'ended'; run: FlowRun } | { kind: 'absent' }

/** Cancels every attempt of a run that has not ended. `by`: who asks. */
export async function cancelRun(
  { store, now }: { store: FlowStore; now: () => number },
  id: string,
  by: string,
): Promise<RunCancellation> {
  const before = await store.readRun(id)
  if (!before) return { kind: 'absent' }
  if (!openAttempt(before)) return { kind: 'ended', run: before }
  const run = await store.updateRun(id, (current) =>
    current.attempts
      .filter(({ status }) => !hasEnded(status))
      .reduce((changed, attempt) => withAttempt(changed, cancelAttempt(attempt, by, now())), current),
  )
  if (!run) return { kind: 'absent' }
  const wasAsked = openAttempt(run) !== null || lastAttempt(run).status === 'cancelled'
  return wasAsked ? { kind: 'requested', run } : { kind: 'ended', run }
}

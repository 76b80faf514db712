import type { SandboxClock } from '../../clock.js'
import { aborted } from '../process/child-process.js'

/** GitHub ends by force what a cancel has not ended after five minutes (ms). */
const forcedAfter = 5 * 60_000

/** What can end a job before its steps do. */
export interface JobControl {
  /** The job is to end: steps go on only where their `if:` holds for a cancelled job. */
  cancelled: AbortSignal
  /** Everything of the job ends at once. */
  killed: AbortSignal
  /** Cancels this job alone. */
  cancel(): void
  /** The job is over: no timer of it may go on. */
  finish(): void
}

/**
 * The control of one job. A cancel of the run, or of the other jobs of its matrix, reaches it only when `holdsAfterCancel` (its `if:` evaluated
 * again) is false, as on GitHub.
 */
export function createJobControl(
  clock: SandboxClock,
  run: { cancelled: AbortSignal; killed: AbortSignal },
  holdsAfterCancel: () => boolean,
): JobControl {
  const cancelled = new AbortController()
  const killed = new AbortController()
  const finished = new AbortController()
  const onCancel = (): void => {
    if (!holdsAfterCancel()) cancelled.abort()
  }
  const onKill = (): void => {
    killed.abort()
    cancelled.abort()
  }
  if (run.killed.aborted) onKill()
  else if (run.cancelled.aborted) onCancel()
  run.cancelled.addEventListener('abort', onCancel)
  run.killed.addEventListener('abort', onKill)
  void forceAfterCancel(clock, cancelled.signal, finished.signal, () => killed.abort())
  return {
    cancelled: cancelled.signal,
    killed: killed.signal,
    cancel: () => cancelled.abort(),
    finish() {
      run.cancelled.removeEventListener('abort', onCancel)
      run.killed.removeEventListener('abort', onKill)
      finished.abort()
    },
  }
}

async function forceAfterCancel(
  clock: SandboxClock,
  cancelled: AbortSignal,
  finished: AbortSignal,
  force: () => void,
): Promise<void> {
  await aborted(AbortSignal.any([cancelled, finished]))
  await clock.sleep(forcedAfter, finished)
  if (!finished.aborted) force()
}

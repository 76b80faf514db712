import type { SandboxClock } from '../../clock.js'
import { aborted } from '../process/child-process.js'

/** Time after a cancel at which GitHub kills the processes that still run: five minutes (ms). */
const forcedAfter = 5 * 60_000

/** The signals that end a job before its steps are done. */
export interface JobControl {
  /** Aborted when the job is cancelled. Only steps whose `if:` is true for a cancelled job still run. */
  cancelled: AbortSignal
  /** Aborted when all processes of the job must end at once. */
  killed: AbortSignal
  /** Cancels only this job. */
  cancel(): void
  /** Called when the job has ended; clears its timers. */
  finish(): void
}

/**
 * Creates the control of one job. As on GitHub, a cancel of the run or of its matrix reaches the job only if `holdsAfterCancel`, its `if:` evaluated
 * after the cancel, is false.
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

import { assertNever } from '../../../lib/assert-never.js'
import type { Event } from '../../../model/build/events.js'
import type { Observation, RunningJob } from '../../../model/build/state/job-state.js'
import { isAwaitingApproval, isCompleted, isQueued } from '../../../model/workflow-run.js'
import { changedObservation, changedRunning } from './changed.js'
import type { WorkflowRun } from '../../../model/workflow-run.js'

type ObservationEvent = DistributiveOmit<
  Extract<Event, { type: 'run-observed' | 'run-absent' | 'observation-failed' }>,
  'job'
>

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** Returns a job after one reading of its run. */
export function observed(job: RunningJob, event: ObservationEvent): RunningJob {
  const previous = job.observation
  const { at, nextAt } = event
  const count = previous.count + 1
  switch (event.type) {
    case 'run-observed': {
      const run = withAttempt(event.run, previous.run)
      const isNewAttempt = previous.run !== null && isLaterAttempt(run, previous.run.runAttempt ?? 1)
      const before = isNewAttempt ? null : previous.inProgressSince
      const inProgressSince = before ?? (isQueued(run) ? null : at)
      const isNewPeriod = isNewAttempt || (before === null && inProgressSince !== null)
      const isShown = job.rerun !== null && isLaterAttempt(run, job.rerun.fromAttempt)
      const { waitingSince, waitedMs } = waitAfter(job, { run, at, isNewAttempt, isNewPeriod })
      const observation: Observation = {
        count,
        triedAt: at,
        lastAt: at,
        run,
        inProgressSince,
        waitingSince,
        waitedMs,
        absentSince: null,
        failure: null,
        nextAt,
      }
      return changedRunning(job, {
        observation,
        rerun: isShown ? null : job.rerun,
        attemptSince: isNewAttempt ? at : job.attemptSince,
        inProgressAt: job.inProgressAt ?? leftQueueAt(job, event),
        awaited: isAwaitedKept(job, observation, isNewAttempt) ? job.awaited : undefined,
      })
    }
    case 'run-absent': {
      const absentSince = previous.absentSince ?? at
      const absent = { count, triedAt: at, lastAt: at, absentSince, failure: null, nextAt }
      return changedRunning(job, { observation: changedObservation(previous, absent) })
    }
    case 'observation-failed': {
      const failed = { count, triedAt: at, failure: event.failure, nextAt }
      return changedRunning(job, { observation: changedObservation(previous, failed) })
    }
    default:
      return assertNever(event)
  }
}

/** The time at which the run left the queue. For a run that was never observed in progress, it is the last reading before its completion. */
function leftQueueAt({ dispatchedAt, observation }: RunningJob, { run, at }: { run: WorkflowRun; at: number }) {
  if (isQueued(run)) return undefined
  return isCompleted(run) ? (observation.lastAt ?? dispatchedAt) : at
}

/** Fills in the attempt of a reading without one: it is the last known attempt. A completed run always has its own attempt. */
function withAttempt(run: WorkflowRun, previous: WorkflowRun | null): WorkflowRun {
  return run.runAttempt !== null || run.status === 'completed'
    ? run
    : { ...run, runAttempt: previous?.runAttempt ?? null }
}

function isLaterAttempt({ runAttempt }: WorkflowRun, before: number): boolean {
  return runAttempt !== null && runAttempt > before
}

/**
 * Returns since when the run waits for an approval, and how long it waited before in the same period. The time before the first reading
 * that shows it waiting, or after the last one, counts as waiting: nobody may have read the run for hours.
 */
function waitAfter(
  { observation: previous, attemptSince }: RunningJob,
  { run, at, isNewAttempt, isNewPeriod }: { run: WorkflowRun; at: number; isNewAttempt: boolean; isNewPeriod: boolean },
): Pick<Observation, 'waitingSince' | 'waitedMs'> {
  const { waitedMs, waitingSince, lastAt } = previous
  const before = isNewPeriod ? 0 : waitedMs
  if (!isAwaitingApproval(run)) {
    const isOver = waitingSince !== null && !isNewPeriod
    return { waitingSince: null, waitedMs: isOver ? before + at - waitingSince : before }
  }
  if (isNewAttempt) return { waitingSince: at, waitedMs: 0 }
  return waitingSince === null
    ? { waitingSince: at, waitedMs: before + at - (lastAt ?? attemptSince) }
    : { waitingSince, waitedMs }
}

/** The approval is forgotten once the run continues. At the end of the run or after our cancel it stays, because it may be the reason of the end. */
function isAwaitedKept({ cancel }: RunningJob, { run, waitingSince }: Observation, isNewAttempt: boolean): boolean {
  const isEnding = cancel !== null || (run !== null && isCompleted(run))
  return !isNewAttempt && (waitingSince !== null || isEnding)
}

import { deadlineOf } from '../../../model/build/orchestration.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { Observation, RunningJob } from '../../../model/build/state/job-state.js'
import type { VerificationResult, VerificationStage } from '../../../model/build/state/verification.js'
import type { Job } from '../../../model/graph.js'
import { isAwaitingApproval, isCompleted, isQueued } from '../../../model/workflow-run.js'
import type { WorkflowRun } from '../../../model/workflow-run.js'
import type { RunReading } from '../../../ports/host/builds.js'
import type { EventTiming } from '../../kernel/event-log.js'
import { attemptDeadline } from '../state/attempt-deadline.js'

/** A reading of a run. `requestedAt` is the time of the request, ms, UTC; null if the reading was pushed. */
export interface TimedReading {
  reading: RunReading
  requestedAt: number | null
}

/** A running job and the input of its deadlines. */
interface Watched {
  orchestration: Orchestration
  job: Job
  state: RunningJob
}

/**
 * The longest time without a journal entry while readings find nothing new, ms. A resume counts the time since the latest entry as time
 * without a process, and extends the deadline of the orchestration by it.
 */
const journalSilenceLimitMs = 5 * 60_000

/**
 * Whether a reading of a run must be journaled and reported. A reading equal to the one before changes only the time of the next one.
 * The first reading after a deadline is needed, because the deadline fires by it (law 5), and so is the first reading of a process.
 */
export function mustReport(watched: Watched, run: WorkflowRun, { at, journaledAt, openedAt }: EventTiming): boolean {
  const { observation, cancel, rerun } = watched.state
  const known = observation.run
  if ((observation.triedAt ?? openedAt) <= openedAt) return true
  if (known === null || observation.failure !== null || observation.absentSince !== null) return true
  if (cancel !== null || rerun !== null || watched.orchestration.tokenRefusal !== null) return true
  const isSame =
    run.status === known.status &&
    run.conclusion === known.conclusion &&
    run.headSha === known.headSha &&
    (run.runAttempt === null || run.runAttempt === known.runAttempt)
  if (!isSame || run.status === 'completed') return true
  return at >= firstDeadline(watched) || at >= journaledAt + journalSilenceLimitMs
}

/**
 * Whether a reading of the change must be journaled and reported. During the builds, one that shows as little as the one before changes
 * only the time of the next one. The first one of a process is needed, because a resume forgets the earlier ones.
 */
export function mustReportChange(
  { verifications, tokenRefusal }: Orchestration,
  { stage, result }: { stage: VerificationStage; result: VerificationResult },
  { at, journaledAt }: EventTiming,
): boolean {
  const known = verifications[stage]
  if (stage !== 'while-building' || known === undefined || tokenRefusal !== null) return true
  return !isSameResult(known.result, result) || at >= journaledAt + journalSilenceLimitMs
}

function isSameResult(known: VerificationResult, result: VerificationResult): boolean {
  if (known.kind !== 'unchanged' || result.kind !== 'unchanged') return false
  const mergedOf = ({ merged }: typeof known): string => JSON.stringify(merged)
  return mergedOf(known) === mergedOf(result)
}

/**
 * Whether a reading shows the run as it is now. A poll does, unless a push arrived while it was in flight. Pushes may arrive late and out
 * of order, so a push counts only if it shows more progress than is known. A deadline fires only after an observation later than it
 * (law 5), so the push of an active run counts only while no deadline has passed, no cancel is in progress and the run is not missing.
 */
export function isCurrent(watched: Watched, { reading, requestedAt }: TimedReading, now: number): boolean {
  const { observation, cancel } = watched.state
  if (requestedAt !== null && (observation.triedAt === null || observation.triedAt <= requestedAt)) return true
  if (reading.kind !== 'run' || !showsMore(reading.run, observation)) return false
  if (isCompleted(reading.run)) return true
  return cancel === null && observation.absentSince === null && now < firstDeadline(watched)
}

function firstDeadline({ orchestration, job, state }: Watched): number {
  return Math.min(attemptDeadline(job, state).at, deadlineOf(orchestration))
}

/**
 * Whether a run is in a later attempt, or further in the same attempt. A reading without its attempt may be of an earlier one, and one in
 * progress may be from before the run waited for an approval between two of its workflow jobs.
 */
function showsMore(run: WorkflowRun, { run: known, inProgressSince }: Observation): boolean {
  if (run.runAttempt === null) return false
  if (known === null) return true
  const step = run.runAttempt - (known.runAttempt ?? 1)
  const isBetweenJobs = isAwaitingApproval(known) && inProgressSince !== null
  return step > 0 || (step === 0 && progressOf(run) > (isBetweenJobs ? 1 : progressOf(known)))
}

function progressOf(run: WorkflowRun): number {
  if (run.status === 'completed') return 2
  return isQueued(run) ? 0 : 1
}

import type { Job } from '../../../model/graph.js'
import { deadlineOf } from '../../../model/build/orchestration.js'
import type { Orchestration, RunningJob } from '../../../model/build/orchestration.js'
import type { WorkflowRun } from '../../../model/workflow-run.js'
import { attemptDeadline } from '../state/attempt-deadline.js'
import type { EventTiming } from '../../kernel/event-log.js'

/** How long the journal says nothing while looks find nothing new, ms: it tells that somebody still drives the orchestration. */
const longestSilence = 20_000

/**
 * Whether a look at a run tells anything that the journal and the reader need. One that found what the look before it found changes nothing
 * but the time of the next one; the first one after a deadline does, for the deadline fires by it (law 5), and the first one of a process.
 */
export function isNews(
  { orchestration, job, state }: { orchestration: Orchestration; job: Job; state: RunningJob },
  run: WorkflowRun,
  { at, journaledAt, openedAt }: EventTiming,
): boolean {
  const { observation, cancel, rerun } = state
  const seen = observation.run
  if ((observation.triedAt ?? openedAt) <= openedAt) return true
  if (seen === null || observation.failure !== null || observation.absentSince !== null) return true
  if (cancel !== null || rerun !== null || orchestration.tokenRefusal !== null) return true
  const isSame =
    run.status === seen.status &&
    run.conclusion === seen.conclusion &&
    run.headSha === seen.headSha &&
    (run.runAttempt === null || run.runAttempt === seen.runAttempt)
  if (!isSame || run.status === 'completed') return true
  return at >= Math.min(attemptDeadline(job, state).at, deadlineOf(orchestration)) || at >= journaledAt + longestSilence
}

import { isAuthFailure } from '../../../../model/failure.js'
import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type { JobOutcome, SettledJob } from '../../../../model/build/state/job-state.js'
import type { Finding } from '../../../../model/build/state/verification.js'
import { deadlineOf } from '../../../../model/build/orchestration.js'
import type { Plan } from '../../../../model/build/plan.js'
import { interruptedEnding } from './endings.js'
import { isBad, tallyJobs } from '../../state/job-tally.js'
import type { DecisionClock } from '../decision-clock.js'
import { supersededBy } from '../../state/findings.js'
import type { Stop } from '../rules.js'
import { movedEnding, obsoleteJobs } from './superseding.js'

/** The reason to stop dispatching; null if there is none. */
export function stopOf(orchestration: Orchestration, clock: DecisionClock): Stop {
  if (orchestration.interrupted)
    return { reason: 'not started: the orchestration was cancelled', cancel: 'interrupted', obsolete: null }
  const { firstBad, firstMoved } = tallyJobs(orchestration)
  if (firstBad >= 0) return stopOfBad(orchestration, firstBad)
  const moved = orchestration.plan.jobs[firstMoved]
  // The run builds another commit than the planned one, so the orchestration can no longer succeed.
  if (moved) {
    return {
      reason: `not started: the run of ${moved.job} builds another commit`,
      cancel: 'superseded',
      obsolete: null,
    }
  }
  const findings = supersededBy(orchestration)
  if (findings.length > 0) return stopOfMove(orchestration, findings)
  // This stop cancels no runs: the deadline of each run does it, after an observation later than the deadline (law 5).
  return clock.isDue(deadlineOf(orchestration))
    ? { reason: 'not started: the orchestration timed out', cancel: null, obsolete: null }
    : null
}

function stopOfBad({ plan, jobs }: Orchestration, index: number): Stop {
  const job = plan.jobs[index]?.job ?? ''
  const state = jobs.at(index)
  if (state?.phase !== 'settled') throw new Error(`${job} is not settled`)
  return state.outcome === 'moved'
    ? { reason: `not started: the branch moved in the repository of ${job}`, cancel: 'superseded', obsolete: null }
    : { reason: `not started: ${job} ${describeOutcome(state.outcome)}`, cancel: 'fail-fast', obsolete: null }
}

const stopsOfMoves = new WeakMap<readonly Finding[], { plan: Plan; stop: Stop }>()

/** Cached for each reading, because it is called after every event and visits the whole graph. */
function stopOfMove(orchestration: Orchestration, findings: readonly Finding[]): Stop {
  const { plan } = orchestration
  const known = stopsOfMoves.get(findings)
  if (known?.plan === plan) return known.stop
  const obsolete = obsoleteJobs(orchestration, findings)
  const stop: Stop = {
    reason: `not started: ${movedEnding(orchestration, findings).reason}`,
    cancel: 'superseded',
    obsolete,
  }
  stopsOfMoves.set(findings, { plan, stop })
  return stop
}

type Verdict = {
  interrupted: Orchestration['interrupted']
  verifications: Orchestration['verifications']
  ending: Ending | null
}

const verdicts = new WeakMap<Orchestration['jobs'], Verdict>()

/** The ending of builds that did not all succeed; null if they all succeeded. Every job must be settled. */
export function verdictOf(orchestration: Orchestration): Ending | null {
  const { jobs, interrupted, verifications } = orchestration
  // Cached, because it is called for each closing status while the jobs no longer change.
  const known = verdicts.get(jobs)
  if (known?.interrupted === interrupted && known.verifications === verifications) return known.ending
  const ending = findVerdict(orchestration)
  verdicts.set(jobs, { interrupted, verifications, ending })
  return ending
}

function findVerdict(orchestration: Orchestration): Ending | null {
  if (orchestration.interrupted) return interruptedEnding(orchestration, orchestration.interrupted)
  const findings = supersededBy(orchestration)
  if (findings.length > 0) return movedEnding(orchestration, findings)
  const bad = unsuccessfulJobs(orchestration)
  const auth = bad.some(([, job]) => job.failure !== null && isAuthFailure(job.failure))
  const first = (...outcomes: JobOutcome[]): [string, SettledJob] | undefined =>
    bad.find(([, job]) => outcomes.includes(job.outcome))
  const reason = ([job, state]: [string, SettledJob]): string =>
    `${job} ${describeOutcome(state.outcome)}: ${state.reason}`
  const moved = first('moved')
  if (moved) return { outcome: 'superseded', reason: reason(moved), auth }
  const failed = bad.find(([, job]) => job.outcome === 'failed' && job.runId !== null)
  if (failed) return { outcome: 'failed', reason: reason(failed), auth }
  const timedOut = first('timed-out')
  if (timedOut) return { outcome: 'timed-out', reason: reason(timedOut), auth }
  // A job that failed without a run is not a failed build: GitHub refused the dispatch.
  const unclear = first('failed', 'unknown', 'lost', 'cancelled')
  if (unclear) return { outcome: 'unknown', reason: reason(unclear), auth }
  const notRun = orchestration.plan.jobs.find(({ job, action }) => {
    const state = orchestration.jobs.get(job)
    return action === 'run' && state?.phase === 'settled' && state.outcome === 'not-run'
  })
  if (notRun) {
    const reason = `${notRun.job} was not started: the orchestration timed out`
    return { outcome: 'timed-out', reason, auth }
  }
  return null
}

/** The jobs that settled without success, in the order in which they settled: later failures may be consequences of the first. */
function unsuccessfulJobs(orchestration: Orchestration): [string, SettledJob][] {
  const bad: [string, SettledJob][] = []
  for (const [id, job] of orchestration.jobs) {
    if (job.phase === 'settled' && isBad(job)) bad.push([id, job])
  }
  return bad.sort(([, one], [, other]) => one.settledAt - other.settledAt)
}

function describeOutcome(outcome: JobOutcome): string {
  switch (outcome) {
    case 'succeeded':
      return 'succeeded'
    case 'fresh':
      return 'is fresh'
    case 'failed':
      return 'failed'
    case 'cancelled':
      return 'was cancelled'
    case 'timed-out':
      return 'timed out'
    case 'moved':
      return 'moved'
    case 'lost':
      return 'is lost'
    case 'unknown':
      return 'ended in an unknown state'
    case 'skipped':
      return 'was skipped'
    case 'not-run':
      return 'was not started'
    case 'left-running':
      return 'was left running'
  }
}

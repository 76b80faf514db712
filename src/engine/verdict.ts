import { isAuthFailure } from '../model/failure.js'
import type { Ending, JobOutcome, Orchestration, SettledJob } from '../model/orchestration.js'
import { deadlineOf } from '../model/orchestration.js'
import type { Stop } from './decide-job.js'
import { interruptedEnding } from './decide-interrupted.js'
import { movedEnding, supersededBy, uselessJobs } from './superseding.js'

/** What is no reason to stop by itself. */
const neutral: readonly JobOutcome[] = ['succeeded', 'fresh', 'skipped', 'not-run', 'left']

/** Why nothing new may be dispatched; null: nothing stands against it. */
export function stopOf(orchestration: Orchestration, now: number): Stop {
  if (orchestration.interrupted)
    return { reason: 'not started: cancelled before', cancel: 'interrupted', useless: null }
  const bad = badJobs(orchestration)[0]
  if (bad) {
    const [job, { outcome }] = bad
    return outcome === 'moved'
      ? { reason: `not started: the branch moved in the repository of ${job}`, cancel: 'superseded', useless: null }
      : { reason: `not started: ${job} ${phrase(outcome)}`, cancel: 'fail-fast', useless: null }
  }
  const moved = movedJob(orchestration)
  if (moved !== null) {
    return { reason: `not started: the run of ${moved} builds another commit`, cancel: 'superseded', useless: null }
  }
  const findings = supersededBy(orchestration)
  if (findings.length > 0) {
    const useless = uselessJobs(orchestration, findings)
    return { reason: `not started: ${movedEnding(findings).reason}`, cancel: 'superseded', useless }
  }
  // What runs is not cancelled for this: its own deadline does it, after an observation later than it (law 5).
  return now >= deadlineOf(orchestration)
    ? { reason: 'not started: the time for the whole orchestration was up', cancel: null, useless: null }
    : null
}

/** A job whose run was seen to build another commit than the planned one: nothing can come of the orchestration any more. */
function movedJob({ plan, jobs }: Orchestration): string | null {
  const moved = plan.jobs.find(({ job, headSha }) => {
    const state = jobs.get(job)
    return state?.phase === 'running' && state.observation.run !== null && state.observation.run.headSha !== headSha
  })
  return moved?.job ?? null
}

/** How the builds ended when they did not all succeed; null: they did. Every job must be settled. */
export function verdictOf(orchestration: Orchestration): Ending | null {
  if (orchestration.interrupted) return interruptedEnding(orchestration, orchestration.interrupted)
  const findings = supersededBy(orchestration)
  if (findings.length > 0) return movedEnding(findings)
  const bad = badJobs(orchestration)
  const auth = bad.some(([, job]) => job.failure !== null && isAuthFailure(job.failure))
  const first = (...outcomes: JobOutcome[]): [string, SettledJob] | undefined =>
    bad.find(([, job]) => outcomes.includes(job.outcome))
  const reason = ([job, state]: [string, SettledJob]): string => `${job} ${phrase(state.outcome)}: ${state.reason}`
  const moved = first('moved')
  if (moved) return { outcome: 'superseded', reason: reason(moved), auth }
  const failed = bad.find(([, job]) => job.outcome === 'failed' && job.runId !== null)
  if (failed) return { outcome: 'failed', reason: reason(failed), auth }
  const timedOut = first('timed-out')
  if (timedOut) return { outcome: 'timed-out', reason: reason(timedOut), auth }
  // A job that failed without a run is no failed build: GitHub refused to start one.
  const unclear = first('failed', 'unknown', 'lost', 'cancelled')
  if (unclear) return { outcome: 'unknown', reason: reason(unclear), auth }
  const notRun = orchestration.plan.jobs.find(({ job, action }) => {
    const state = orchestration.jobs.get(job)
    return action === 'run' && state?.phase === 'settled' && state.outcome === 'not-run'
  })
  if (notRun) {
    const reason = `${notRun.job} was never started: the time for the whole orchestration was up`
    return { outcome: 'timed-out', reason, auth }
  }
  return null
}

/** Jobs that settled without success, the first to do so first: the later ones may only be a consequence, as those never started are. */
function badJobs(orchestration: Orchestration): [string, SettledJob][] {
  const bad: [string, SettledJob][] = []
  for (const [id, job] of orchestration.jobs) {
    if (job.phase === 'settled' && !neutral.includes(job.outcome)) bad.push([id, job])
  }
  return bad.sort(([, one], [, other]) => one.settledAt - other.settledAt)
}

function phrase(outcome: JobOutcome): string {
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
    case 'left':
      return 'was left running'
  }
}

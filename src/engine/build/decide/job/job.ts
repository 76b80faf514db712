import { assertNever } from '../../../../lib/assert-never.js'
import type { Orchestration } from '../../../../model/build/orchestration.js'
import type { JobState, SettledJob, WaitingJob } from '../../../../model/build/state/job-state.js'
import type { Action } from '../actions.js'
import { endJob } from '../directives/interrupted.js'
import { decideReuse } from './find-reusable-run.js'
import { jobStatusDelayMs, nextJobStatus } from './job-status.js'
import { decideRunning } from './running.js'
import { decideLostDispatch, decideSearching } from './searching.js'
import { isFailedRun, isUnexplained, readAtOf } from '../../state/job-tally.js'
import type { PlanNode } from '../../state/plan-index.js'
import type { DecisionClock } from '../decision-clock.js'
import type { JobRule, Stop } from '../rules.js'

/** `start` waits for a slot when `maxParallel` limits the active jobs; `actions` do not wait. */
export interface JobDecision {
  actions: readonly Action[]
  start: Action | null
}

const nothing: JobDecision = { actions: [], start: null }

/**
 * Decides the actions of one job. It may read the state of this job and state that is shared by all jobs, but not another job:
 * otherwise `IncrementalDecider` would miss a change. `needsSettled` is the only input about its needs.
 */
export function decideJob(
  rule: JobRule,
  node: PlanNode,
  orchestration: Orchestration,
  needsSettled: boolean,
  clock: DecisionClock,
): JobDecision {
  const state = orchestration.jobs.at(node.index)
  if (!state) throw new Error(`no job ${node.job.id}`)
  switch (rule.kind) {
    case 'rest':
      return nothing
    case 'end':
      return { actions: endJob(node.job.id, state, rule.since, clock.now), start: null }
    case 'explain':
      return {
        actions: [
          ...rereadingOf(node.job.id, state, rule.readBefore, clock.now),
          ...explanationOf(node.job.id, state, clock.now),
        ],
        start: null,
      }
    case 'record':
      return { actions: nextJobStatus(node, state, 0, clock.now), start: null }
    case 'build':
      return decideBuild(rule, node, state, orchestration, needsSettled, clock)
    default:
      return assertNever(rule)
  }
}

function decideBuild(
  { stop, isWatched, isHeld, explains, records }: Extract<JobRule, { kind: 'build' }>,
  node: PlanNode,
  state: JobState,
  orchestration: Orchestration,
  needsSettled: boolean,
  clock: DecisionClock,
): JobDecision {
  const { id } = node.job
  const lost = decideLostDispatch(node, state, clock.now)
  switch (state.phase) {
    case 'waiting': {
      const action = decideWaiting(node, state, orchestration, stop, needsSettled, clock)
      if (action === null || (isHeld && action.type === 'dispatch')) return nothing
      const starts = ['dispatch', 'find-reusable-run', 'adopt'].includes(action.type)
      return starts ? { actions: [], start: action } : { actions: [action], start: null }
    }
    case 'dispatching':
      return { actions: lost, start: null }
    case 'searching':
      return { actions: [decideSearching(node, state, { stop, isHeld }, clock), ...lost], start: null }
    case 'running':
      return { actions: [...decideRunning(node, state, orchestration, stop, clock.now), ...lost], start: null }
    case 'settled': {
      const watch = isWatched ? decideSettled(id, state, clock.now) : []
      const explanation = explains ? explanationOf(id, state, clock.now) : []
      const record = records ? nextJobStatus(node, state, jobStatusDelayMs, clock.now) : []
      return { actions: [...watch, ...explanation, ...record, ...lost], start: null }
    }
    default:
      return assertNever(state)
  }
}

function decideWaiting(
  { job, planned }: PlanNode,
  state: WaitingJob,
  orchestration: Orchestration,
  stop: Stop,
  needsSettled: boolean,
  clock: DecisionClock,
): Action | null {
  const at = clock.now
  if (planned.action === 'fresh' && planned.built) {
    return { type: 'settle', at, job: job.id, outcome: 'fresh', reason: planned.reason, built: planned.built }
  }
  if (planned.action === 'exclude') {
    return { type: 'settle', at, job: job.id, outcome: 'not-run', reason: planned.reason }
  }
  if (planned.action === 'skip') {
    return needsSettled || stop ? { type: 'skip', at, job: job.id, reason: planned.reason } : null
  }
  if (stop) return { type: 'settle', at, job: job.id, outcome: 'not-run', reason: stop.reason }
  if (!needsSettled) return null
  const decision = decideReuse(planned, state.reuse, orchestration, clock)
  return decision.kind === 'do' ? decision.action : { type: 'dispatch', at, job: job.id, attempt: decision.attempt }
}

function decideSettled(job: string, state: SettledJob, now: number): Action[] {
  if (!isFailedRun(state) || state.nextAt === undefined) return []
  return [{ type: 'observe', at: Math.max(now, state.nextAt), job }]
}

/** The last reading of a failed run before the verdict, in case it was re-run. */
function rereadingOf(job: string, state: JobState, readBefore: number, now: number): Action[] {
  if (state.phase !== 'settled' || !isFailedRun(state) || readAtOf(state) >= readBefore) return []
  return [{ type: 'observe', at: now, job }]
}

function explanationOf(job: string, state: JobState, now: number): Action[] {
  return state.phase === 'settled' && isUnexplained(state) ? [{ type: 'explain', at: now, job }] : []
}

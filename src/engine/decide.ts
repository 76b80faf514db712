import type { Graph } from '../model/graph.js'
import type { Orchestration } from '../model/orchestration.js'
import type { Action } from './actions.js'
import { decideClaims, decideClaimsAgain } from './decide-claims.js'
import type { ClaimDecision } from './decide-claims.js'
import { decideEnding } from './decide-ending.js'
import { decideInterrupted } from './decide-interrupted.js'
import { decideJobs } from './decide-job.js'
import { decideRecords, withRecords } from './decide-records.js'
import { decideUnlocking } from './decide-unlocking.js'
import { decideWatch, isInDoubt } from './superseding.js'
import { refusedToken } from './token-refusal.js'
import { isUnlockedAlready } from './posts.js'
import { stopOf, verdictOf } from './verdict.js'

/**
 * What should happen next. Pure, and asked again after every event: it names all that is due now or later, whether or not it
 * is being performed already, and the loop starts what is not.
 * @param now ms, UTC
 */
export function decide(graph: Graph, orchestration: Orchestration, now: number): Action[] {
  if (orchestration.ending || orchestration.isSuspended) return []
  const { interrupted } = orchestration
  if (interrupted && interrupted.cause !== 'cancel') return decideInterrupted(orchestration, interrupted, now)
  const refusal = refusedToken(orchestration)
  if (refusal) return [{ type: 'suspend', at: now, failure: refusal }]
  const claims = interrupted ? noClaims : decideClaims(orchestration, now)
  if (claims.kind === 'post') return claims.actions
  if (claims.kind === 'failed') {
    const stop = { reason: 'not started', cancel: 'fail-fast', useless: null } as const
    const unstarted = decideJobs(graph, orchestration, stop, now)
    return unstarted.length > 0 ? unstarted : decideEnding(orchestration, claims.ending, now)
  }
  const stop = stopOf(orchestration, now)
  const jobs = decideJobs(graph, orchestration, stop, now)
  const explanations = decideExplanations(orchestration, now)
  const earlier = interrupted ? [] : decideEarlierHeads(orchestration, now)
  if (hasUnsettled(orchestration)) {
    const watch = stop ? null : decideWatch(orchestration, now)
    const claimsAgain = stop ? [] : decideClaimsAgain(orchestration, now)
    const held = isInDoubt(orchestration) ? jobs.filter(({ type }) => type !== 'dispatch') : jobs
    const records = decideRecords(orchestration, now)
    return [...held, ...explanations, ...claimsAgain, ...(watch ? [watch] : []), ...earlier, ...records]
  }
  if (explanations.length > 0 || earlier.length > 0) return [...explanations, ...earlier]
  return withRecords(decideLast(orchestration, now), orchestration, now)
}

/** Every job is settled: success on all heads, or none. */
function decideLast(orchestration: Orchestration, now: number): Action[] {
  const verdict = verdictOf(orchestration)
  if (verdict) return decideEnding(orchestration, verdict, now)
  const claimsAgain = decideClaimsAgain(orchestration, now)
  return claimsAgain.length > 0 ? claimsAgain : decideUnlocking(orchestration, now)
}

/** Nothing more is claimed of a change whose builds are cancelled. */
const noClaims: ClaimDecision = { kind: 'posted' }

/** Whoever claims a change also locks what was unlocked of it before. */
function decideEarlierHeads(orchestration: Orchestration, now: number): Action[] {
  const { options, plan, earlierHeads } = orchestration
  if (isUnlockedAlready(orchestration) || !options.postStatus || plan.targets.length === 0 || earlierHeads !== null)
    return []
  return [{ type: 'lock-earlier-heads', at: now }]
}

function hasUnsettled({ jobs }: Orchestration): boolean {
  for (const { phase } of jobs.values()) if (phase !== 'settled') return true
  return false
}

/** Failed builds whose reason has not been read yet. */
function decideExplanations(orchestration: Orchestration, now: number): Action[] {
  const actions: Action[] = []
  for (const [job, state] of orchestration.jobs) {
    if (state.phase !== 'settled' || state.outcome !== 'failed') continue
    if (state.runId !== null && state.explanation === undefined) actions.push({ type: 'explain', at: now, job })
  }
  return actions
}

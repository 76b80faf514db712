import { isDeepStrictEqual } from 'node:util'
import { actionKey } from '../../src/engine/build/decide/actions.js'
import type { Action } from '../../src/engine/build/decide/actions.js'
import { IncrementalDecider } from '../../src/engine/build/schedule/incremental-decider.js'
import { apply, begin } from '../../src/engine/build/state/apply.js'
import { decide } from '../../src/engine/build/decide/decide.js'
import type { Event } from '../../src/model/build/events.js'
import type { Orchestration } from '../../src/model/build/orchestration.js'

/**
 * Compares the incremental decider with `decide` right before each event, when only time has passed, and after it: both must return the same
 * actions in the same order, and the decider must return each due action exactly once until it is released. Returns the first difference
 * as one sentence.
 */
export function incrementalDeciderBroken(events: readonly Event[]): string[] {
  const [first, ...rest] = events
  if (first?.type !== 'started') return []
  let state = begin(first)
  const decider = new IncrementalDecider(state)
  const inFlight = new Set<string>()
  const differs = (now: number, when: string): string[] => {
    decider.update(state, now)
    const wanted = decidedBy(state, now)
    const difference = differenceOf(decider, wanted) ?? takenWrongly(decider, wanted, inFlight, now)
    return difference === null ? [] : [`${when} the incremental decider differs from decide: ${difference}`]
  }
  for (const [index, event] of rest.entries()) {
    const early = differs(event.at, `before event ${index + 2} (${event.type})`)
    if (early.length > 0) return early
    state = apply(state, event)
    const late = differs(event.at, `after event ${index + 2} (${event.type})`)
    if (late.length > 0) return late
    const queryDifference = differenceOnQuery(state, event.at, decider)
    if (queryDifference !== null) return [`after event ${index + 2} (${event.type}) ${queryDifference}`]
    // Some actions end soon, others late.
    for (const key of [...inFlight].filter((_key, at) => (at + index) % 3 === 0)) {
      inFlight.delete(key)
      decider.release(key)
    }
  }
  return []
}

/** The actions of `decide`. An overdue action counts as due now. */
function decidedBy(state: Orchestration, now: number): Action[] {
  return decide(state, now).map((action) => (action.at >= now ? action : { ...action, at: now }))
}

function differenceOf(decider: IncrementalDecider, wanted: readonly Action[]): string | null {
  const pending = decider.allPending()
  return isDeepStrictEqual(pending, wanted) ? null : `${JSON.stringify(pending)} instead of ${JSON.stringify(wanted)}`
}

function takenWrongly(
  decider: IncrementalDecider,
  wanted: readonly Action[],
  inFlight: Set<string>,
  now: number,
): string | null {
  const due = wanted.filter((action) => action.at <= now && !inFlight.has(actionKey(action)))
  const taken = decider.take()
  for (const action of taken) inFlight.add(actionKey(action))
  const later = wanted.filter((action) => action.at > now && !inFlight.has(actionKey(action)))
  const nextAt = Math.min(Infinity, ...later.map(({ at }) => at))
  if (decider.nextAt() !== nextAt) return `the next at ${decider.nextAt()} instead of ${nextAt}`
  const keys = (actions: readonly Action[]): string[] => actions.map(actionKey)
  return isDeepStrictEqual(keys(taken), keys(due)) ? null : `took ${keys(taken).join()} instead of ${keys(due).join()}`
}

/** Checks that a query about another orchestration is answered for that one and does not change the later answers. */
function differenceOnQuery(state: Orchestration, now: number, decider: IncrementalDecider): string | null {
  const dispatching = [...state.jobs].find(([, job]) => job.phase === 'dispatching')
  if (!dispatching) return null
  const otherwise = { ...state, jobs: state.jobs.with(dispatching[0], { phase: 'waiting' }) }
  decider.update(otherwise, now)
  const difference = differenceOf(decider, decidedBy(otherwise, now))
  decider.update(state, now)
  return difference ?? differenceOf(decider, decidedBy(state, now))
}

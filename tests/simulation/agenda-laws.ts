import { isDeepStrictEqual } from 'node:util'
import { actionKey } from '../../src/engine/build/decide/actions.js'
import type { Action } from '../../src/engine/build/decide/actions.js'
import { IncrementalDecider } from '../../src/engine/build/schedule/incremental-decider.js'
import { apply, begin } from '../../src/engine/build/state/apply.js'
import { decide } from '../../src/engine/build/decide/decide.js'
import type { Event } from '../../src/model/build/events.js'
import type { Orchestration } from '../../src/model/build/orchestration.js'

/**
 * After each event, and right before it, when only time has passed, the agenda names what `decide` names, in the same order; and it gives what
 * has come due exactly once, until it is released. The first difference is one sentence.
 */
export function agendaBroken(events: readonly Event[]): string[] {
  const [first, ...rest] = events
  if (first?.type !== 'started') return []
  let state = begin(first)
  const agenda = new IncrementalDecider(state)
  const underWay = new Set<string>()
  const differs = (now: number, when: string): string[] => {
    agenda.update(state, now)
    const wanted = namedBy(state, now)
    const difference = differenceOf(agenda, wanted) ?? takenWrongly(agenda, wanted, underWay, now)
    return difference === null ? [] : [`${when} the agenda names something else than decide: ${difference}`]
  }
  for (const [index, event] of rest.entries()) {
    const early = differs(event.at, `before event ${index + 2} (${event.type})`)
    if (early.length > 0) return early
    state = apply(state, event)
    const late = differs(event.at, `after event ${index + 2} (${event.type})`)
    if (late.length > 0) return late
    const missing = missingBefore(state, event.at, agenda)
    if (missing !== null) return [`after event ${index + 2} (${event.type}) ${missing}`]
    // Some work ends soon, other work late.
    for (const key of [...underWay].filter((_key, at) => (at + index) % 3 === 0)) {
      underWay.delete(key)
      agenda.release(key)
    }
  }
  return []
}

/** What is overdue is due now, however long ago it was due. */
function namedBy(state: Orchestration, now: number): Action[] {
  return decide(state, now).map((action) => ({ ...action, at: Math.max(now, action.at) }))
}

function differenceOf(agenda: IncrementalDecider, wanted: readonly Action[]): string | null {
  const named = agenda.allPending()
  return isDeepStrictEqual(named, wanted) ? null : `${JSON.stringify(named)} instead of ${JSON.stringify(wanted)}`
}

function takenWrongly(
  agenda: IncrementalDecider,
  wanted: readonly Action[],
  underWay: Set<string>,
  now: number,
): string | null {
  const due = wanted.filter((action) => action.at <= now && !underWay.has(actionKey(action)))
  const taken = agenda.take()
  for (const action of taken) underWay.add(actionKey(action))
  const later = wanted.filter((action) => action.at > now && !underWay.has(actionKey(action)))
  const nextAt = Math.min(Infinity, ...later.map(({ at }) => at))
  if (agenda.nextAt() !== nextAt) return `the next at ${agenda.nextAt()} instead of ${nextAt}`
  const keys = (actions: readonly Action[]): string[] => actions.map(actionKey)
  return isDeepStrictEqual(keys(taken), keys(due)) ? null : `took ${keys(taken).join()} instead of ${keys(due).join()}`
}

/** Asked about another orchestration in between, it answers for that one, and then as if it had not been asked. */
function missingBefore(state: Orchestration, now: number, agenda: IncrementalDecider): string | null {
  const dispatching = [...state.jobs].find(([, job]) => job.phase === 'dispatching')
  if (!dispatching) return null
  const otherwise = { ...state, jobs: state.jobs.with(dispatching[0], { phase: 'waiting' }) }
  agenda.update(otherwise, now)
  const difference = differenceOf(agenda, namedBy(otherwise, now))
  agenda.update(state, now)
  return difference ?? differenceOf(agenda, namedBy(state, now))
}

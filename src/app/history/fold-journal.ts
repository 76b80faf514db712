import { apply, fold } from '../../engine/build/state/apply.js'
import type { Event } from '../../model/build/events.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import { failureText } from '../../lib/failure-text.js'

/** `problem`: one clause for the user. */
export type Folded = { ok: true; orchestration: Orchestration } | { ok: false; problem: string }

/** The orchestration of these events. Events that no orchestration wrote are a problem of the journal, not a bug. */
export function foldJournal(id: string, events: readonly Event[]): Folded {
  return asAnswer(() => checkPlan(id, fold(events)))
}

/** The orchestration after one more event. `before` null: the event is its first one. */
export function foldNext(id: string, before: Orchestration | null, event: Event): Folded {
  return asAnswer(() => (before ? apply(before, event) : checkPlan(id, fold([event]))))
}

function asAnswer(step: () => Orchestration): Folded {
  try {
    return { ok: true, orchestration: step() }
  } catch (error) {
    return { ok: false, problem: `its events contradict each other: ${failureText(error)}` }
  }
}

function checkPlan(id: string, orchestration: Orchestration): Orchestration {
  if (orchestration.id !== id) throw new Error('they belong to another orchestration')
  const { graph, jobs, members, absent, targets, warnings } = orchestration.plan
  const isWhole = [graph.jobs, members, absent, targets, warnings].every(Array.isArray)
  const known = new Set(graph.jobs.map((job) => job.id))
  if (!isWhole || jobs.some(({ job }) => !known.has(job))) throw new Error('their plan is incomplete')
  return orchestration
}

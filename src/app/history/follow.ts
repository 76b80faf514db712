import { failureText } from '../../lib/failure-text.js'
import type { Event } from '../../model/build/events.js'
import type { Driver } from '../../model/build/history.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { Store, TailOptions, TailReading } from '../../ports/store.js'
import type { Problem } from '../problem.js'
import { foldNext } from './fold-journal.js'
import { damagedRemedy, explainFault } from './journal-problem.js'
import type { JournalProblem } from './journal-problem.js'

/** An orchestration as its journal has it at one time. */
export interface JournalSnapshot {
  /** The events since the last snapshot, each with the orchestration that it led to. */
  appended: readonly { event: Event; orchestration: Orchestration }[]
  /** Null: its first event is still to come. */
  orchestration: Orchestration | null
  /** Null: no living process drives it. Without an ending, that lasts until some process resumes it. */
  driver: Driver | null
}

export type FollowStep = { ok: true; value: JournalSnapshot } | { ok: false; problem: Problem }

/** Follows an orchestration that another process may drive, without changing anything. A problem is the last step. */
export async function* followOrchestration(
  store: Store,
  id: string,
  options: TailOptions,
): AsyncGenerator<FollowStep, void, void> {
  let orchestration: Orchestration | null = null
  const unreadable = ({ problem, remedy }: JournalProblem): FollowStep => {
    const message = `cannot continue to read ${store.locationOf(id)}`
    return { ok: false, problem: { kind: 'failed', message, why: problem, remedy } }
  }
  try {
    for await (const { driver, reading } of store.tail(id, options)) {
      if (reading.kind !== 'events') return yield unreadable(explainReading(reading))
      const appended: { event: Event; orchestration: Orchestration }[] = []
      for (const event of reading.events) {
        const folded = foldNext(id, orchestration, event)
        if (!folded.ok) return yield unreadable({ problem: folded.problem, remedy: damagedRemedy })
        orchestration = folded.orchestration
        appended.push({ event, orchestration })
      }
      yield { ok: true, value: { appended, orchestration, driver } }
    }
  } catch (error) {
    yield unreadable({ problem: failureText(error), remedy: 'Give read access to it, then try again.' })
  }
}

function explainReading(reading: Exclude<TailReading, { kind: 'events' }>): JournalProblem {
  switch (reading.kind) {
    case 'absent': {
      const remedy = 'Look at its builds on GitHub; orch list shows what is kept.'
      return { problem: 'it does not exist any more', remedy }
    }
    case 'truncated':
      return { problem: 'it is shorter than it was', remedy: damagedRemedy }
    case 'newer':
    case 'damaged':
      return explainFault(reading)
  }
}

import { failureText } from '../../lib/failure-text.js'
import type { Event } from '../../model/build/events.js'
import type { Driver } from '../../model/build/history.js'
import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import type { Journal } from '../../ports/journal.js'
import type { Store, TakenOverJournal } from '../../ports/store.js'
import type { Problem } from '../problem.js'
import { foldJournal } from './fold-journal.js'
import { damagedRemedy, explainFault } from './journal-problem.js'

/** An unfinished orchestration that this process drives now. */
export interface TakenOver {
  /** Closing it lets other processes take the orchestration over. */
  journal: Journal
  first: Extract<Event, { type: 'started' }>
  orchestration: Orchestration
}

export type TakeOver =
  | { kind: 'taken'; value: TakenOver }
  /** Another living process drives it. */
  | { kind: 'held'; driver: Driver }
  | { kind: 'finished'; orchestration: Orchestration; ending: Ending }
  | { kind: 'unreadable'; problem: Problem }

/** Makes this process the driver of an orchestration; one that is not `taken` is left unchanged. */
export async function takeOver(store: Store, id: string): Promise<TakeOver> {
  const unreadable = (why: string, remedy: string): TakeOver => {
    const message = `${store.locationOf(id)} cannot be resumed`
    return { kind: 'unreadable', problem: { kind: 'failed', message, why, remedy } }
  }
  let opened: TakenOverJournal
  try {
    opened = await store.takeOver(id)
  } catch (error) {
    return unreadable(failureText(error), 'Make room or give write access there, then try again.')
  }
  switch (opened.kind) {
    case 'held':
      return opened
    case 'absent':
      return unreadable('it does not exist any more', 'orch list shows what is kept.')
    case 'newer':
    case 'damaged': {
      const { problem, remedy } = explainFault(opened)
      return unreadable(problem, remedy)
    }
    case 'opened': {
      const { journal, events } = opened
      const [first] = events
      const folded = foldJournal(id, events)
      if (!folded.ok || first?.type !== 'started') {
        await journal.close()
        return unreadable(
          folded.ok ? 'it does not begin with the start of an orchestration' : folded.problem,
          damagedRemedy,
        )
      }
      const { orchestration } = folded
      if (!orchestration.ending) return { kind: 'taken', value: { journal, first, orchestration } }
      await journal.close()
      return { kind: 'finished', orchestration, ending: orchestration.ending }
    }
  }
}

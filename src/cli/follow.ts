import { findLockOwner } from '../lib/lock-file.js'
import type { LockOwner } from '../lib/lock-file.js'
import { journalPath, lockPath } from '../store/paths.js'
import { tailJournal } from '../store/tail.js'
import type { TailReading } from '../store/tail.js'
import type { Event } from '../model/build/events.js'
import type { Orchestration } from '../model/build/orchestration.js'
import type { Context } from './process/context.js'
import { failureText } from '../lib/failure-text.js'
import { foldOn } from './fold-journal.js'
import { damagedRemedy, explainFault } from './history.js'
import type { Problem } from '../app/problem.js'

/** An orchestration as its journal tells it at one moment. */
export interface JournalSnapshot {
  /** What was appended since the last look, each with the orchestration that it led to. */
  news: readonly { event: Event; orchestration: Orchestration }[]
  /** Null: its first event is still to come. */
  orchestration: Orchestration | null
  /** The living process that drives it; null: none does. Of one without an ending this is no passing moment: nobody is at it. */
  driver: LockOwner | null
}

export type Look = { ok: true; value: JournalSnapshot } | { ok: false; problem: Problem }

/** Looks at an orchestration that another process may drive, again and again; it changes nothing. A problem is final. */
export function followOrchestration(context: Context, stateDirectory: string, id: string): () => Promise<Look> {
  const tail = tailJournal(stateDirectory, id)
  const lock = lockPath(stateDirectory, id)
  let orchestration: Orchestration | null = null
  const unreadable = (why: string, remedy: string): Look => {
    const message = `cannot read on in ${journalPath(stateDirectory, id)}`
    return { ok: false, problem: { kind: 'failed', message, why, remedy } }
  }

  const take = (reading: TailReading, driver: LockOwner | null): Look => {
    switch (reading.kind) {
      case 'absent':
        return unreadable('it is not there any more', 'Look at its builds on GitHub; orch list shows what is kept.')
      case 'cut':
        return unreadable('it is shorter than it was', damagedRemedy)
      case 'newer':
      case 'damaged': {
        const { problem, remedy } = explainFault(reading)
        return unreadable(problem, remedy)
      }
      case 'read': {
        const news: { event: Event; orchestration: Orchestration }[] = []
        for (const event of reading.events) {
          const folded = foldOn(id, orchestration, event)
          if (!folded.ok) return unreadable(folded.problem, damagedRemedy)
          orchestration = folded.orchestration
          news.push({ event, orchestration })
        }
        return { ok: true, value: { news, orchestration, driver } }
      }
    }
  }

  return async () => {
    try {
      // The lock is looked at first: a process that ends in between leaves a finished journal, not an abandoned one.
      const driver = await findLockOwner(lock, context.processes)
      return take(await tail.read(), driver)
    } catch (error) {
      return unreadable(failureText(error), 'Give read access to it, then try again.')
    }
  }
}

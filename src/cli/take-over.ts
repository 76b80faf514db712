import { journalPath } from '../store/paths.js'
import { reopenFileJournal } from '../store/file-journal.js'
import type { Event } from '../model/build/events.js'
import type { Ending, Orchestration } from '../model/build/orchestration.js'
import type { Journal } from '../ports/journal.js'
import type { Context } from './process/context.js'
import { failureText } from '../lib/failure-text.js'
import { foldJournal } from './fold-journal.js'
import { damagedRemedy, explainFault } from './history.js'
import type { Problem } from '../app/problem.js'

/** An unfinished orchestration that belongs to this process now. */
export interface TakenOver {
  /** Closing it gives the lock back. */
  journal: Journal
  first: Extract<Event, { type: 'started' }>
  orchestration: Orchestration
}

export type TakeOver =
  | { kind: 'taken'; value: TakenOver }
  /** Another living process drives it. */
  | { kind: 'held'; pid: number }
  | { kind: 'finished'; orchestration: Orchestration; ending: Ending }
  | { kind: 'unreadable'; problem: Problem }

/** Makes this process the one that drives an orchestration; what is not `taken` is left as it is. */
export async function takeOverJournal(context: Context, stateDirectory: string, id: string): Promise<TakeOver> {
  const unreadable = (why: string, remedy: string): TakeOver => {
    const message = `${journalPath(stateDirectory, id)} cannot be gone on with`
    return { kind: 'unreadable', problem: { kind: 'failed', message, why, remedy } }
  }
  let opened: Awaited<ReturnType<typeof reopenFileJournal>>
  try {
    opened = await reopenFileJournal(stateDirectory, id, context.processes)
  } catch (error) {
    return unreadable(failureText(error), 'Make room or give write access there, then try again.')
  }
  if (opened.kind === 'held') return opened
  if (opened.kind === 'absent') return unreadable('it is not there any more', 'orch list shows what is kept.')
  if (opened.kind !== 'opened') {
    const { problem, remedy } = explainFault(opened)
    return unreadable(problem, remedy)
  }
  const { journal, events } = opened
  const [first] = events
  const folded = foldJournal(id, events)
  if (!folded.ok || first?.type !== 'started') {
    await journal.close()
    return unreadable(folded.ok ? 'it has no start' : folded.problem, damagedRemedy)
  }
  const { orchestration } = folded
  if (!orchestration.ending) return { kind: 'taken', value: { journal, first, orchestration } }
  await journal.close()
  return { kind: 'finished', orchestration, ending: orchestration.ending }
}

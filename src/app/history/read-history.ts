import { failureText } from '../../lib/failure-text.js'
import type { Driver, HistoryEntry, UnreadableOrchestration } from '../../model/build/history.js'
import type { OrchestrationOutcome } from '../../model/build/orchestration.js'
import type { Store, StoredJournal } from '../../ports/store.js'
import { damagedRemedy, explainFault } from './journal-problem.js'
import type { JournalProblem } from './journal-problem.js'

/** The states of an orchestration by which a list can be filtered, and the outcomes of those that have ended. */
export const historyStates = [
  'running',
  'unfinished',
  'finished',
  'unreadable',
  'succeeded',
  'failed',
  'cancelled',
  'held',
  'timed-out',
  'superseded',
  'partially-merged',
  'unknown',
] as const satisfies readonly (HistoryEntry['state'] | OrchestrationOutcome)[]
export type HistoryState = (typeof historyStates)[number]

export interface HistoryQuery {
  /** Left out: of every branch. */
  branch?: string
  /** Left out: in every state. */
  state?: HistoryState
  /** The maximum number of orchestrations; left out: all. */
  limit?: number
}

/** The newest orchestrations of a store, newest first. The reason why one cannot be read is in its entry, never thrown. */
export async function readHistory(store: Store, query: HistoryQuery = {}): Promise<HistoryEntry[]> {
  const { branch, state, limit = Infinity } = query
  const history: HistoryEntry[] = []
  for (const id of (await store.list(branch)).reverse()) {
    if (history.length >= limit) break
    const entry = await readEntry(store, id)
    if (entry && (state === undefined || isIn(entry, state))) history.push(entry)
  }
  return history
}

function isIn(entry: HistoryEntry, state: HistoryState): boolean {
  return entry.state === state || (entry.state !== 'unreadable' && entry.orchestration.ending?.outcome === state)
}

/** One orchestration of a store. Null: it was removed after it was listed. */
export async function readEntry(store: Store, id: string): Promise<HistoryEntry | null> {
  const location = store.locationOf(id)
  const unreadable = ({ problem, remedy }: JournalProblem): UnreadableOrchestration => ({
    id,
    location,
    state: 'unreadable',
    problem,
    remedy,
  })
  let stored: StoredJournal
  try {
    stored = await store.read(id)
  } catch (error) {
    return unreadable({
      problem: `it cannot be read: ${failureText(error)}`,
      remedy: 'Give read access to it, then try again.',
    })
  }
  const { driver, reading } = stored
  switch (reading.kind) {
    case 'absent':
      return null
    case 'empty':
      return unreadable(emptyProblem(driver))
    case 'newer':
    case 'damaged':
      return unreadable(explainFault(reading))
    case 'events': {
      // Loaded only here: the first run beside a graph file has no journal to fold.
      const { foldJournal } = await import('./fold-journal.js')
      const folded = foldJournal(id, reading.events)
      if (!folded.ok) return unreadable({ problem: folded.problem, remedy: damagedRemedy })
      const { orchestration } = folded
      // The driver of a finished one is about to close its journal.
      if (orchestration.ending) return { id, location, state: 'finished', driver: null, orchestration }
      return { id, location, state: driver ? 'running' : 'unfinished', driver, orchestration }
    }
  }
}

function emptyProblem(driver: Driver | null): JournalProblem {
  return driver
    ? { problem: `${driver.name} has not written an event yet`, remedy: 'Try again in a moment.' }
    : { problem: 'it ended before its first event', remedy: 'Delete it: it has done nothing on GitHub.' }
}

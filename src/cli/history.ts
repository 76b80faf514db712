import { editDistance } from '../lib/did-you-mean.js'
import { journalPath, lockPath } from '../store/paths.js'
import type { JournalFault } from '../store/lines.js'
import { lockOwner } from '../lib/lock-file.js'
import { listJournals, readJournal } from '../store/read-journal.js'
import type { JournalReading } from '../store/read-journal.js'
import type { HistoryEntry, UnreadableOrchestration } from '../model/build/history.js'
import type { Context } from './process/context.js'
import { failureText } from '../lib/failure-text.js'
import type { Result } from '../app/problem.js'
import { stop, usageProblem } from '../app/problem.js'

/** The newest journals below the state directory, newest first. What one of them lacks is told in its entry, never thrown. */
export async function readHistory(context: Context, stateDirectory: string, limit = Infinity): Promise<HistoryEntry[]> {
  const history: HistoryEntry[] = []
  for (const id of listJournals(stateDirectory).reverse().slice(0, limit)) {
    const entry = await readEntry(context, stateDirectory, id)
    if (entry) history.push(entry)
  }
  return history
}

/** Null: it was removed since it was listed. */
async function readEntry(context: Context, stateDirectory: string, id: string): Promise<HistoryEntry | null> {
  const unreadable = (problem: string, remedy: string): UnreadableOrchestration => ({
    id,
    path: journalPath(stateDirectory, id),
    state: 'unreadable',
    problem,
    remedy,
  })
  let pid: number | null
  let reading: JournalReading
  try {
    // The lock is read first: a process that ends in between leaves a finished journal, not an abandoned one.
    pid = await lockOwner(lockPath(stateDirectory, id), context.processes)
    reading = await readJournal(stateDirectory, id)
  } catch (error) {
    return unreadable(`it cannot be read: ${failureText(error)}`, 'Give read access to it, then try again.')
  }
  switch (reading.kind) {
    case 'absent':
      return null
    case 'newer':
    case 'damaged': {
      const { problem, remedy } = explainFault(reading)
      return unreadable(problem, remedy)
    }
    case 'read': {
      if (reading.events.length === 0) return emptyEntry(unreadable, pid)
      // Loaded only here: the first run beside a graph file has no journal to fold.
      const { foldJournal } = await import('./fold-journal.js')
      const folded = foldJournal(id, reading.events)
      if (!folded.ok) return unreadable(folded.problem, damagedRemedy)
      const { orchestration } = folded
      const path = journalPath(stateDirectory, id)
      // The lock of a finished one is about to go, or was left by a process that died right after its last event.
      if (orchestration.ending) return { id, path, state: 'finished', pid: null, orchestration }
      return { id, path, state: pid === null ? 'unfinished' : 'running', pid, orchestration }
    }
  }
}

/** Why a journal tells nothing, a clause, and what to do about it, a sentence. */
export function explainFault(fault: JournalFault): { problem: string; remedy: string } {
  if (fault.kind === 'damaged')
    return { problem: `line ${fault.line} is damaged: ${fault.problem}`, remedy: damagedRemedy }
  const problem = `a newer orch wrote it, in version ${fault.version} of its format`
  return { problem, remedy: 'Use the orch that wrote it. Nothing was changed.' }
}

export const damagedRemedy =
  'It was edited, or the disk lost something: look at its builds on GitHub, then start anew with orch run --anew. Nothing was changed.'

function emptyEntry(
  unreadable: (problem: string, remedy: string) => UnreadableOrchestration,
  pid: number | null,
): UnreadableOrchestration {
  return pid === null
    ? unreadable('it ended before it began, and holds no event', 'Delete it: it has done nothing on GitHub.')
    : unreadable(`process ${pid} has written no event yet`, 'Look again in a moment.')
}

/** How many ids a message names at most. */
const maxNamed = 5

/** The entry of this id, or the only one whose id begins so. */
export function findOrchestration(history: readonly HistoryEntry[], named: string): Result<HistoryEntry> {
  const wanted = named.trim().toLowerCase()
  const exact = history.find(({ id }) => id === named || id === wanted)
  if (exact) return { ok: true, value: exact }
  const matches = wanted === '' ? [] : history.filter(({ id }) => id.startsWith(wanted))
  const [only, ...others] = matches
  if (only && others.length === 0) return { ok: true, value: only }
  if (only) {
    const why = `${matches.length} ids begin so: ${nameEntries(matches)}`
    return stop(usageProblem(`${named} does not tell which orchestration is meant`, why, 'Give more of the id.'))
  }
  if (history.length === 0) {
    const why = 'no orchestration is kept beside this graph file'
    return stop(usageProblem(`there is no orchestration ${named}`, why, 'Start one with orch run.'))
  }
  return stop(
    usageProblem(
      `there is no orchestration ${named}`,
      `no id of the ${history.length} that are kept here is that or begins so`,
      `${suggest(history, named, wanted)} orch list shows all.`,
    ),
  )
}

/** People name a branch where an id is asked for; else the ids that a slip of the hand may have missed, else the newest ones. */
function suggest(history: readonly HistoryEntry[], named: string, wanted: string): string {
  const ofBranch = history.filter((entry) => entry.state !== 'unreadable' && entry.orchestration.plan.branch === named)
  if (ofBranch.length > 0) return `${named} is a branch; its orchestrations: ${nameEntries(ofBranch)}.`
  const limit = Math.max(2, Math.ceil(Math.min(wanted.length, 16) / 4))
  const near = history
    .map((entry) => ({ entry, distance: editDistance(wanted, entry.id.slice(0, wanted.length), limit) }))
    .filter(({ distance }) => distance < limit)
    .sort((a, b) => a.distance - b.distance)
    .map(({ entry }) => entry)
  return near.length > 0 ? `Did you mean ${nameEntries(near)}?` : `The newest: ${nameEntries(history)}.`
}

/** `01jd… (DPTA-1), 01jc…`. */
function nameEntries(entries: readonly HistoryEntry[]): string {
  const names = entries
    .slice(0, maxNamed)
    .map((entry) => (entry.state === 'unreadable' ? entry.id : `${entry.id} (${entry.orchestration.plan.branch})`))
  const more = entries.length - names.length
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

import { editDistance } from '../../lib/did-you-mean.js'
import type { HistoryEntry } from '../../model/build/history.js'
import { stop, usageProblem } from '../problem.js'
import type { Result } from '../problem.js'

/** The maximum number of IDs in a message. */
const maxNamed = 5
/** Ids of one day begin alike, and so their ends tell them apart sooner. Fewer characters would often be ambiguous by chance. */
const minEnd = 3

/** The entry with this id, or the only one whose id begins or ends with it. */
export function findOrchestration(history: readonly HistoryEntry[], named: string): Result<HistoryEntry> {
  const wanted = named.trim().toLowerCase()
  const exact = history.find(({ id }) => id === named || id === wanted)
  if (exact) return { ok: true, value: exact }
  const isMeant = ({ id }: HistoryEntry): boolean =>
    id.startsWith(wanted) || (wanted.length >= minEnd && id.endsWith(wanted))
  const matches = wanted === '' ? [] : history.filter(isMeant)
  const [only, ...others] = matches
  if (only && others.length === 0) return { ok: true, value: only }
  if (only) {
    const why = `${matches.length} ids begin or end with it: ${nameEntries(matches)}`
    return stop(usageProblem(`the id ${named} is ambiguous`, why, 'Use more characters of the id.'))
  }
  if (history.length === 0) {
    const why = 'this graph file has no orchestrations'
    return stop(usageProblem(`there is no orchestration ${named}`, why, 'Start one with orch run.'))
  }
  return stop(
    usageProblem(
      `there is no orchestration ${named}`,
      history.length === 1
        ? 'the only id of this graph file neither begins nor ends with it'
        : `none of the ${history.length} ids of this graph file begins or ends with it`,
      `${suggest(history, wanted)} orch list shows all.`,
    ),
  )
}

/** The ids that a typo may have missed; else the newest ones. */
function suggest(history: readonly HistoryEntry[], wanted: string): string {
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

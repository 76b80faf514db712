import { failureText } from '../../lib/failure-text.js'
import { sanitize } from '../../lib/sanitize.js'
import type { Event } from '../../model/build/events.js'
import type { Clock } from '../../ports/clock.js'
import type { Journal } from '../../ports/journal.js'
import type { Store } from '../../ports/store.js'
import { foldJournal } from './fold-journal.js'

export interface PruneHistoryOptions {
  store: Store
  clock: Clock
  /** Called with a line that names what could not be removed. */
  note: (text: string) => void
}

/**
 * The journal of a new orchestration. Once its first event is safe, old journals are pruned at the same time; closing it waits for that. What
 * cannot be pruned is a warning, and never makes the orchestration fail.
 */
export function withPruning(journal: Journal, options: PruneHistoryOptions): Journal {
  let pruning: Promise<void> | null = null
  return {
    append: async (event) => {
      await journal.append(event)
      pruning ??= pruneHistory(options)
    },
    close: async () => {
      await pruning
      await journal.close()
    },
  }
}

/** Never rejects. */
async function pruneHistory({ store, clock, note }: PruneHistoryOptions): Promise<void> {
  const warn = (problem: string): void => {
    const remedy = `Give write access to ${store.location}, or delete old journals there by hand; nothing else depends on them.`
    note(sanitize(`warning: old journals could not be removed: ${problem}. ${remedy}`))
  }
  try {
    const { failures } = await store.prune({ now: clock.now(), endedAt })
    const [first] = failures
    if (!first) return
    const others = failures.length > 1 ? `, and ${failures.length - 1} more` : ''
    warn(`${first.location}: ${failureText(first.error)}${others}`)
  } catch (error) {
    warn(failureText(error))
  }
}

function endedAt(id: string, events: readonly Event[]): number | null {
  const folded = foldJournal(id, events)
  return folded.ok && folded.orchestration.ending ? folded.orchestration.lastAt : null
}

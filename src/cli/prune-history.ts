import { pruneJournals } from '../store/prune.js'
import type { Event } from '../model/build/events.js'
import type { Journal } from '../ports/journal.js'
import { journalDirectory } from '../store/paths.js'
import { sanitize } from '../lib/sanitize.js'
import type { Context } from './process/context.js'
import { failureText } from '../lib/failure-text.js'
import { foldJournal } from './fold-journal.js'
import type { Messages } from './output/messages.js'

/**
 * The journal of a new orchestration. Once its first event is safe, old journals are pruned beside it; closing it waits for that. What cannot
 * be pruned is a warning, never a reason for the orchestration to fail.
 */
export function prunesOldOnes(context: Context, messages: Messages, stateDirectory: string, journal: Journal): Journal {
  let pruning: Promise<void> | null = null
  return {
    append: async (event) => {
      await journal.append(event)
      pruning ??= pruneHistory(context, messages, stateDirectory)
    },
    close: async () => {
      await pruning
      await journal.close()
    },
  }
}

/** Never rejects. */
async function pruneHistory(context: Context, messages: Messages, stateDirectory: string): Promise<void> {
  const warn = (problem: string): void => {
    const remedy = `Give write access to ${journalDirectory(stateDirectory)}, or tidy up there by hand; nothing else depends on it.`
    messages.note(`warning: old journals could not be removed: ${sanitize(problem)}. ${sanitize(remedy)}`)
  }
  try {
    const { processes, clock } = context
    const { failures } = await pruneJournals({ stateDirectory, now: clock.now(), processes, endedAt })
    const [first] = failures
    if (!first) return
    const others = failures.length > 1 ? `, and ${failures.length - 1} more` : ''
    warn(`${first.path}: ${failureText(first.error)}${others}`)
  } catch (error) {
    warn(failureText(error))
  }
}

function endedAt(id: string, events: readonly Event[]): number | null {
  const folded = foldJournal(id, events)
  return folded.ok && folded.orchestration.ending ? folded.orchestration.lastAt : null
}

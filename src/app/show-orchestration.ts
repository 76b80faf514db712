import type { RecordedOrchestration } from '../model/build/history.js'
import type { Store } from '../ports/store.js'
import { findOrchestration } from './history/find-orchestration.js'
import { readHistory } from './history/read-history.js'
import { stop } from './problem.js'
import type { Result } from './problem.js'

/** The recorded orchestration with this id, or whose id begins with it. */
export async function showOrchestration(store: Store, named: string): Promise<Result<RecordedOrchestration>> {
  const found = findOrchestration(await readHistory(store), named)
  if (!found.ok) return found
  const entry = found.value
  if (entry.state !== 'unreadable') return { ok: true, value: entry }
  const { location, problem, remedy } = entry
  return stop({ kind: 'failed', message: `the journal ${location} is empty or unreadable`, why: problem, remedy })
}

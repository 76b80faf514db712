import type { Pruned, PruneOptions } from '../../ports/store.js'
import { parseJournal } from '../../store/journal-format.js'
import { isExpired, pruneCandidates } from '../../store/retention.js'
import type { Candidate } from '../../store/retention.js'
import type { Database } from '../database/database.js'
import { databaseNow } from '../database/database-now.js'
import { readJournal } from './journal-rows.js'
import type { StoreProcess } from './journal-rows.js'

export interface DatabasePruneOptions extends PruneOptions {
  database: Database
  reader: StoreProcess
  /** Ids of all journals, oldest first. */
  ids: readonly string[]
  locationOf: (id: string) => string
}

/** Removes the journals whose retention has ended. It reads only those whose ids make them candidates. */
export async function pruneJournals(options: DatabasePruneOptions): Promise<Pruned> {
  const removed: string[] = []
  const failures: { location: string; error: unknown }[] = []
  for (const candidate of pruneCandidates(options.ids, options.now)) {
    try {
      if (await removeJournal(options, candidate)) removed.push(candidate.id)
    } catch (error) {
      failures.push({ location: options.locationOf(candidate.id), error })
    }
  }
  return { removed, failures }
}

/** Whether this call removed the journal. A finished journal does not change any more. */
async function removeJournal(
  { database, reader, endedAt, now }: DatabasePruneOptions,
  candidate: Candidate,
): Promise<boolean> {
  const { id } = candidate
  const row = await readJournal(database.query, { id, reader })
  if (!row || row.driver) return false
  const reading = parseJournal(row.lines, id)
  if (reading.kind !== 'events' || !isExpired(candidate, endedAt(id, reading.events), now)) return false
  const remove = `DELETE FROM orch.journals WHERE id = $1 AND fence = $2 AND lease_ends <= ${databaseNow} RETURNING id`
  return (await database.query(remove, [id, row.fence])).length > 0
}

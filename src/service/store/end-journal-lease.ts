import type { Query } from '../database/database.js'

/**
 * Ends the lease of the driver of a journal, because its process is known to have ended: the next driver need not wait. If that process
 * is alive after all, it notices the greater fence of the next driver and writes nothing.
 */
export async function endJournalLease(query: Query, id: string): Promise<void> {
  await query('UPDATE orch.journals SET lease_ends = 0 WHERE id = $1', [id])
}

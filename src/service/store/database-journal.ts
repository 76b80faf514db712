import type { EventBody } from '../../model/build/events.js'
import type { Clock } from '../../ports/clock.js'
import type { Journal, Timed } from '../../ports/journal.js'
import type { Database } from '../database/database.js'
import { databaseNow } from '../database/database-now.js'
import { isUnreachable } from '../database/unreachable.js'
import type { Lease, Leases } from './leases.js'

/** Another process drives the orchestration now. Nothing was written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'

  constructor(id: string) {
    super(`another process has taken over the orchestration ${id}`)
  }
}

export interface DatabaseJournalOptions {
  database: Database
  clock: Clock
  leases: Leases
  lease: Lease
  leaseMs: number
  /** Number of lines that the journal has. */
  length: number
}

/** The channel on which each append is announced, with the id of the journal. */
export const appendChannel = 'orch_journal'

/** While the database cannot be reached, an append tries again for about as long as a lease lasts. */
const pausesMs = [250, 500, 1_000, 2_000, 4_000, 7_000]

/**
 * Appends to a journal in the database. The row of the journal is locked while its fence is compared, so that a driver whose journal was
 * taken over writes nothing, however late its statement arrives. Appending again with the same number is harmless.
 */
const appendLine = `
  WITH held AS (
    UPDATE orch.journals SET lease_ends = ${databaseNow} + $5::bigint
    WHERE id = $1 AND fence = $2 RETURNING id
  ), added AS (
    INSERT INTO orch.journal_lines (journal, line, text) SELECT id, $3, $4 FROM held
    ON CONFLICT (journal, line) DO UPDATE SET text = EXCLUDED.text WHERE journal_lines.text = EXCLUDED.text
    RETURNING journal
  )
  SELECT pg_notify('${appendChannel}', journal) FROM added`

/** A journal that this process drives. */
export function openJournal({ database, clock, leases, lease, leaseMs, length }: DatabaseJournalOptions): Journal {
  const { id, fence } = lease
  let lines = length
  let isClosed = false
  /** Events are written one after the other: a reader must not see one without those before it. */
  let last: Promise<void> = Promise.resolve()

  const write = async (event: Timed<EventBody>): Promise<void> => {
    if (isClosed) throw new Error('the journal is closed')
    if (lease.isLost) throw new LeaseLost(id)
    const values = [id, fence, lines + 1, JSON.stringify(event), leaseMs]
    const rows = await retry(clock, () => database.query(appendLine, values))
    if (rows.length === 0) {
      lease.isLost = true
      throw new LeaseLost(id)
    }
    lines += 1
  }

  return {
    append: (event) => {
      last = last.then(() => write(event))
      return last
    },
    close: async () => {
      await last.catch(() => undefined)
      isClosed = true
      leases.remove(lease)
      await database.query('UPDATE orch.journals SET lease_ends = 0 WHERE id = $1 AND fence = $2', [id, fence])
    },
  }
}

async function retry<T>(clock: Clock, attempt: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await attempt()
    } catch (error) {
      if (!isUnreachable(error)) throw error
    }
    await clock.sleep(pauseMs)
  }
  return attempt()
}

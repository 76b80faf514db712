import { randomUUID } from 'node:crypto'
import type { Event } from '../../model/build/events.js'
import type { Clock } from '../../ports/clock.js'
import type { CreatedJournal, JournalReading, Store, TakenOverJournal } from '../../ports/store.js'
import { headerLine, journalVersion, parseJournal } from '../../store/journal-format.js'
import type { Database, Query } from '../database/database.js'
import { databaseNow } from '../database/database-now.js'
import { createCancelRequest } from './cancel-request.js'
import { openJournal } from './database-journal.js'
import { driverColumns, driverIn, readJournal } from './journal-rows.js'
import type { DriverColumns, StoreProcess } from './journal-rows.js'
import { Leases } from './leases.js'
import { listJournals, listJournalsOf } from './list-journals.js'
import { pruneJournals } from './prune-journals.js'
import { tailJournal } from './tail-journal.js'

export interface DatabaseStoreOptions {
  database: Database
  clock: Clock
  /** This process, which drives the orchestrations that it opens. */
  identity: StoreProcess
  /** How long a process that was not heard of keeps its journals, ms; default: 15 s. */
  leaseMs?: number
  /** Called when somebody asks to cancel an orchestration that this process drives. */
  onCancelRequest: (id: string) => void
  /** Called when the leases of this process cannot be renewed now, with one clause for the log. */
  onProblem: (problem: string) => void
}

/**
 * A store in tables that all replicas share. The driver of an orchestration has a lease, which it loses when it is not renewed, and a
 * fencing number that grows with each driver: a process that continues after it has lost its lease writes nothing.
 */
export function createDatabaseStore(options: DatabaseStoreOptions): Store {
  const { database, clock, identity, leaseMs = 15_000 } = options
  const leases = new Leases({ ...options, leaseMs })
  const locationOf = (id: string): string => `the journal ${id} in the database ${database.location}`

  const openWith = async (id: string, fence: number, { length, cancels }: { length: number; cancels: number }) => {
    const lease = { id, fence, cancels, isLost: false }
    await leases.add(lease)
    return openJournal({ database, clock, leases, lease, leaseMs, length })
  }

  return {
    location: `the database ${database.location}`,
    locationOf,
    list: (branch) => (branch === undefined ? listJournals(database) : listJournalsOf(database, branch)),
    read: async (id) => {
      const row = await readJournal(database.query, { id, reader: identity })
      return { driver: row?.driver ?? null, reading: row ? readingOf(row.lines, id) : { kind: 'absent' } }
    },
    create: async (id, branch): Promise<CreatedJournal> => {
      const driver = { ...identity, leaseMs }
      const created = await database.transaction((query) => insertJournal(query, { id, branch, driver }))
      if (created) return { kind: 'opened', journal: await openWith(id, firstFence, { length: 1, cancels: 0 }) }
      const [row] = await database.query<DriverColumns>(`SELECT ${driverColumns} FROM orch.journals WHERE id = $1`, [
        id,
      ])
      const holder = row && driverIn(row, identity)
      if (holder) return { kind: 'held', driver: holder }
      throw new Error(`there is already a journal ${id}`)
    },
    takeOver: async (id): Promise<TakenOverJournal> => {
      const taken = await database.transaction((query) => takeJournal(query, id, { ...identity, leaseMs }))
      if (taken.kind !== 'taken') return taken
      return { kind: 'opened', journal: await openWith(id, taken.fence, taken), events: taken.events }
    },
    tail: (id, tailOptions) => tailJournal({ ...tailOptions, database, clock, reader: identity, id }),
    cancelRequest: (id) => createCancelRequest({ database, id, identity, requester: randomUUID() }),
    prune: async (pruneOptions) =>
      pruneJournals({ ...pruneOptions, database, reader: identity, ids: await listJournals(database), locationOf }),
  }
}

const firstFence = 1

/** The process that becomes the driver, and how long it stays so without a renewal. */
interface NewDriver extends StoreProcess {
  leaseMs: number
}

/** False: there is a journal of this id already. */
async function insertJournal(
  query: Query,
  { id, branch, driver }: { id: string; branch: string; driver: NewDriver },
): Promise<boolean> {
  const rows = await query(
    `INSERT INTO orch.journals (id, branch, fence, driver_host, driver_pid, lease_ends)
     VALUES ($1, $2, $3, $4, $5, ${databaseNow} + $6::bigint) ON CONFLICT DO NOTHING RETURNING id`,
    [id, branch, firstFence, driver.host, driver.pid, driver.leaseMs],
  )
  if (rows.length === 0) return false
  await insertHeader(query, { id, line: 1, header: headerLine(id, branch) })
  return true
}

async function insertHeader(
  query: Query,
  { id, line, header }: { id: string; line: number; header: object },
): Promise<void> {
  const insert = 'INSERT INTO orch.journal_lines (journal, line, text) VALUES ($1, $2, $3)'
  await query(insert, [id, line, JSON.stringify(header)])
}

type Taken =
  | { kind: 'taken'; events: readonly Event[]; fence: number; length: number; cancels: number }
  | Exclude<TakenOverJournal, { kind: 'opened' }>

/** The row is locked first: the earlier driver either has appended before, or is refused afterwards. */
async function takeJournal(query: Query, id: string, driver: NewDriver): Promise<Taken> {
  await query('SELECT 1 FROM orch.journals WHERE id = $1 FOR UPDATE', [id])
  const row = await readJournal(query, { id, reader: driver })
  if (!row) return { kind: 'absent' }
  if (row.driver) return { kind: 'held', driver: row.driver }
  const reading = parseJournal(row.lines, id)
  if (reading.kind !== 'events') return reading
  const fence = row.fence + 1
  await query(
    `UPDATE orch.journals SET fence = $2, driver_host = $3, driver_pid = $4, lease_ends = ${databaseNow} + $5::bigint WHERE id = $1`,
    [id, fence, driver.host, driver.pid, driver.leaseMs],
  )
  const isOlder = reading.version < journalVersion
  if (isOlder) await insertHeader(query, { id, line: row.length + 1, header: headerLine(id) })
  const length = row.length + (isOlder ? 1 : 0)
  return { kind: 'taken', events: reading.events, fence, length, cancels: row.cancels }
}

function readingOf(lines: readonly string[], id: string): JournalReading {
  const parsed = parseJournal(lines, id)
  if (parsed.kind !== 'events') return parsed
  return parsed.events.length === 0 ? { kind: 'empty' } : { kind: 'events', events: parsed.events }
}

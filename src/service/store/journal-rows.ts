import type { Driver } from '../../model/build/history.js'
import { databaseNow } from '../database/database-now.js'
import type { Query } from '../database/database.js'

/** The process that uses a store. */
export interface StoreProcess {
  /** Name of its machine, pod or container. */
  host: string
  pid: number
}

/** A journal with its lines after a given one. */
export interface JournalRow {
  driver: Driver | null
  fence: number
  /** How often drivers were asked to cancel. */
  cancels: number
  /** Number of all its lines. */
  length: number
  lines: string[]
}

/** Columns of `orch.journals` from which `driverIn` reads the driver. */
export const driverColumns = `driver_host AS host, driver_pid AS pid, lease_ends > ${databaseNow} AS "isAlive"`

export interface DriverColumns {
  host: string
  pid: number
  isAlive: boolean
}

/** Null: its lease has ended. */
export function driverIn({ host, pid, isAlive }: DriverColumns, reader: StoreProcess): Driver | null {
  if (!isAlive) return null
  return { name: `process ${pid} on ${host}`, pid: host === reader.host ? pid : null }
}

/**
 * Reads a journal in one statement, so that driver and lines are of the same moment: a process that ends in between leaves a finished
 * journal, not an abandoned one. Null: there is none.
 */
export async function readJournal(
  query: Query,
  { id, after = 0, reader }: { id: string; after?: number; reader: StoreProcess },
): Promise<JournalRow | null> {
  const rows = await query<
    DriverColumns & { fence: number; cancels: number; length: number | null; text: string | null }
  >(
    `SELECT ${driverColumns}, fence, cancel_count AS cancels, lines.text,
       (SELECT max(line) FROM orch.journal_lines WHERE journal = id) AS length
     FROM orch.journals LEFT JOIN orch.journal_lines AS lines ON lines.journal = id AND lines.line > $2
     WHERE id = $1 ORDER BY lines.line`,
    [id, after],
  )
  const [first] = rows
  if (!first) return null
  return {
    driver: driverIn(first, reader),
    fence: first.fence,
    cancels: first.cancels,
    length: first.length ?? 0,
    lines: rows.flatMap(({ text }) => (text === null ? [] : [text])),
  }
}

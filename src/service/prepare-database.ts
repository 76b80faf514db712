import type { Clock } from '../ports/clock.js'
import type { EmbeddedOptions } from './database/embedded/embedded-connections.js'
import { openDatabase } from './database/open-database.js'
import { createDurable } from './durable/dbos-durable.js'
import { createProcessLease } from './durable/process-lease.js'
import type { Log } from './operations/log.js'

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silent,
}

/**
 * Opens an embedded database and closes it again with all its tables, ours and those of DBOS: what a new one starts as, for `npm run build`.
 * Rejects when it cannot be opened.
 */
export async function prepareDatabase(options: EmbeddedOptions, clock: Clock): Promise<void> {
  const opened = await openDatabase({ kind: 'embedded', ...options })
  if (opened.kind === 'refused') throw new Error(opened.problem)
  const { database } = opened
  const identity = { id: 'template', host: 'template', pid: options.processes.pid, workers: 0 }
  const lease = createProcessLease({ database, clock, log: silent, identity })
  const durable = createDurable({ database, clock, log: silent, lease, roles: ['service', 'worker'] })
  await durable.launch()
  await durable.close()
  await database.query('DELETE FROM orch.processes WHERE id = $1', [identity.id])
  for (const statement of shrinking) await database.query(statement)
  await database.close()
}

/** Without PostgreSQL's own templates of databases, and with the log in a new file, it has half the files and a quarter of the bytes. */
const shrinking = [
  "UPDATE pg_database SET datistemplate = false WHERE datname IN ('template0', 'template1')",
  'DROP DATABASE template0',
  'DROP DATABASE template1',
  'SET wal_recycle = off',
  'SELECT pg_switch_wal()',
  'CHECKPOINT',
]

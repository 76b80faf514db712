import type { Database } from '../database/database.js'

/** An arbitrary number that all replicas use for the lock of a launch. */
const lockKey = 7_345_002

/** Replicas that start together create the tables of DBOS one after the other. An embedded database has one process. */
export function databaseLaunchLock(database: Database, launch: () => Promise<void>): Promise<void> {
  if (database.kind === 'embedded') return launch()
  return database.transaction(async (query) => {
    await query('SELECT pg_advisory_xact_lock($1)', [lockKey])
    await launch()
  })
}

import type { Clock } from '../../ports/clock.js'
import type { Database } from '../database/database.js'

/** An arbitrary number that all replicas use for the lock of a launch. */
const lockKey = 7_345_002
const pauseMs = 200

/**
 * Replicas that start together create the tables of DBOS one after the other. An embedded database has one process. The lock is that of a
 * session and is tried again and again: DBOS creates indexes concurrently, which waits for every statement and transaction that is open.
 */
export async function withLaunchLock(database: Database, clock: Clock, launch: () => Promise<void>): Promise<void> {
  if (database.kind === 'embedded') return launch()
  const client = await database.pool().connect()
  let isUsable = false
  try {
    const take = async (): Promise<boolean> => {
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [lockKey])
      return rows[0]?.taken === true
    }
    while (!(await take())) await clock.sleep(pauseMs)
    await launch()
    await client.query('SELECT pg_advisory_unlock($1)', [lockKey])
    isUsable = true
  } finally {
    // A connection that ends releases its locks.
    client.release(!isUsable)
  }
}

import pg from 'pg'
import { createClient, createPool } from './connections.js'
import type { Connections } from './connections.js'
import type { Database, Query, TransactionOptions } from './database.js'
import { createListener } from './listener.js'
import { DatabaseUnreachable, isUnreachable } from './unreachable.js'

/** Connections of the service's own statements, and those of a library. */
const poolSize = 10

/** PostgreSQL's type of 64-bit integers, which `pg` returns as text. */
const int8 = 20

const types = new pg.TypeOverrides()
types.setTypeParser(int8, toSafeNumber)

/** A database over connections that speak PostgreSQL's protocol. */
export function createPooledDatabase(connections: Connections): Database {
  const { kind, location } = connections
  const own = createPool(connections, poolSize)
  let library: pg.Pool | null = null
  const listener = createListener(() => createClient(connections))

  const checkOut = async (): Promise<pg.PoolClient> => {
    try {
      return await own.connect()
    } catch (error) {
      throw explained(error, location)
    }
  }

  const query: Query = async (sql, values) => {
    const client = await checkOut()
    return withRelease(client, location, () => run(client, sql, values))
  }

  return {
    kind,
    location,
    query,
    transaction: async (work, options = {}) => {
      const client = await checkOut()
      return withRelease(client, location, () => transact(client, work, options))
    },
    notify: async (channel, payload) => {
      await query('SELECT pg_notify($1, $2)', [channel, payload])
    },
    listen: (channel, onMessage) => listener.add(channel, onMessage),
    pool: () => (library ??= createPool(connections, poolSize)),
    close: async () => {
      await listener.close()
      await Promise.all([own.end(), library?.end()])
      await connections.close()
    },
  }
}

async function run<Row extends object>(
  client: pg.ClientBase,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const { rows } = await client.query<Row>({ text: sql, values: [...values], types })
  return rows
}

async function transact<T>(
  client: pg.ClientBase,
  work: (query: Query) => Promise<T>,
  { lock }: TransactionOptions,
): Promise<T> {
  // One message for both: most of the time of a short transaction is that of its messages.
  await client.query(lock ? `BEGIN; SELECT pg_advisory_xact_lock(${lock.map(Math.trunc).join(', ')})` : 'BEGIN')
  let isOpen = true
  try {
    const result = await work((sql, values) => {
      if (!isOpen) return Promise.reject(new Error('the transaction has ended'))
      return run(client, sql, values)
    })
    isOpen = false
    const { command } = await client.query('COMMIT')
    // A statement that failed has aborted the transaction, although `work` went on.
    if (command === 'ROLLBACK') throw new Error('a statement of the transaction failed, so it was rolled back')
    return result
  } catch (error) {
    isOpen = false
    await rollBack(client, error)
    throw error
  }
}

/** A lost connection has rolled back already. */
async function rollBack(client: pg.ClientBase, cause: unknown): Promise<void> {
  if (isUnreachable(cause)) return
  try {
    await client.query('ROLLBACK')
  } catch (error) {
    throw new AggregateError([cause, error], 'the transaction failed, and it could not be rolled back', {
      cause: error,
    })
  }
}

/** A connection whose statement the database refused is as good as before; any other failure ends it. */
async function withRelease<T>(client: pg.PoolClient, location: string, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work()
    client.release()
    return result
  } catch (error) {
    const isUsable = !isUnreachable(error) && !(error instanceof AggregateError)
    client.release(isUsable ? undefined : true)
    throw explained(error, location)
  }
}

function explained(error: unknown, location: string): unknown {
  return isUnreachable(error) && !(error instanceof DatabaseUnreachable)
    ? new DatabaseUnreachable(location, error)
    : error
}

function toSafeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is too large for a number`)
  return value
}

import { PGlite } from '@electric-sql/pglite'
import type { Database, Query } from '../../../src/service/database/database.js'

/** A database in memory. `isBroken`: every statement is refused, as when the disk is full. */
export type MemoryDatabase = Database & { isBroken: boolean }

/** Opens a PGlite in memory. */
export async function openMemoryDatabase(): Promise<MemoryDatabase> {
  const pglite = await PGlite.create()
  const listeners = new Map<string, Set<(payload: string) => void>>()
  const queryWith =
    (session: Pick<PGlite, 'query'>): Query =>
    async <Row extends object>(sql: string, values: readonly unknown[] = []) => {
      if (database.isBroken) throw new Error('could not extend file: No space left on device')
      return (await session.query<Row>(sql, [...values])).rows
    }
  const database: MemoryDatabase = {
    isBroken: false,
    kind: 'embedded',
    location: 'memory',
    query: queryWith(pglite),
    transaction: (work) => pglite.transaction((session) => work(queryWith(session as unknown as PGlite))),
    notify: (channel, payload) => {
      for (const listener of listeners.get(channel) ?? []) listener(payload)
      return Promise.resolve()
    },
    listen: (channel, listener) => {
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener))
      return Promise.resolve(() => Promise.resolve(void listeners.get(channel)?.delete(listener)))
    },
    pool: () => {
      throw new Error('the memory has no connections for a library')
    },
    close: () => pglite.close(),
  }
  return database
}

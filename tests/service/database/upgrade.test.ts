import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readHistory } from '../../../src/app/history/read-history.js'
import type { Store } from '../../../src/ports/store.js'
import type { Database } from '../../../src/service/database/database.js'
import { migrate } from '../../../src/service/database/migrate.js'
import { createDatabaseStore } from '../../../src/service/store/database-store.js'
import { databaseKinds } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { stillClock } from '../../support/store-contract.js'

const versionFour = readFileSync(join(import.meta.dirname, 'version-4.sql'), 'utf8')

/** The columns, indexes and constraints of the schema, in the order of their names. */
async function shapeOf({ query }: Database): Promise<object> {
  const columns = `SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity
    FROM information_schema.columns WHERE table_schema = 'orch' ORDER BY table_name, column_name`
  const indexes = `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'orch' ORDER BY indexname`
  const constraints = `SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE connamespace = 'orch'::regnamespace AND contype <> 'n' ORDER BY conname`
  return { columns: await query(columns), indexes: await query(indexes), constraints: await query(constraints) }
}

describe.each(databaseKinds)('a database $name of an earlier version', ({ openOwn, missing }) => {
  let room: DatabaseRoom
  let database: Database
  let newest: object

  beforeAll(async () => {
    if (missing !== null) return
    room = await openOwn()
    database = await room.create()
    newest = await shapeOf(database)
    await database.query('DROP SCHEMA orch CASCADE')
    await database.query(versionFour)
  }, 120_000)

  afterAll(async () => {
    if (missing === null) await room.close()
  })

  function storeHere(): Store {
    return createDatabaseStore({
      database,
      clock: stillClock,
      identity: { host: 'here', pid: 1 },
      onCancelRequest: () => undefined,
      onProblem: () => undefined,
    })
  }

  test.skipIf(missing !== null)(
    'becomes what a new one is, and keeps its journals, which are found by their branch, and its other rows',
    async () => {
      expect(await migrate(database)).toBeNull()
      expect(await shapeOf(database)).toEqual(newest)
      expect(await database.query('SELECT id, status, change FROM orch.workloads')).toEqual([
        { id: 'delivery-1', status: 'completed', change: 'DPTA-1' },
      ])
      expect(await database.query('SELECT id FROM orch.deliveries')).toEqual([{ id: 'delivery-2' }])

      const store = storeHere()
      expect(await readHistory(store, { branch: 'DPTA-1' })).toMatchObject([
        { state: 'finished', orchestration: { plan: { branch: 'DPTA-1' }, ending: { outcome: 'succeeded' } } },
      ])
      expect(await store.list('DPTA-2')).toEqual([])
      // A replica of the earlier version continues until it is upgraded too.
      await database.query(
        `INSERT INTO orch.journals (id, fence, driver_host, driver_pid, lease_ends) VALUES ('1new', 1, 'h', 1, 0)`,
      )
      expect(await store.list('DPTA-2')).toEqual([])
      await database.query(
        `INSERT INTO orch.journal_lines VALUES ('1new', 1, '{"journal":2,"orchestration":"1new"}'),
           ('1new', 2, '{"type":"started","plan":{"branch":"DPTA-2"}}')`,
      )
      expect(await store.list('DPTA-2')).toEqual(['1new'])
    },
  )
})

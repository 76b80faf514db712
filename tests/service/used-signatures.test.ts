import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/service/database/database.js'
import { createDatabaseUsedSignatures } from '../../src/service/http/login/used-signatures.js'
import { contractKinds, databaseKinds } from '../support/databases.js'
import type { DatabaseRoom } from '../support/databases.js'

for (const { name, missing } of databaseKinds) {
  if (missing !== null) process.stderr.write(`SKIPPED: the used signatures in the database ${name}: ${missing}\n`)
}

describe.each(contractKinds.filter(({ missing }) => missing === null))(
  'the used signatures in the database $name',
  (kind) => {
    let room: DatabaseRoom
    let database: Database

    beforeAll(async () => {
      room = await kind.open()
      database = await room.create()
    }, 120_000)

    afterAll(() => room.close())

    test('of many requests with one signature at two replicas one is accepted', async () => {
      const [one, other] = [createDatabaseUsedSignatures(database), createDatabaseUsedSignatures(await room.join())]
      const uses = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other).use('sha256=one'))
      const accepted = await Promise.all(uses)
      expect(accepted.filter((isNew) => isNew)).toHaveLength(1)
      expect(await other.use('sha256=other')).toBe(true)
    })

    test('a signature is kept for twice the window of the clock, and then removed', async () => {
      const used = createDatabaseUsedSignatures(database)
      await used.use('sha256=old')
      await database.query('UPDATE orch.used_signatures SET expires_at = expires_at - 590000')
      expect(await used.use('sha256=old')).toBe(false)
      await database.query('UPDATE orch.used_signatures SET expires_at = expires_at - 10000')
      await used.use('sha256=new')
      expect(await database.query('SELECT signature FROM orch.used_signatures')).toEqual([{ signature: 'sha256=new' }])
    })
  },
)

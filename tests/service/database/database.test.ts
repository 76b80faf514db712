import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../../src/service/database/database.js'
import { databaseKinds } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'

for (const { name, missing } of databaseKinds) {
  if (missing !== null) process.stderr.write(`SKIPPED: the database ${name}: ${missing}\n`)
}

describe.each(databaseKinds)('the database $name', ({ open, missing }) => {
  let room: DatabaseRoom
  let database: Database

  beforeAll(async () => {
    if (missing !== null) return
    room = await open()
    database = await room.create()
  }, 120_000)

  afterAll(async () => {
    if (missing === null) await room.close()
  })

  beforeEach(async (context) => {
    if (missing !== null) return context.skip(missing)
    await database.query('DROP TABLE IF EXISTS counts')
    await database.query('CREATE TABLE counts (name text PRIMARY KEY, value bigint NOT NULL)')
    return undefined
  })

  const read = async (): Promise<Record<string, number>> => {
    const rows = await database.query<{ name: string; value: number }>('SELECT name, value FROM counts ORDER BY name')
    return Object.fromEntries(rows.map((row) => [row.name, row.value]))
  }

  test('a query takes parameters and returns a bigint as a number', async () => {
    await database.query('INSERT INTO counts VALUES ($1, $2)', ["it's; DROP TABLE counts", 1_800_000_000_000])
    expect(await read()).toEqual({ "it's; DROP TABLE counts": 1_800_000_000_000 })
  })

  test('a bigint that a number cannot hold rejects, and the next query succeeds', async () => {
    await expect(database.query('SELECT 9007199254740993::bigint')).rejects.toThrow('too large')
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('a refused statement rejects with its SQLSTATE, and the next query succeeds', async () => {
    await database.query("INSERT INTO counts VALUES ('a', 1)")
    await expect(database.query('INSERT INTO counts VALUES ($1, 2)', ['a'])).rejects.toMatchObject({ code: '23505' })
    await expect(database.query('SELECT * FROM nowhere')).rejects.toMatchObject({ code: '42P01' })
    expect(await read()).toEqual({ a: 1 })
  })

  test('a transaction commits what its work wrote', async () => {
    const result = await database.transaction(async (query) => {
      await query("INSERT INTO counts VALUES ('a', 1)")
      await query("INSERT INTO counts VALUES ('b', 2)")
      return 'done'
    })
    expect(result).toBe('done')
    expect(await read()).toEqual({ a: 1, b: 2 })
  })

  test('a transaction whose work rejects writes nothing', async () => {
    const work = database.transaction(async (query) => {
      await query("INSERT INTO counts VALUES ('a', 1)")
      throw new Error('the work failed')
    })
    await expect(work).rejects.toThrow('the work failed')
    expect(await read()).toEqual({})
  })

  test('a transaction with a refused statement that its work ignores writes nothing, and rejects', async () => {
    const work = database.transaction(async (query) => {
      await query("INSERT INTO counts VALUES ('a', 1)")
      await query('SELECT * FROM nowhere').catch(() => [])
    })
    await expect(work).rejects.toThrow('rolled back')
    expect(await read()).toEqual({})
  })

  test('a query of a transaction that has ended rejects', async () => {
    const query = await database.transaction((inside) => Promise.resolve(inside))
    await expect(query("INSERT INTO counts VALUES ('a', 1)")).rejects.toThrow('has ended')
  })

  test('simultaneous transactions lose no update', async () => {
    await database.query("INSERT INTO counts VALUES ('a', 0)")
    const increment = (): Promise<void> =>
      database.transaction(async (query) => {
        const [row] = await query<{ value: number }>("SELECT value FROM counts WHERE name = 'a' FOR UPDATE")
        await new Promise((resolve) => setImmediate(resolve))
        await query("UPDATE counts SET value = $1 WHERE name = 'a'", [(row?.value ?? 0) + 1])
      })
    const others = Array.from({ length: 20 }, () => database.query('INSERT INTO counts VALUES (gen_random_uuid(), 1)'))
    await Promise.all([...Array.from({ length: 30 }, increment), ...others])
    expect(await read()).toMatchObject({ a: 30 })
  })

  test('nothing of a transaction that is rolled back reaches a simultaneous query', async () => {
    let insert = (): void => undefined
    const inserted = new Promise<void>((resolve) => (insert = resolve))
    const work = database.transaction(async (query) => {
      await query("INSERT INTO counts VALUES ('a', 1)")
      insert()
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('the work failed')
    })
    await inserted
    const [rows] = await Promise.all([read(), expect(work).rejects.toThrow('the work failed')])
    expect(rows).toEqual({})
  })

  describe('notifications', () => {
    test('every listener of a channel gets each message once, and no listener of another channel', async () => {
      const received: string[] = []
      const other = await room.join()
      const stops = [
        await database.listen('news', (payload) => received.push(`first ${payload}`)),
        await other.listen('news', (payload) => received.push(`second ${payload}`)),
        await other.listen('Other "channel"', (payload) => received.push(`third ${payload}`)),
      ]
      await database.notify('news', 'a')
      await other.notify('Other "channel"', 'b')
      await expect.poll(() => received.toSorted()).toEqual(['first a', 'second a', 'third b'])
      for (const stop of stops) await stop()
      await database.notify('news', 'c')
      await database.query('SELECT 1')
      expect(received).toHaveLength(3)
    })

    test('a message of a transaction arrives when it commits, and never when it is rolled back', async () => {
      const received: string[] = []
      const stop = await database.listen('news', (payload) => received.push(payload))
      const failed = database.transaction(async (query) => {
        await query("SELECT pg_notify('news', 'failed')")
        throw new Error('the work failed')
      })
      await expect(failed).rejects.toThrow()
      await database.transaction(async (query) => {
        await query("SELECT pg_notify('news', 'committed')")
        expect(received).toEqual([])
      })
      await expect.poll(() => received).toEqual(['committed'])
      await stop()
    })
  })

  describe('the pool for a library', () => {
    test('the pool returns what pg returns: a bigint as text, and the number of changed rows', async () => {
      const pool = database.pool()
      expect(pool).toBe(database.pool())
      const { rowCount, command } = await pool.query("INSERT INTO counts VALUES ('a', 1), ('b', 2)")
      expect({ rowCount, command }).toEqual({ rowCount: 2, command: 'INSERT' })
      const { rows } = await pool.query('SELECT value FROM counts ORDER BY name')
      expect(rows).toEqual([{ value: '1' }, { value: '2' }])
    })

    test('several statements in one text execute together', async () => {
      const pool = database.pool()
      await pool.query("INSERT INTO counts VALUES ('a', 1); INSERT INTO counts VALUES ('b', 2)")
      expect(await read()).toEqual({ a: 1, b: 2 })
    })

    test('a client in a transaction is isolated from other clients until it commits', async () => {
      const pool = database.pool()
      const client = await pool.connect()
      await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
      await client.query('INSERT INTO counts VALUES ($1, $2)', ['a', 1])
      const reading = pool.query('SELECT count(*)::int AS count FROM counts')
      await client.query('ROLLBACK')
      client.release()
      expect((await reading).rows).toEqual([{ count: 0 }])
    })

    test('a client that is released with an error in its transaction keeps nobody waiting', async () => {
      const pool = database.pool()
      const client = await pool.connect()
      await client.query('BEGIN')
      await client.query("INSERT INTO counts VALUES ('a', 1)")
      await expect(client.query('SELECT * FROM nowhere')).rejects.toMatchObject({ code: '42P01' })
      await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' })
      client.release(new Error('broken'))
      expect(await read()).toEqual({})
    })

    test('simultaneous prepared statements with parameters do not disturb each other', async () => {
      const pool = database.pool()
      const numbers = Array.from({ length: 200 }, (_, index) => index)
      const results = await Promise.all(
        numbers.map(async (number) => {
          const { rows } = await pool.query<{ sum: number }>('SELECT $1::int + $2::int AS sum', [number, number])
          return rows[0]?.sum
        }),
      )
      expect(results).toEqual(numbers.map((number) => number * 2))
    })

    test('a client that listens gets messages while another client is in a transaction', async () => {
      const pool = database.pool()
      const listener = await pool.connect()
      const received: (string | undefined)[] = []
      listener.on('notification', ({ payload }) => received.push(payload))
      await listener.query('LISTEN news')
      await database.transaction(async (query) => {
        await query("SELECT pg_notify('news', 'x')")
      })
      await expect.poll(() => received).toEqual(['x'])
      await listener.query('UNLISTEN news')
      await database.notify('news', 'y')
      await listener.query('SELECT 1')
      expect(received).toEqual(['x'])
      listener.release()
    })
  })
})

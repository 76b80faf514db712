import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../../src/service/database/database.js'
import { migrate } from '../../../src/service/database/migrate.js'
import { openDatabase } from '../../../src/service/database/open-database.js'
import { opened, openPostgres } from '../../support/databases.js'
import { postgresIsMissing, startPostgres } from '../../support/postgres.js'
import type { PostgresServer } from '../../support/postgres.js'

if (postgresIsMissing !== null) process.stderr.write(`SKIPPED: PostgreSQL: ${postgresIsMissing}\n`)

/** Nothing listens on port 1. */
const nowhere = 'postgres://orch:hunter2@127.0.0.1:1/orch?sslpassword=hunter3'

describe('a database that cannot be used', () => {
  test('the opening waits with growing pauses while the server cannot be reached, and names no password', async () => {
    const waits: [string, number][] = []
    const controller = new AbortController()
    const opening = openDatabase({
      kind: 'postgres',
      url: nowhere,
      onWait: (problem, pauseMs) => {
        waits.push([problem, pauseMs])
        if (waits.length === 7) controller.abort(new Error('shut down'))
      },
      sleep: () => Promise.resolve(),
      signal: controller.signal,
    })
    await expect(opening).rejects.toThrow('shut down')
    expect(waits.map(([, pauseMs]) => pauseMs)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect(waits[0]?.[0]).toBe(
      'the database postgres://orch@127.0.0.1:1/orch cannot be reached: connect ECONNREFUSED 127.0.0.1:1',
    )
    expect(JSON.stringify(waits)).not.toContain('hunter')
  })

  test.each(['', 'localhost', 'mysql://orch:hunter2@localhost/orch', 'postgres://orch:hunter2@local host/'])(
    'the URL "%s" is refused without repeating it',
    async (url) => {
      const result = await openPostgres(url)
      expect(result).toMatchObject({
        kind: 'refused',
        why: 'rejected',
        problem: 'the URL of the database is not valid',
      })
      expect(JSON.stringify(result)).not.toContain('hunter')
    },
  )
})

describe.skipIf(postgresIsMissing !== null)('PostgreSQL', () => {
  let server: PostgresServer
  let url: string
  const databases: Database[] = []

  beforeAll(async () => {
    server = await startPostgres()
  }, 120_000)

  afterAll(async () => {
    await Promise.all(databases.map((each) => each.close()))
    await server.remove()
  })

  beforeEach(async () => {
    url = await server.createDatabase()
  })

  async function open(): Promise<Database> {
    const database = opened(await openPostgres(url))
    databases.push(database)
    return database
  }

  test('a database that does not exist is refused with what to check, without a wait', async () => {
    const result = await openPostgres(url.replace('orch@', 'orch:hunter2@').replace(/\/test_\d+/u, '/absent'))
    expect(result).toMatchObject({ kind: 'refused', why: 'rejected' })
    expect(result).toMatchObject({ problem: expect.stringContaining('database "absent" does not exist') as string })
    expect(JSON.stringify(result)).not.toContain('hunter')
  })

  test('the location has no password', async () => {
    const database = opened(await openPostgres(url.replace('orch@', 'orch:hunter2@')))
    databases.push(database)
    expect(database.location).toBe(url)
  })

  test('the opening succeeds when the server starts during its waits', async () => {
    await server.stop()
    let waits = 0
    const result = await openDatabase({
      kind: 'postgres',
      url,
      onWait: () => (waits += 1),
      sleep: async () => {
        if (waits === 2) await server.start()
      },
    })
    databases.push(opened(result))
    expect(waits).toBe(2)
  })

  test('queries reject while the server is down, and queries, pool and listeners work again when it is back', async () => {
    const database = await open()
    const received: string[] = []
    await database.listen('news', (payload) => received.push(payload))
    // Connections that are idle and one that is in a transaction when the server ends.
    await Promise.all([1, 2, 3].map(() => database.query('SELECT pg_sleep(0.01)')))
    await database.pool().query('SELECT 1')
    const interrupted = database.transaction(async (query) => {
      await query('CREATE TABLE lost (x int)')
      await server.stop()
      await query('SELECT 1')
    })
    await expect(interrupted).rejects.toMatchObject({ name: 'DatabaseUnreachable' })
    await expect(database.query('SELECT 1')).rejects.toThrow(/^the database .* cannot be reached: .*ECONNREFUSED/u)
    await expect(database.transaction((query) => query('SELECT 1'))).rejects.toMatchObject({
      name: 'DatabaseUnreachable',
    })
    await server.start()
    expect(await database.query("SELECT to_regclass('lost') AS lost")).toEqual([{ lost: null }])
    expect((await database.pool().query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await expect
      .poll(
        async () => {
          await database.notify('news', 'again')
          return received.includes('again')
        },
        { timeout: 20_000 },
      )
      .toBe(true)
  })

  test('a connection that the server ends makes one query reject at most, also in a transaction', async () => {
    const database = await open()
    const end =
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()'
    const other = await open()
    const interrupted = database.transaction(async (query) => {
      await other.query(end)
      await query('SELECT 1')
    })
    await expect(interrupted).rejects.toMatchObject({ name: 'DatabaseUnreachable' })
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  describe('migrations', () => {
    const steps = ['CREATE TABLE orch.a (x int)', 'INSERT INTO orch.a VALUES (1)']

    test('each step is applied once, although eight replicas start at once', async () => {
      await Promise.all(Array.from({ length: 8 }, open))
      const database = await open()
      const [row] = await database.query<{ version: number }>('SELECT version FROM orch.schema_version')
      const all = [...Array.from({ length: row?.version ?? 0 }, () => 'SELECT 1'), ...steps]
      const results = await Promise.all(databases.slice(-8).map((each) => migrate(each, all)))
      expect(results).toEqual(Array.from({ length: 8 }, () => null))
      expect(await database.query('SELECT x FROM orch.a')).toEqual([{ x: 1 }])
    })

    test('a step that fails leaves the database as it was', async () => {
      const database = await open()
      const before = await database.query('SELECT * FROM orch.schema_version')
      const all = [...Array.from({ length: 50 }, () => 'SELECT 1'), ...steps, 'SELECT * FROM nowhere']
      await expect(migrate(database, all)).rejects.toThrow('nowhere')
      expect(await database.query('SELECT * FROM orch.schema_version')).toEqual(before)
      expect(await database.query("SELECT to_regclass('orch.a') AS a")).toEqual([{ a: null }])
    })

    test('a database of a newer orch is refused, and stays as it is', async () => {
      const database = await open()
      await database.query('UPDATE orch.schema_version SET version = 99')
      const result = await openPostgres(url)
      expect(result).toMatchObject({
        kind: 'refused',
        why: 'newer',
        problem: expect.stringMatching(/are of version 99, and this orch knows versions up to \d+$/u) as string,
      })
      expect(await database.query('SELECT version FROM orch.schema_version')).toEqual([{ version: 99 }])
    })
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDeferred } from '../../../src/lib/deferred.js'
import type { Event } from '../../../src/model/build/events.js'
import type { Journal } from '../../../src/ports/journal.js'
import type { CreatedJournal, Store, TakenOverJournal } from '../../../src/ports/store.js'
import type { Database } from '../../../src/service/database/database.js'
import { DatabaseUnreachable } from '../../../src/service/database/unreachable.js'
import { createDatabaseStore } from '../../../src/service/store/database-store.js'
import type { DatabaseStoreOptions } from '../../../src/service/store/database-store.js'
import { contractKinds, databaseKinds, postgresRoom } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { postgresIsMissing } from '../../support/postgres.js'
import { stillClock } from '../../support/store-contract.js'

for (const { name, missing } of databaseKinds) {
  if (missing !== null) process.stderr.write(`SKIPPED: the leases ${name}: ${missing}\n`)
}

const id = '01jd6x0000abcdef'
const branch = 'DPTA-1'
const event = (at: number): Event => ({ type: 'resumed', at })

/** A clock whose renewals take place when the test says so; all other pauses end at once. */
class RenewalClock {
  readonly #waiting: (() => void)[] = []

  now(): number {
    return 0
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms !== 5_000) return stillClock.sleep(ms)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  renew(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

function opened(result: CreatedJournal | TakenOverJournal): Journal {
  if (result.kind !== 'opened') throw new Error(`the journal is ${result.kind}`)
  return result.journal
}

async function eventsIn(store: Store): Promise<readonly Event[]> {
  const { reading } = await store.read(id)
  if (reading.kind !== 'events') throw new Error(`the journal is ${reading.kind}`)
  return reading.events
}

describe.each(contractKinds.filter(({ missing }) => missing === null))('the leases $name', ({ open }) => {
  let room: DatabaseRoom
  let database: Database
  let clock: RenewalClock

  beforeAll(async () => {
    room = await open()
    database = await room.create()
  }, 120_000)

  afterAll(() => room.close())

  beforeEach(async () => {
    clock = new RenewalClock()
    await database.query('DELETE FROM orch.journals')
  })

  function storeOf(pid: number, options: Partial<DatabaseStoreOptions> = {}): Store {
    const onProblem = (problem: string): never => {
      throw new Error(problem)
    }
    return createDatabaseStore({
      database,
      clock,
      identity: { host: `host-${pid}`, pid },
      onCancelRequest: () => undefined,
      onProblem,
      ...options,
    })
  }

  async function expire(): Promise<void> {
    await database.query('UPDATE orch.journals SET lease_ends = 0')
  }

  async function isDriven(): Promise<boolean> {
    return (await storeOf(9).read(id)).driver !== null
  }

  test('a driver on another machine has a name and no pid', async () => {
    opened(await storeOf(1).create(id, branch))
    expect((await storeOf(2).read(id)).driver).toEqual({ name: 'process 1 on host-1', pid: null })
  })

  test('a renewal extends the leases of all journals that are open, and of no closed one', async () => {
    const other = '01jd6x0001abcdef'
    const store = storeOf(1)
    const journal = opened(await store.create(id, branch))
    opened(await store.create(other, branch))
    await expire()
    clock.renew()
    await expect.poll(isDriven).toBe(true)
    await journal.close()
    clock.renew()
    const select = 'SELECT id FROM orch.journals WHERE lease_ends > 0'
    await expect.poll(() => database.query(select)).toEqual([{ id: other }])
  })

  test('an append extends the lease too', async () => {
    const journal = opened(await storeOf(1).create(id, branch))
    await expire()
    await journal.append(event(1))
    expect(await isDriven()).toBe(true)
  })

  test('a driver whose journal was taken over writes nothing, and does not get the lease back', async () => {
    const old = opened(await storeOf(1).create(id, branch))
    await old.append(event(1))
    await expire()
    const taken = await storeOf(2).takeOver(id)
    expect(taken).toMatchObject({ kind: 'opened', events: [event(1)] })
    await expect(old.append(event(2))).rejects.toMatchObject({ name: 'LeaseLost' })
    await expect(old.append(event(3))).rejects.toMatchObject({ name: 'LeaseLost' })
    await opened(taken).append(event(4))
    await old.close()
    expect(await storeOf(3).read(id)).toEqual({
      driver: { name: 'process 2 on host-2', pid: null },
      reading: { kind: 'events', events: [event(1), event(4)] },
    })
  })

  test('a renewal notices that the journal was taken over, so that the next append does not try', async () => {
    let statements = 0
    const counting: Database = {
      ...database,
      query: async (sql, values) => {
        const rows = await database.query<never>(sql, values)
        statements += 1
        return rows
      },
    }
    const old = opened(await storeOf(1, { database: counting }).create(id, branch))
    await expire()
    opened(await storeOf(2).takeOver(id))
    const before = statements
    clock.renew()
    await expect.poll(() => statements).toBe(before + 1)
    await expect(old.append(event(1))).rejects.toMatchObject({ name: 'LeaseLost' })
    expect(statements).toBe(before + 1)
  })

  test('simultaneous appends are written in order', async () => {
    const journal = opened(await storeOf(1).create(id, branch))
    const events = Array.from({ length: 20 }, (_, index) => event(index))
    await Promise.all(events.map((each) => journal.append(each)))
    expect(await eventsIn(storeOf(2))).toEqual(events)
  })

  test('an event whose answer was lost is written once', async () => {
    let losses = 3
    const losing: Database = {
      ...database,
      query: async (sql, values) => {
        const rows = await database.query<never>(sql, values)
        if (!sql.includes('INSERT INTO orch.journal_lines') || losses === 0) return rows
        losses -= 1
        throw new DatabaseUnreachable('of the test', new Error('connection terminated'))
      },
    }
    const journal = opened(await storeOf(1, { database: losing }).create(id, branch))
    await journal.append(event(1))
    expect(losses).toBe(0)
    await journal.append(event(2))
    expect(await eventsIn(storeOf(2))).toEqual([event(1), event(2)])
  })

  test('an event is refused when the database stays away, and so are all after it', async () => {
    let isAway = false
    const leaving: Database = {
      ...database,
      query: (sql, values) =>
        isAway
          ? Promise.reject(new DatabaseUnreachable('of the test', new Error('gone')))
          : database.query(sql, values),
    }
    const journal = opened(await storeOf(1, { database: leaving }).create(id, branch))
    isAway = true
    await expect(journal.append(event(1))).rejects.toMatchObject({ name: 'DatabaseUnreachable' })
    isAway = false
    await expect(journal.append(event(2))).rejects.toMatchObject({ name: 'DatabaseUnreachable' })
    await journal.close()
    expect((await storeOf(2).read(id)).reading).toEqual({ kind: 'empty' })
  })

  test('a renewal that fails is reported, and tried again', async () => {
    const problems: string[] = []
    let failures = 2
    const failing: Database = {
      ...database,
      query: (sql, values) => {
        if (!sql.includes('unnest') || failures === 0) return database.query(sql, values)
        failures -= 1
        return Promise.reject(new Error('the renewal failed'))
      },
    }
    opened(
      await storeOf(1, { database: failing, onProblem: (problem) => void problems.push(problem) }).create(id, branch),
    )
    await expire()
    clock.renew()
    await expect.poll(isDriven).toBe(true)
    expect(problems).toEqual(
      Array.from({ length: 2 }, () => 'the leases of 1 journals could not be renewed: the renewal failed'),
    )
  })

  test('a driver learns of a request to cancel from its next renewal when the message was lost', async () => {
    const asked: string[] = []
    const deaf: Database = { ...database, listen: () => Promise.resolve(() => Promise.resolve()) }
    const store = storeOf(1, { database: deaf, onCancelRequest: (journal) => void asked.push(journal) })
    opened(await store.create(id, branch))
    expect(await storeOf(2).cancelRequest(id).send()).toMatchObject({ kind: 'sent' })
    clock.renew()
    await expect.poll(() => asked).toEqual([id])
    clock.renew()
    await database.query('SELECT 1')
    expect(asked).toEqual([id])
  })

  test('a request whose process died does not keep others from asking for longer than a minute', async () => {
    opened(await storeOf(1).create(id, branch))
    await storeOf(2).cancelRequest(id).send()
    expect(await storeOf(3).cancelRequest(id).send()).toMatchObject({ kind: 'sent-before' })
    await database.query('UPDATE orch.journals SET cancel_ends = cancel_ends - 60000')
    expect(await storeOf(3).cancelRequest(id).send()).toMatchObject({ kind: 'sent' })
  })

  test('a tail yields an event when it is appended, long before its interval has passed', async () => {
    const journal = opened(await storeOf(1).create(id, branch))
    const tail = storeOf(2).tail(id, { intervalMs: 5_000 })[Symbol.asyncIterator]()
    await tail.next()
    const next = tail.next()
    await journal.append(event(1))
    expect((await next).value).toMatchObject({ reading: { events: [event(1)] } })
    await tail.return?.()
  })
})

describe.skipIf(postgresIsMissing !== null)('processes that share PostgreSQL', () => {
  let room: DatabaseRoom
  let database: Database
  let url: string

  beforeAll(async () => {
    room = await postgresRoom()
    database = await room.create()
    url = database.location
  }, 120_000)

  afterAll(() => room.close())

  beforeEach(() => database.query('DELETE FROM orch.journals'))

  function storeHere(connected: Database = database): Store {
    return createDatabaseStore({
      database: connected,
      clock: stillClock,
      identity: { host: 'here', pid: process.pid },
      onCancelRequest: () => undefined,
      onProblem: () => undefined,
    })
  }

  test('of two processes that take a journal over at the same time, one waits for the other and is told who drives it', async () => {
    await opened(await storeHere().create(id, branch)).close()
    const [reached, gate] = [createDeferred<null>(), createDeferred<null>()]
    const pausing: Database = {
      ...database,
      transaction: (work) =>
        database.transaction((query) =>
          work(async (sql, values) => {
            if (!sql.includes('SET fence')) return query(sql, values)
            reached.resolve(null)
            await gate.promise
            return query(sql, values)
          }),
        ),
    }
    const first = storeHere(pausing).takeOver(id)
    await reached.promise
    let isSecondDone = false
    const second = storeHere().takeOver(id)
    void second.then(() => (isSecondDone = true))
    const isWaiting = async (): Promise<boolean> =>
      (await database.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length > 0
    await expect.poll(async () => isSecondDone || (await isWaiting()), { timeout: 60_000 }).toBe(true)
    gate.resolve(null)
    expect([(await first).kind, (await second).kind]).toEqual(['opened', 'held'])
    await opened(await first).close()
  })

  const program = join(import.meta.dirname, 'drive-journal.ts')

  /** A process that drives the journal with a lease of two seconds and appends to it all the time. */
  async function driveElsewhere() {
    const child = spawn(process.execPath, ['--import', 'tsx', program, url, id], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const output: string[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()))
    await expect.poll(() => output.join(''), { timeout: 60_000 }).toContain('driving')
    return { child, output }
  }

  const takeOver = { timeout: 60_000, interval: 200 }

  test('a suspended process that lost its lease writes nothing when it continues', async () => {
    const { child, output } = await driveElsewhere()
    child.kill('SIGSTOP')
    const store = storeHere()
    expect((await store.takeOver(id)).kind).toBe('held')
    let taken: TakenOverJournal = { kind: 'absent' }
    await expect.poll(async () => (taken = await store.takeOver(id)).kind, takeOver).toBe('opened')
    const journal = opened(taken)
    await journal.append(event(-1))
    const before = await eventsIn(store)
    const ended = once(child, 'exit')
    child.kill('SIGCONT')
    await ended
    expect(output.join('')).toContain('LeaseLost')
    expect(await eventsIn(store)).toEqual(before)
    expect(before.at(-1)).toEqual(event(-1))
    await journal.close()
  }, 180_000)

  test('the journal of a killed process is taken over with every event that it had acknowledged', async () => {
    const { child, output } = await driveElsewhere()
    await expect.poll(() => output.join(''), { timeout: 60_000 }).toContain('appended 5')
    child.kill('SIGKILL')
    const store = storeHere()
    let taken: TakenOverJournal = { kind: 'absent' }
    await expect.poll(async () => (taken = await store.takeOver(id)).kind, takeOver).toBe('opened')
    const acknowledged = [...output.join('').matchAll(/appended (\d+)/gu)].map(([, at]) => event(Number(at)))
    expect(await eventsIn(store)).toEqual(expect.arrayContaining(acknowledged))
    await opened(taken).close()
  }, 180_000)

  test('an append that meets a restart of the database is written once, and the driver keeps the journal', async () => {
    const store = createDatabaseStore({
      database,
      clock: { now: () => 0, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()) },
      identity: { host: 'here', pid: process.pid },
      onCancelRequest: () => undefined,
      onProblem: () => undefined,
    })
    const journal = opened(await store.create(id, branch))
    await journal.append(event(1))
    await room.server?.stop()
    const appending = journal.append(event(2))
    await room.server?.start()
    await appending
    await journal.append(event(3))
    expect(await eventsIn(store)).toEqual([event(1), event(2), event(3)])
    await journal.close()
  }, 120_000)
})

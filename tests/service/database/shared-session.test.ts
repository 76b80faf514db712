import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createPooledDatabase } from '../../../src/service/database/pooled-database.js'
import type { Database } from '../../../src/service/database/database.js'
import { frame, readyForQuery } from '../../../src/service/database/embedded/frames.js'
import { SessionStream } from '../../../src/service/database/embedded/session-stream.js'
import { SharedSession } from '../../../src/service/database/embedded/shared-session.js'
import type { Session } from '../../../src/service/database/embedded/shared-session.js'

interface Script {
  answer: (text: string) => Buffer | Promise<Buffer>
  reachDisk: (text: string) => Promise<void>
}

/** A session that does what the test says. */
class ScriptedSession implements Session {
  readonly executed: string[]
  readonly #answer: (text: string) => Buffer | Promise<Buffer>

  readonly #reachDisk: (text: string) => Promise<void>

  constructor(executed: string[], script: Script) {
    this.executed = executed
    this.#answer = script.answer
    this.#reachDisk = script.reachDisk
  }

  async execute(bytes: Buffer): Promise<{ answer: Buffer; onDisk: Promise<void> }> {
    const text = /[A-Za-z][\w $'()]*/u.exec(bytes.toString('latin1', 5))?.[0].trim() ?? ''
    this.executed.push(text)
    return { answer: await this.#answer(text), onDisk: this.#reachDisk(text) }
  }

  close(): Promise<void> {
    this.executed.push('(closed)')
    return Promise.resolve()
  }

  abandon(): void {
    this.executed.push('(abandoned)')
  }
}

function done(text: string): Buffer {
  const state = text.startsWith('BEGIN') || text.startsWith('IN') ? 'T' : 'I'
  return Buffer.concat([frame('C', text), readyForQuery(state)])
}

const panic = frame('E', 'SPANIC', 'C53100', 'Mno space left', Buffer.alloc(1))

describe('connections that share one session', () => {
  let executed: string[]
  let answer: Script['answer']
  let reachDisk: Script['reachDisk']
  let openings: (() => Promise<void>)[]
  let database: Database

  beforeEach(() => {
    executed = []
    answer = done
    reachDisk = () => Promise.resolve()
    openings = []
    const session = new SharedSession(async () => {
      await openings.shift()?.()
      executed.push('(opened)')
      return new ScriptedSession(executed, { answer: (text) => answer(text), reachDisk: (text) => reachDisk(text) })
    })
    database = createPooledDatabase({
      kind: 'embedded',
      location: 'a folder',
      clientConfig: () => ({
        stream: () => new SessionStream(session),
        host: 'x',
        user: 'x',
        database: 'x',
        ssl: false,
      }),
      close: () => session.close(),
    })
  })

  afterEach(async () => {
    vi.useRealTimers()
    await database.close()
  })

  test('a connection in a transaction has the session to itself', async () => {
    const pool = database.pool()
    const first = await pool.connect()
    await first.query('BEGIN')
    const second = pool.query('SELECT 2')
    await first.query('IN 1')
    await first.query('COMMIT')
    first.release()
    await second
    expect(executed).toEqual(['(opened)', 'BEGIN', 'IN 1', 'COMMIT', 'SELECT 2'])
  })

  test('a connection that ends in a transaction rolls it back before the next one starts', async () => {
    const pool = database.pool()
    const first = await pool.connect()
    await first.query('BEGIN')
    const second = pool.query('SELECT 2')
    first.release(true)
    await second
    expect(executed).toEqual(['(opened)', 'BEGIN', 'ROLLBACK', 'SELECT 2'])
  })

  test('a connection that ends while it waits for the session is not served', async () => {
    const pool = database.pool()
    const first = await pool.connect()
    const second = await pool.connect()
    second.on('error', () => undefined)
    await first.query('BEGIN')
    const waiting = second.query('SELECT 2')
    second.release(true)
    await expect(waiting).rejects.toThrow()
    await first.query('COMMIT')
    first.release()
    await pool.query('SELECT 3')
    expect(executed).toEqual(['(opened)', 'BEGIN', 'COMMIT', 'SELECT 3'])
  })

  test('a connection that ends in the moment in which it gets the session executes nothing', async () => {
    const pool = database.pool()
    const first = await pool.connect()
    const second = await pool.connect()
    second.on('error', () => undefined)
    await first.query('BEGIN')
    const waiting = second.query('SELECT 2')
    const third = pool.query('SELECT 3')
    // It is handed the session by this answer, for the next turn of the event loop.
    await first.query('COMMIT')
    second.release(true)
    first.release()
    await expect(waiting).rejects.toThrow()
    await third
    expect(executed).toEqual(['(opened)', 'BEGIN', 'COMMIT', 'ROLLBACK', 'SELECT 3'])
  })

  test('a transaction that does nothing for 30 s is rolled back, and its connection ends', async () => {
    const pool = database.pool()
    const idle = await pool.connect()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await idle.query('BEGIN')
    const second = pool.query('SELECT 2')
    await vi.advanceTimersByTimeAsync(30_000)
    vi.useRealTimers()
    await second
    await expect(idle.query('IN 1')).rejects.toThrow()
    idle.release()
    expect(executed).toEqual(['(opened)', 'BEGIN', 'ROLLBACK', 'SELECT 2'])
  })

  test('an answer waits until its commit is on the disk, and other connections execute meanwhile', async () => {
    const finish: (() => void)[] = []
    reachDisk = (text) => (text === 'SELECT 1' ? new Promise((resolve) => finish.push(resolve)) : Promise.resolve())
    let isAnswered = false
    const waiting = database.query('SELECT 1').then(() => (isAnswered = true))
    await expect.poll(() => finish.length).toBe(1)
    await database.query('SELECT 2')
    expect(isAnswered).toBe(false)
    finish[0]?.()
    await waiting
    expect(executed).toEqual(['(opened)', 'SELECT 1', 'SELECT 2'])
  })

  test('commits that cannot reach the disk reject, and the session is opened again once', async () => {
    reachDisk = (text) => (text.startsWith('IN') ? Promise.reject(new Error('I/O error')) : Promise.resolve())
    answer = (text) => Buffer.concat([frame('C', text), readyForQuery('I')])
    const results = await Promise.allSettled([database.query('IN 1'), database.query('IN 2'), database.query('IN 3')])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await database.query('SELECT 2')
    expect(executed.filter((each) => each === '(opened)')).toHaveLength(2)
    expect(executed.at(-1)).toBe('SELECT 2')
  })

  test('a rollback that cannot reach the disk ends the session', async () => {
    const client = await database.pool().connect()
    await client.query('BEGIN')
    reachDisk = () => Promise.reject(new Error('no space left'))
    client.release(true)
    await expect.poll(() => executed.includes('(abandoned)')).toBe(true)
    reachDisk = () => Promise.resolve()
    await database.query('SELECT 1')
    expect(executed.filter((each) => each === '(opened)')).toHaveLength(2)
  })

  test('a session that reports a failure and does not get ready is abandoned, and another is opened', async () => {
    answer = (text) => (text === 'SELECT 1' ? panic : done(text))
    await expect(database.query('SELECT 1')).rejects.toThrow(
      'the database a folder cannot be reached: the embedded database failed: no space left',
    )
    await database.query('SELECT 2')
    expect(executed).toEqual(['(opened)', 'SELECT 1', '(abandoned)', '(opened)', 'SELECT 2'])
  })

  test('all connections end with a session that fails, and a transaction is not continued in another', async () => {
    const pool = database.pool()
    const first = await pool.connect()
    first.on('error', () => undefined)
    await first.query('BEGIN')
    answer = (text) => (text === 'IN 1' ? Promise.reject(new Error('unreachable code')) : done(text))
    const waiting = database.query('SELECT 2')
    await expect(first.query('IN 1')).rejects.toThrow('unreachable code')
    await expect(waiting).rejects.toMatchObject({ name: 'DatabaseUnreachable' })
    await expect(first.query('COMMIT')).rejects.toThrow()
    first.release()
    expect(executed).toEqual(['(opened)', 'BEGIN', 'IN 1', '(abandoned)'])
  })

  test('an opening that failed is not repeated for five seconds, in which queries reject with its reason', async () => {
    const fail = (): Promise<void> => Promise.reject(new Error('the folder is locked'))
    openings = [fail]
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await expect(database.query('SELECT 1')).rejects.toThrow('the folder is locked')
    await expect(database.query('SELECT 1')).rejects.toThrow('the folder is locked')
    await vi.advanceTimersByTimeAsync(5_000)
    vi.useRealTimers()
    await database.query('SELECT 1')
    expect(executed).toEqual(['(opened)', 'SELECT 1'])
  })

  test('a message goes to the connections that listen on its channel only', async () => {
    const message = frame('A', Buffer.alloc(4), 'news', 'hello')
    answer = (text) => (text.startsWith('NOTIFY') ? Buffer.concat([message, done(text)]) : done(text))
    const pool = database.pool()
    const received: string[] = []
    const clients: pg.PoolClient[] = []
    for (const [name, statement] of [
      ['a', 'LISTEN news'],
      ['b', 'LISTEN other'],
      ['c', 'SELECT 1'],
    ] as const) {
      const client = await pool.connect()
      clients.push(client)
      client.on('notification', ({ payload }) => received.push(`${name} ${payload}`))
      await client.query(statement)
    }
    await pool.query('NOTIFY news')
    await expect.poll(() => received).toEqual(['a hello'])
    for (const client of clients) client.release()
  })
})

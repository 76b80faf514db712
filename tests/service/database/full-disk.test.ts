import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { thisMachine } from '../../../src/lib/process-liveness.js'
import type { Database } from '../../../src/service/database/database.js'
import { openDatabase } from '../../../src/service/database/open-database.js'
import type { OpenedDatabase } from '../../../src/service/database/open-database.js'
import { DeliveryService } from '../../../src/service/deliveries/deliveries.js'
import { createReadiness } from '../../../src/service/http/health.js'
import { opened } from '../../support/databases.js'
import { realClock } from '../../support/queue-room.js'
import { createMemoryLog } from '../support/memory-log.js'
import { MemoryDurable } from '../support/memory-durable.js'

const folder = mkdtempSync(join(tmpdir(), 'orch-full-disk-'))
const ballast = join(folder, 'ballast')

/** Mounts a small disk; null: done, otherwise why it could not be. */
function mountSmallDisk(): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=100m', 'tmpfs', folder], { stdio: 'pipe' })
    return null
  } catch {
    return 'mounting a small disk needs Linux and root'
  }
}

const missing = mountSmallDisk()
if (missing !== null) process.stderr.write(`SKIPPED: the embedded database on a full disk: ${missing}\n`)

function fillDisk(): void {
  try {
    for (;;) writeFileSync(ballast, Buffer.alloc(1 << 20), { flag: 'a' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}

afterAll(() => {
  if (missing === null) execFileSync('umount', ['-l', folder])
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(missing !== null)('the embedded database on a full disk', () => {
  const open = (): Promise<OpenedDatabase> =>
    openDatabase({ kind: 'embedded', stateDirectory: join(folder, 'state'), processes: thisMachine })

  const insert = `INSERT INTO filling SELECT string_agg(gen_random_uuid()::text, '') FROM generate_series(1, 2000)`

  /** Resolves to the number of rows that were acknowledged, and the first refusal. */
  async function insertUntilRefused(database: Database): Promise<{ count: number; error: unknown }> {
    for (let count = 0; ; count += 1) {
      try {
        await database.query(insert)
      } catch (error) {
        return { count, error }
      }
    }
  }

  async function countRows(database: Database): Promise<number | undefined> {
    const [row] = await database.query<{ count: number }>('SELECT count(*) FROM filling')
    return row?.count
  }

  test('a write is refused with the reason, no acknowledged row is lost, and it works again when there is space', async () => {
    const database = opened(await open())
    await database.query('CREATE TABLE filling (text text)')
    fillDisk()
    const { count, error } = await insertUntilRefused(database)
    expect(String(error)).toContain('No space left on device')
    rmSync(ballast)
    // An opening that failed is not repeated for five seconds.
    await expect.poll(() => countRows(database).catch(() => null), { timeout: 60_000, interval: 500 }).toBe(count)
    await database.query(insert)
    expect(await countRows(database)).toBe(count + 1)
    await database.close()
  }, 180_000)

  test('the service is not ready from the delivery that the disk refuses until one is stored', async () => {
    const database = opened(await open())
    const clock = realClock
    const service = new DeliveryService({
      database,
      durable: new MemoryDurable(clock),
      clock,
      log: createMemoryLog(),
      secrets: [],
      metrics: { webhookReceived: () => undefined, webhookHandled: () => undefined },
      ignoredFor: () => 'there is nothing to do',
      isHint: () => false,
      handle: () => Promise.reject(new Error('nothing is handled')),
    })
    const engine = { held: () => Promise.resolve() }
    const ready = createReadiness({
      database,
      clock,
      engine,
      githubLogin: { problem: () => null },
      storeProblem: () => service.storeProblem(),
    })
    const readiness = async (): Promise<string> => {
      const response = await ready(new Request('http://127.0.0.1/readyz'))
      return `${response.status} ${await response.text()}`
    }
    const json = JSON.stringify({ text: randomBytes(1 << 20).toString('hex') })
    const delivery = { id: 'd-1', event: 'push', payload: {}, json }
    await database.query('CREATE TABLE IF NOT EXISTS filling (text text)')
    fillDisk()
    await insertUntilRefused(database)
    expect(await readiness()).toMatch(/^200 /u)
    await expect(service.accept(delivery)).rejects.toThrow('No space left on device')
    expect(await readiness()).toMatch(/^503 .*No space left on device/u)
    rmSync(ballast)
    const accept = (): Promise<string> => service.accept(delivery).catch(() => 'refused')
    await expect.poll(accept, { timeout: 60_000, interval: 500 }).not.toBe('refused')
    expect(await readiness()).toMatch(/^200 /u)
    await database.close()
  }, 180_000)

  test('a start on a full disk is refused with what to do', async () => {
    rmSync(join(folder, 'state'), { recursive: true })
    fillDisk()
    const result = await open()
    expect(result).toMatchObject({
      kind: 'refused',
      why: 'disk-full',
      remedy: 'Free space on the disk, and start again.',
    })
    rmSync(ballast)
    await opened(await open()).close()
  }, 180_000)
})

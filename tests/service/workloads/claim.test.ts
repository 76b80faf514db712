import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDeferred } from '../../../src/lib/deferred.js'
import type { Database, Query } from '../../../src/service/database/database.js'
import { claimPending } from '../../../src/service/workloads/claim.js'
import { Slots } from '../../../src/service/workloads/slots.js'
import { inQueueLock, insertWorkload } from '../../../src/service/workloads/workload-row.js'
import { postgresRoom } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { postgresIsMissing } from '../../support/postgres.js'

if (postgresIsMissing !== null) process.stderr.write(`SKIPPED: claims of several processes: ${postgresIsMissing}\n`)

describe.skipIf(postgresIsMissing !== null)('claims of several processes', () => {
  let room: DatabaseRoom
  let database: Database

  beforeAll(async () => {
    room = await postgresRoom()
    database = await room.create()
  }, 120_000)

  afterAll(() => room.close())

  /** The ids that a process with one worker claims. `pause` is awaited before the rows are marked. */
  function claim(process: string, pause: () => Promise<unknown> = () => Promise.resolve()): Promise<string[]> {
    return inQueueLock(database, (query) => {
      const pausing: Query = async (sql, values) => {
        if (sql.includes("SET status = 'claimed'")) await pause()
        return query(sql, values)
      }
      const slots = new Slots({ workers: [`${process}-1`], capacity: 100 })
      return claimPending(pausing, { process, slots, limits: { perRepository: null, inAll: null } })
    })
  }

  test('a workload that two processes claim at the same time goes to the first, for which the second waits', async () => {
    await insertWorkload(database.query, {
      id: 'e1',
      work: { kind: 'flow-step', event: 'e', flow: 'f', run: 'r', attempt: 'r-1', index: 0, action: 'exec' },
    })
    const [reached, gate] = [createDeferred<null>(), createDeferred<null>()]
    const first = claim('one', () => {
      reached.resolve(null)
      return gate.promise
    })
    await reached.promise
    let isSecondDone = false
    const second = claim('two').finally(() => (isSecondDone = true))
    const isWaiting = async (): Promise<boolean> =>
      (await database.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length > 0
    await expect.poll(async () => isSecondDone || (await isWaiting()), { timeout: 60_000 }).toBe(true)
    gate.resolve(null)
    expect([await first, await second]).toEqual([['e1'], []])
    expect(await database.query('SELECT status, process FROM orch.workloads')).toEqual([
      { status: 'claimed', process: 'one' },
    ])
  })
})

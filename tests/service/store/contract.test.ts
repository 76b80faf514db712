import { afterAll, beforeAll, describe } from 'vitest'
import type { Clock } from '../../../src/ports/clock.js'
import type { Database } from '../../../src/service/database/database.js'
import { createDatabaseStore } from '../../../src/service/store/database-store.js'
import { contractKinds, databaseKinds } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { describeStore, stillClock } from '../../support/store-contract.js'
import type { StoreWorld } from '../../support/store-contract.js'

for (const { name, missing } of databaseKinds) {
  if (missing !== null) process.stderr.write(`SKIPPED: the store ${name}: ${missing}\n`)
}

/** Leases are not renewed: a process that a test kills must not go on renewing them. */
const clock: Clock = {
  now: () => stillClock.now(),
  sleep: (ms, signal) =>
    ms < 1_000
      ? stillClock.sleep(ms, signal)
      : new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
}

const host = 'this-host'

async function openWorld(database: Database): Promise<StoreWorld> {
  const asked: number[] = []
  const remove = async (journal: string): Promise<void> => {
    await database.query('DELETE FROM orch.journals WHERE id = $1', [journal])
  }
  await database.query('DELETE FROM orch.journals')
  return {
    driverOf: (pid) => ({ name: `process ${pid} on ${host}`, pid }),
    storeOf: (pid) =>
      createDatabaseStore({
        database,
        clock,
        identity: { host, pid },
        onCancelRequest: () => void asked.push(pid),
        onProblem: (problem) => {
          throw new Error(problem)
        },
      }),
    kill: async (pid) => {
      await database.query('UPDATE orch.journals SET lease_ends = 0 WHERE driver_pid = $1', [pid])
    },
    asked,
    place: async (journal, lines) => {
      await remove(journal)
      const insert = `INSERT INTO orch.journals (id, fence, driver_host, driver_pid, lease_ends) VALUES ($1, 1, $2, 1, 0)`
      await database.query(insert, [journal, host])
      const each = 'SELECT $1, line, text FROM unnest($2::text[]) WITH ORDINALITY AS lines (text, line)'
      await database.query(`INSERT INTO orch.journal_lines (journal, line, text) ${each}`, [journal, lines])
    },
    linesOf: async (journal) => {
      const select = 'SELECT text FROM orch.journal_lines WHERE journal = $1 ORDER BY line'
      return (await database.query<{ text: string }>(select, [journal])).map(({ text }) => text)
    },
    remove,
    close: () => Promise.resolve(),
  }
}

describe.each(contractKinds.filter(({ missing }) => missing === null))('the store $name', ({ open }) => {
  let room: DatabaseRoom
  let database: Database

  beforeAll(async () => {
    room = await open()
    database = await room.create()
  }, 120_000)

  afterAll(() => room.close())

  describeStore(() => openWorld(database))
})

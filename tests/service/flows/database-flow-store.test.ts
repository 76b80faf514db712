import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newRun } from '../../../src/model/flow/flow-progress.js'
import { createDatabaseFlowStore } from '../../../src/service/flows/database-flow-store.js'
import { contractKinds } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { describeFlowStore, eventOf, runOf } from '../../support/flow-store-contract.js'

const tables = 'orch.flow_events, orch.flow_runs, orch.disabled_flows'

for (const { name, open, missing } of contractKinds) {
  describe.skipIf(missing !== null)(`in a database ${name}`, () => {
    let room: DatabaseRoom

    beforeAll(async () => {
      room = await open()
      await room.create()
    }, 120_000)

    afterAll(() => room.close(), 120_000)

    /** The same database each time, without rows. */
    const emptied = async () => {
      const database = await room.join()
      await database.query(`TRUNCATE ${tables} RESTART IDENTITY`)
      return createDatabaseFlowStore(database)
    }

    describeFlowStore(`in a database ${name}`, emptied)

    test('two processes that send the same event keep it once, with its runs', async () => {
      const [one, other] = [await emptied(), createDatabaseFlowStore(await room.join())]
      const all = Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? one : other).accept(eventOf('e'), [runOf('r1')]),
      )
      const kinds = (await Promise.all(all)).map((result) => result.kind)
      expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1)
    })

    test('two processes start as many attempts of a flow as its concurrency allows', async () => {
      const [one, other] = [await emptied(), createDatabaseFlowStore(await room.join())]
      const runs = Array.from({ length: 10 }, (_, index) => newRun({ id: `r${index}`, eventId: 'e', flow: 'f' }, index))
      await one.accept(eventOf('e'), runs)
      const options = { concurrency: 3, stepCount: 1, now: 100 }
      const started = await Promise.all(
        Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : other).startNext('f', options)),
      )
      expect(started.flatMap((run) => run?.id ?? []).toSorted()).toEqual(['r0', 'r1', 'r2'])
    })
  })
}

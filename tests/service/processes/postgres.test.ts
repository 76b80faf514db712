import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorkersJson } from '../../../src/model/wire/workloads.js'
import { postgresIsMissing, startPostgres } from '../../support/postgres.js'
import type { PostgresServer } from '../../support/postgres.js'
import { until } from '../../support/queue-room.js'
import { builtOnce, patienceMs, ServiceRoom } from '../support/service-command.js'

const timeout = 5 * patienceMs
/** How long the work of a dead process may be left alone, ms. */
const takeOverMs = 30_000

const title = `several processes of the service on PostgreSQL${postgresIsMissing ? ` (skipped: ${postgresIsMissing})` : ''}`
describe.skipIf(postgresIsMissing !== null)(title, () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres()
  }, timeout)
  afterAll(() => server.remove(), timeout)

  test(
    'replicas wait for a database that cannot be reached, start one delivery once, and take over from one that was killed within 30 seconds',
    async () => {
      await using room = await ServiceRoom.open(await server.createDatabase())
      await room.heldChange('DPTA-1')
      await server.stop()
      const replicas = [room.serve(), room.serve()] as const
      for (const replica of replicas) {
        await until(() => Promise.resolve(replica.stderr().includes('waiting for the database') || null), patienceMs)
      }
      await server.start()
      await Promise.all(replicas.map((replica) => replica.url()))

      const posts = Array.from({ length: 60 }, (_, index) =>
        replicas[index % 2 === 0 ? 0 : 1].askForRun('e1', 'DPTA-1'),
      )
      expect(new Set(await Promise.all(posts))).toEqual(new Set([202]))
      await room.github.builds.whenStarted('acme/repoB')
      const { pid } = await replicas[0].whenRunBy('e1')
      const survivor = replicas[0].pid === pid ? replicas[1] : replicas[0]
      await room.commandOf(pid).crash()
      const killedAt = Date.now()
      await survivor.whenRunBy('e1', (worker) => worker.pid === survivor.pid)
      expect(Date.now() - killedAt).toBeLessThan(takeOverMs)

      room.release()
      await survivor.whenWorkload('e1', 'completed')
      expect(await room.outcome('DPTA-1')).toEqual(builtOnce('DPTA-1'))
      expect((await survivor.request('/workloads')).body).toMatchObject({ items: [{ id: 'e1' }], nextCursor: null })
    },
    timeout,
  )

  test(
    'a suspended worker that continues after it was taken over ends with exit code 1 and does nothing more; another process cancels',
    async () => {
      await using room = await ServiceRoom.open(await server.createDatabase())
      await room.heldChange('DPTA-2')
      const service = room.serve('--workers', '0')
      await service.url()
      const workers = [0, 1].map(() => room.start(['worker', '--json', '--workers', '1']))
      for (const worker of workers) {
        expect(await worker.announcement()).toMatchObject({ type: 'working', workers: 1 })
      }
      await service.askForRun('e2', 'DPTA-2')
      await room.github.builds.whenStarted('acme/repoB')
      const suspended = await service.whenRunBy('e2')
      const listed = JSON.parse((await room.start(['workers', '--json']).ended).stdout) as WorkersJson
      expect(listed.items.map(({ state }) => state).sort()).toEqual(['active', 'standby'])
      expect(listed.items.find(({ state }) => state === 'active')).toMatchObject({
        pid: suspended.pid,
        workloads: ['e2'],
      })

      const zombie = room.commandOf(suspended.pid)
      zombie.signal('SIGSTOP')
      const stoppedAt = Date.now()
      const taker = await service.whenRunBy('e2', ({ pid }) => pid !== suspended.pid)
      expect(Date.now() - stoppedAt).toBeLessThan(takeOverMs)
      // Both now see that repoB has ended, so that the zombie, too, would dispatch repoE.
      room.release()
      zombie.signal('SIGCONT')
      expect(await zombie.ended).toMatchObject({ code: 1, signal: null })
      await service.whenWorkload('e2', 'completed')
      expect(await room.outcome('DPTA-2')).toEqual(builtOnce('DPTA-2'))

      await room.heldChange('DPTA-3')
      await service.askForRun('e3', 'DPTA-3')
      await room.github.builds.whenStarted('acme/repoB', 2)
      expect(await service.request('/changes/DPTA-3/cancel', 'POST')).toMatchObject({ status: 200, body: { count: 1 } })
      await service.whenWorkload('e3', 'cancelled')
      expect(await room.outcome('DPTA-3')).toEqual({
        dispatches: ['repoB DPTA-3'],
        repoB: ['pending', 'error'],
        repoE: ['pending', 'error'],
      })
      const last = room.commandOf(taker.pid)
      last.signal('SIGTERM')
      expect(await last.ended).toMatchObject({ code: 0, signal: null })
    },
    timeout,
  )

  test(
    'while the database is away no delivery is accepted, and what was running continues when it is back',
    async () => {
      await using room = await ServiceRoom.open(await server.createDatabase())
      await room.heldChange('DPTA-4')
      const service = room.serve()
      await service.askForRun('e4', 'DPTA-4')
      await room.github.builds.whenStarted('acme/repoB')
      await server.stop()
      expect(await service.askForRun('e5', 'DPTA-5')).toBe(503)
      expect(await service.request('/readyz')).toMatchObject({ status: 503 })
      expect(await service.request('/healthz')).toMatchObject({ status: 200 })
      await server.start()
      await until(async () => ((await service.request('/readyz')).status === 200 ? true : null), patienceMs)
      room.release()
      await service.whenWorkload('e4', 'completed')
      expect(await room.outcome('DPTA-4')).toEqual(builtOnce('DPTA-4'))
      expect(await service.workload('e5')).toBeNull()
    },
    timeout,
  )
})

import { describe, expect, test } from 'vitest'
import { builtOnce, patienceMs, ServiceRoom } from '../support/service-command.js'

const timeout = 4 * patienceMs

describe('orch serve on the embedded database', () => {
  test(
    'after kill -9 and a restart, an orchestration that one delivery has asked for 60 times continues without a second dispatch',
    async () => {
      await using room = await ServiceRoom.open(null)
      await room.heldChange('DPTA-1')
      const first = room.serve()
      expect(await first.announcement()).toMatchObject({ type: 'listening' })
      const answers = await Promise.all(Array.from({ length: 60 }, () => first.askForRun('e1', 'DPTA-1')))
      expect(new Set(answers)).toEqual(new Set([202]))
      await room.github.builds.whenStarted('acme/repoB')

      const second = room.serve()
      const refused = await second.ended
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain(`is used by process ${first.pid}`)
      const workers = await room.start(['workers']).ended
      expect(workers).toMatchObject({ code: 1, stdout: '' })
      expect(workers.stderr).toContain(`is used by process ${first.pid}`)
      expect(workers.stderr).toContain('GET /workers')

      await first.crash()
      const next = room.serve()
      await next.whenRunBy('e1', ({ pid }) => pid === next.pid)
      room.release()
      expect(await next.whenWorkload('e1', 'completed', 'failed', 'cancelled')).toMatchObject({ status: 'completed' })
      expect(await room.outcome('DPTA-1')).toEqual(builtOnce('DPTA-1'))
      expect((await next.request('/workloads')).body).toMatchObject({ items: [{ id: 'e1' }], nextCursor: null })
    },
    timeout,
  )

  test(
    'SIGTERM ends it within ten seconds with exit code 0, and the next process continues what was running',
    async () => {
      await using room = await ServiceRoom.open(null)
      await room.heldChange('DPTA-2')
      const first = room.serve()
      await first.askForRun('e2', 'DPTA-2')
      await room.github.builds.whenStarted('acme/repoB')
      const before = Date.now()
      first.signal('SIGTERM')
      expect(await first.ended).toMatchObject({ code: 0, signal: null })
      expect(Date.now() - before).toBeLessThan(10_000)
      expect(await room.github.states('repoB', 'DPTA-2')).toEqual(['pending'])

      const next = room.serve()
      await next.whenRunBy('e2')
      room.release()
      await next.whenWorkload('e2', 'completed')
      expect(await room.outcome('DPTA-2')).toEqual(builtOnce('DPTA-2'))

      await room.heldChange('DPTA-3')
      await next.askForRun('e3', 'DPTA-3')
      await room.github.builds.whenStarted('acme/repoB', 2)
      expect(await next.request('/changes/DPTA-3/cancel', 'POST')).toMatchObject({ status: 200, body: { count: 1 } })
      await next.whenWorkload('e3', 'cancelled')
      expect(await room.outcome('DPTA-3')).toEqual({
        dispatches: ['repoB DPTA-3'],
        repoB: ['pending', 'error'],
        repoE: ['pending', 'error'],
      })
    },
    timeout,
  )
})

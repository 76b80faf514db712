import { expect, test } from 'vitest'

import { at } from '../api/world.js'
import type { HookWorld } from './world.js'
import { createHookWorld, RECEIVER } from './world.js'

/** A world with a hook for new branches. */
async function hooked(): Promise<HookWorld & { create: (branch: string) => Promise<void>; refs: () => unknown[] }> {
  const world = await createHookWorld()
  world.sandbox.webhooks.create('acme/lib', { url: RECEIVER, events: ['create'] })
  await world.sandbox.webhooks.idle()
  return {
    ...world,
    async create(branch) {
      await world.sandbox.admin.moveBranch('acme/lib', branch, 'main')
      // The payload is built in the background.
      await new Promise((resolve) => setImmediate(resolve))
    },
    refs: () => world.received.slice(1).map(({ payload }) => at(payload, 'ref')),
  }
}

test('a lost delivery is neither sent nor listed', async () => {
  const { sandbox, create, refs } = await hooked()
  sandbox.faults.add({ event: 'create', times: 1, action: { kind: 'delivery-lost' } })
  await create('a')
  await create('b')
  await sandbox.webhooks.idle()

  expect(refs()).toEqual(['b'])
  expect(sandbox.faults.applied.get('delivery-lost')).toBe(1)
})

test('a doubled delivery is sent twice under one ID', async () => {
  const { sandbox, create, refs, received } = await hooked()
  sandbox.faults.add({ path: '/hooks', times: 1, action: { kind: 'delivery-doubled' } })
  await create('a')
  await sandbox.webhooks.idle()

  expect(refs()).toEqual(['a', 'a'])
  expect(new Set(received.slice(1).map(({ headers }) => headers.get('x-github-delivery'))).size).toBe(1)
})

test('a delayed delivery is sent when its time is over', async () => {
  const { sandbox, clock, create, refs } = await hooked()
  sandbox.faults.add({ times: 1, action: { kind: 'delivery-delayed', ms: 5_000 } })
  await create('a')
  expect(refs()).toEqual([])
  clock.advance(5_000)
  await sandbox.webhooks.idle()

  expect(refs()).toEqual(['a'])
})

test('a reordered delivery is sent after the next one of its hook', async () => {
  const { sandbox, create, refs } = await hooked()
  sandbox.faults.add({ times: 1, action: { kind: 'delivery-reordered' } })
  await create('a')
  expect(refs()).toEqual([])
  await create('b')
  await sandbox.webhooks.idle()

  expect(refs()).toEqual(['b', 'a'])
})

test('a fault of requests leaves deliveries alone, and a fault of deliveries leaves requests alone', async () => {
  const { sandbox, create, refs, call } = await hooked()
  sandbox.faults.add({ method: 'POST', action: { kind: 'disconnect' } })
  sandbox.faults.add({ action: { kind: 'delivery-doubled' }, event: 'push' })
  await create('a')
  await sandbox.webhooks.idle()

  expect(refs()).toEqual(['a'])
  expect((await call('GET', '/repos/acme/lib')).status).toBe(200)
})

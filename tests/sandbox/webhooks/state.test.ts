import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { at, temporaryDirectory } from '../api/world.js'
import { createHookWorld, RECEIVER } from './world.js'

const hooks = '/repos/acme/lib/hooks'

test('a restarted sandbox has its hooks and their deliveries, and delivers again', async () => {
  const stateDirectory = await temporaryDirectory()
  const before = await createHookWorld({ stateDirectory })
  const id = before.sandbox.webhooks.create('acme/lib', { url: RECEIVER, secret: 'hush' })
  await before.sandbox.webhooks.idle()
  const deliveries = before.sandbox.webhooks.deliveries(id)
  await before.sandbox.close()

  const after = await createHookWorld({ stateDirectory })
  expect(after.sandbox.webhooks.deliveries(id)).toEqual(deliveries)
  await after.call('POST', `${hooks}/${id}/deliveries/${deliveries[0]?.id}/attempts`)
  await after.sandbox.webhooks.idle()
  expect(after.received.map(({ text }) => text)).toEqual([before.received[0]?.text])
  const { body } = await after.json('GET', `${hooks}/${id}/deliveries`)
  expect(body).toMatchObject([{ redelivery: true, guid: deliveries[0]?.guid }, { redelivery: false }])
})

test('a delivery that a kill cut off while it was written is dropped', async () => {
  const stateDirectory = await temporaryDirectory()
  const before = await createHookWorld({ stateDirectory })
  const id = before.sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  await before.sandbox.close()
  appendFileSync(join(stateDirectory, 'deliveries', `${id}.jsonl`), '{"id":20000')

  const after = await createHookWorld({ stateDirectory })
  expect(after.sandbox.webhooks.deliveries(id).map(({ event }) => event)).toEqual(['ping'])
  after.sandbox.webhooks.create('acme/lib', { url: `${RECEIVER}/2` })
  await after.sandbox.close()
  const again = await createHookWorld({ stateDirectory })
  expect(again.sandbox.webhooks.deliveries(id)).toHaveLength(1)
})

test('the newest thousand deliveries of a hook are kept, and a deleted hook leaves no file', async () => {
  const stateDirectory = await temporaryDirectory()
  const { sandbox, call, json } = await createHookWorld({ stateDirectory })
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  for (let count = 0; count < 1_001; count++) await call('POST', `${hooks}/${id}/pings`)
  await sandbox.webhooks.idle()

  expect(sandbox.webhooks.deliveries(id)).toHaveLength(1_000)
  const { body } = await json('GET', `${hooks}/${id}/deliveries?per_page=1`)
  expect(at(body, 0, 'id')).toBe(20_000_001_002)
  await call('DELETE', `${hooks}/${id}`)
  await sandbox.close()
  expect(readdirSync(join(stateDirectory, 'deliveries'))).toEqual([])
})

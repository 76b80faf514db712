import { expect, test } from 'vitest'
import type { Event } from '../../../src/model/build/events.js'
import type { Execution } from '../../../src/service/workloads/execution.js'
import { leasedStore } from '../../../src/service/workloads/leased-store.js'
import { createMemoryStore } from '../../../src/store/memory-store.js'
import { stillClock } from '../../support/store-contract.js'

const id = '01jd6x0000abcdef'
const event: Event = { type: 'resumed', at: 1 }
const lost = 'this process has lost the workload'

/** A store as an execution sees it, whose process has its lease until the test says otherwise. */
function world() {
  const store = createMemoryStore({ clock: stillClock })
  const lease = { isHeld: true }
  const execution: Execution = {
    id: 'e1',
    signal: new AbortController().signal,
    isHandedOn: () => false,
    orchestration: null,
    recordOrchestration: () => Promise.resolve(),
    mayWrite: () => lease.isHeld,
    onCancel: () => undefined,
    onDrive: () => undefined,
  }
  return { store, lease, leased: leasedStore(store, execution) }
}

test('an execution that has lost its workload appends nothing, and opens no journal', async () => {
  const { store, lease, leased } = world()
  const created = await leased.create(id, 'DPTA-1')
  if (created.kind !== 'opened') throw new Error(`the journal is ${created.kind}`)
  await created.journal.append(event)
  lease.isHeld = false
  await expect(created.journal.append(event)).rejects.toThrow(lost)
  await expect(leased.create('01jd6x0001abcdef', 'DPTA-1')).rejects.toThrow(lost)
  await created.journal.close()
  await expect(leased.takeOver(id)).rejects.toThrow(lost)
  expect(leased.problem()).toBe(lost)
  expect(await store.read(id)).toEqual({ driver: null, reading: { kind: 'events', events: [event] } })
  expect(await store.list()).toEqual([id])
})

test('an append during which the workload is lost rejects, so that the request that waits for it is not sent', async () => {
  const { store, lease, leased } = world()
  const created = await leased.create(id, 'DPTA-1')
  if (created.kind !== 'opened') throw new Error(`the journal is ${created.kind}`)
  const appending = created.journal.append(event)
  lease.isHeld = false
  await expect(appending).rejects.toThrow(lost)
  expect((await store.read(id)).reading).toEqual({ kind: 'events', events: [event] })
})

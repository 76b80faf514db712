import { describe, expect, test } from 'vitest'
import { createChangeReader } from '../../src/service/pages/change-reader.js'
import { PagesScene } from './pages-scene.js'
import { PagesWorld, workload } from './pages-world.js'

describe('what the pages read of changes', () => {
  test('a page that updates itself does not ask GitHub each time, and a page that is opened does', async () => {
    const world = new PagesWorld()
    const data = world.data()
    const { commands } = world.data()
    let asked = 0
    data.commands.status = (branch) => {
      asked += 1
      return commands.status(branch)
    }
    const reader = createChangeReader(data)
    await reader.change('DPTA-1', 0)
    await world.clock.advance(10_000)
    await reader.change('DPTA-1', 30_000)
    expect(asked).toBe(1)
    await reader.change('DPTA-1', 0)
    await reader.change('DPTA-2', 30_000)
    expect(asked).toBe(3)
    await world.clock.advance(30_000)
    await reader.change('DPTA-1', 30_000)
    expect(asked).toBe(4)
  })

  test('a page that updates itself asks GitHub when a workload of the change has begun or ended', async () => {
    const world = new PagesWorld()
    const data = world.data()
    const { commands } = world.data()
    let asked = 0
    data.commands.status = (branch) => {
      asked += 1
      return commands.status(branch)
    }
    const reader = createChangeReader(data)
    const askedWith = async (...statuses: ('running' | 'completed')[]): Promise<number> => {
      world.workloadList = statuses.map((status) => workload({ id: 'w1', change: 'DPTA-1', status }))
      await reader.change('DPTA-1', 30_000)
      return asked
    }
    expect(await askedWith()).toBe(1)
    expect(await askedWith('running')).toBe(2)
    expect(await askedWith('running')).toBe(2)
    expect(await askedWith('completed')).toBe(3)
  })

  test('a reading of GitHub that failed is repeated for the next reader', async () => {
    const world = new PagesWorld()
    const data = world.data()
    const { commands } = world.data()
    data.commands.status = () => Promise.reject(new Error('broken'))
    const reader = createChangeReader(data)
    await expect(reader.change('DPTA-1', 30_000)).rejects.toThrow('broken')
    data.commands.status = (branch) => commands.status(branch)
    expect(await reader.change('DPTA-1', 30_000)).toMatchObject({ branch: 'DPTA-1' })
  })

  test('changes come from the queue and from orchestrations, the latest activity first, without branches that have no page', async () => {
    await using scene = await PagesScene.open()
    await scene.run('DPTA-1', ['repoB'])
    await scene.run('DPTA-2', ['repoC'])
    const later = scene.world.clock.now() + 1000
    scene.fake.workloadList = [
      workload({ id: 'w1', change: 'DPTA-3', status: 'pending', createdAt: later }),
      workload({ id: 'w2', change: 'other', createdAt: later }),
      workload({ id: 'w3', change: null, createdAt: later }),
    ]
    const changes = await createChangeReader(scene.data()).changes()
    expect(
      changes.map(({ branch, orchestrations, workloads }) => [branch, orchestrations.length, workloads.length]),
    ).toEqual([
      ['DPTA-3', 0, 1],
      ['DPTA-2', 1, 0],
      ['DPTA-1', 1, 0],
    ])
  })

  test('a finished orchestration is read once, and one that was removed is gone', async () => {
    await using scene = await PagesScene.open()
    await scene.run('DPTA-1', ['repoB'])
    const data = scene.data()
    const read: string[] = []
    const { store } = data
    data.store = {
      ...store,
      list: () => store.list(),
      locationOf: (id) => store.locationOf(id),
      read: (id) => {
        read.push(id)
        return store.read(id)
      },
    }
    const reader = createChangeReader(data)
    await reader.changes()
    await reader.changes()
    const [id = ''] = await store.list()
    expect(read).toEqual([id])
    expect(await reader.orchestration('DPTA-1', id)).toMatchObject({ id, state: 'finished' })
    expect(await reader.orchestration('DPTA-2', id)).toBeNull()
    expect(await reader.orchestration('DPTA-1', 'unknown')).toBeNull()
    scene.world.memory.entries.clear()
    expect(await reader.changes()).toEqual([])
    expect(await reader.orchestration('DPTA-1', id)).toBeNull()
  })
})

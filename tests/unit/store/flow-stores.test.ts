import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cancelAttempt, withAttempt } from '../../../src/model/flow/flow-progress.js'
import { lastAttempt } from '../../../src/model/flow/flow-run.js'
import { createFileFlowStore } from '../../../src/store/flows/file-flow-store.js'
import { createMemoryFlowStore } from '../../../src/store/flows/memory-flow-store.js'
import { describeFlowStore, eventOf, runOf } from '../../support/flow-store-contract.js'
import { realClock } from '../../support/queue-room.js'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'orch-flow-store-'))
})
afterAll(() => rm(root, { recursive: true }))

const alive = new Set([101, 102])

function openIn(stateDirectory: string, pid = 101) {
  return createFileFlowStore({
    stateDirectory,
    processes: { pid, isAlive: (each) => alive.has(each) },
    clock: realClock,
  })
}

let folders = 0
function newFolder(): string {
  folders += 1
  return join(root, String(folders))
}

describeFlowStore('in memory', () => Promise.resolve(createMemoryFlowStore()))
describeFlowStore('in a folder', () => Promise.resolve(openIn(newFolder())))

describe('the store of events and runs in a folder', () => {
  test('accepts one of the events of the same id that two processes send at the same time', async () => {
    const folder = newFolder()
    const stores = [openIn(folder, 101), openIn(folder, 102)]
    const all = Array.from({ length: 10 }, () =>
      stores.map((store) => store.accept(eventOf('e'), [runOf('r1')])),
    ).flat()
    expect((await Promise.all(all)).filter(({ kind }) => kind === 'accepted')).toHaveLength(1)
  })

  test('is read by the next process', async () => {
    const folder = newFolder()
    await openIn(folder).accept(eventOf('e'), [runOf('r1')])
    const next = openIn(folder, 102)
    expect(await next.readEvent('e')).toEqual(eventOf('e'))
    expect((await next.openRuns()).map(({ id }) => id)).toEqual(['r1'])
  })

  test('reports the runs of a process that has ended, and only those', async () => {
    const folder = newFolder()
    const dead = openIn(folder, 103)
    await dead.accept(eventOf('e'), [runOf('r1'), runOf('r2', { flow: 'docs' }), runOf('r3', { flow: 'third' })])
    await dead.startNext('release', { concurrency: 1, stepCount: 1, now: 2_000 })
    const living = openIn(folder, 101)
    await living.startNext('docs', { concurrency: 1, stepCount: 1, now: 2_000 })
    expect((await openIn(folder, 102).abandonedRuns()).map(({ id }) => id)).toEqual(['r1'])
  })

  test('removes the runs of an event that was not kept because the process ended in between', async () => {
    const folder = newFolder()
    const store = openIn(folder)
    await store.accept(eventOf('e'), [runOf('r1')])
    const events = join(folder, 'events', 'events')
    for (const name of await readdir(events)) await rm(join(events, name))
    expect(await store.openRuns()).toEqual([])
    await store.abandonedRuns()
    expect(await store.readRun('r1')).toBeNull()
  })

  test('removes old events whose runs have ended, with their runs, and what a crash left of one', async () => {
    const folder = newFolder()
    const store = openIn(folder)
    const keep = async (id: string, at: number, endedAt: number | null): Promise<void> => {
      await store.accept(eventOf(id, { createdAt: at }), [runOf(`r-${id}`, { eventId: id, now: at })])
      if (endedAt === null) return
      await store.updateRun(`r-${id}`, (run) => withAttempt(run, cancelAttempt(lastAttempt(run), 'ann', endedAt)))
    }
    await keep('crashed', 1, 2)
    await keep('old', 1, 2)
    await keep('open', 1, null)
    await keep('ended-later', 1, 200)
    await store.accept(eventOf('unmatched', { createdAt: 1, unmatched: 'no flow matches' }), [])
    await store.accept(eventOf('matched-later', { createdAt: 1, unmatched: 'no flow matches' }), [])
    await store.addRuns('matched-later', [runOf('r-matched-later', { eventId: 'matched-later', now: 200 })])
    await keep('new', 200, 201)
    const events = join(folder, 'events', 'events')
    const [crashed = ''] = (await readdir(events)).toSorted()
    await rm(join(events, crashed))
    expect(await store.prune(100)).toEqual(['r-old'])
    const names = (await store.listEvents({ limit: 10 })).items.map(({ id }) => id)
    expect(names).toEqual(['new', 'matched-later', 'ended-later', 'open'])
    const runs = (await store.listRuns({ limit: 10 })).items.map(({ id }) => id)
    expect(runs).toEqual(['r-new', 'r-matched-later', 'r-ended-later', 'r-open'])
    expect(await store.prune(100)).toEqual([])
  })

  test('leaves a damaged file where it is when old events are removed', async () => {
    const folder = newFolder()
    const store = openIn(folder)
    await store.accept(eventOf('damaged', { createdAt: 1 }), [])
    const events = join(folder, 'events', 'events')
    const [name = ''] = await readdir(events)
    await writeFile(join(events, name), '{')
    await store.accept(eventOf('old', { createdAt: 1, unmatched: 'no flow matches' }), [])
    await store.prune(100)
    expect(await readdir(events)).toEqual([name])
  })

  test('names the file that is damaged', async () => {
    const folder = newFolder()
    const store = openIn(folder)
    await store.accept(eventOf('e'), [])
    const events = join(folder, 'events', 'events')
    const [name = ''] = await readdir(events)
    await writeFile(join(events, name), '{ "version": 1, "it')
    await expect(store.readEvent('e')).rejects.toThrow(`${join(events, name)} is damaged. Restore it, or remove it.`)
  })
})

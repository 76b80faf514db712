import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDeferred } from '../../../src/lib/deferred.js'
import type { Database } from '../../../src/service/database/database.js'
import { endedChannel } from '../../../src/service/workloads/messages.js'
import type { NewWorkload } from '../../../src/service/workloads/workload.js'
import { contractKinds } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { Replica } from '../../support/queue-room.js'
import type { ReplicaOptions } from '../../support/queue-room.js'

const settings = {
  failFast: true,
  maxParallel: null,
  timeoutMs: null,
  postStatus: true,
  only: null,
  force: false,
}

function run(id: string, branch = id, repositories: string[] = []): NewWorkload {
  const event = { key: id, isRepeated: false, isNamed: true }
  return { id, work: { kind: 'run', branch, event, settings, by: 'a test', repositories } }
}

function command(id: string): NewWorkload {
  return {
    id,
    work: { kind: 'flow-step', event: id, flow: 'f', run: id, attempt: `${id}-1`, index: 0, action: 'exec' },
  }
}

describe.each(contractKinds)('the queue in a database $name', ({ open, missing }) => {
  let room: DatabaseRoom
  let database: Database
  let replica: Replica | null = null

  beforeAll(async () => {
    if (missing === null) room = await open()
  }, 120_000)

  afterAll(async () => {
    if (missing === null) await room.close()
  }, 120_000)

  beforeEach(async (context) => {
    if (missing !== null) return context.skip(missing)
    database = await room.create()
    return undefined
  }, 120_000)

  afterEach(async () => {
    await replica?.close()
    replica = null
  }, 120_000)

  const start = async (options: ReplicaOptions = {}): Promise<Replica> => {
    replica = await Replica.start(database, `process-${Date.now()}`, options)
    return replica
  }

  test('a workload is claimed, runs and completes, each with its time', async () => {
    const it = await start()
    expect(await it.workloads.enqueue(run('e1', 'DPTA-1'))).toEqual({ kind: 'created' })
    const execution = await it.execution('e1')
    expect(await it.workloads.read('e1')).toMatchObject({ kind: 'workflow', status: 'running', change: 'DPTA-1' })
    const [worker] = await it.workloads.workers()
    expect(worker).toMatchObject({ state: 'active', host: 'test', pid: 1, workloads: ['e1'] })
    execution.end('completed', 'succeeded: all of it')
    const { createdAt, claimedAt, startedAt, endedAt, result } = await it.whenStatus('e1', 'completed')
    const times = [createdAt, claimedAt ?? 0, startedAt ?? 0, endedAt ?? 0]
    expect(times).toEqual([...times].sort((one, other) => one - other))
    expect(result).toBe('succeeded: all of it')
    expect((await it.workloads.workers()).map(({ state }) => state)).toEqual(['standby'])
    expect(it.log.lines).toEqual([])
  })

  test('a workload may write nothing from the end of the lease of its process on', async () => {
    const it = await start()
    await it.workloads.enqueue(run('e1', 'DPTA-1'))
    const execution = await it.execution('e1')
    expect(execution.mayWrite()).toBe(true)
    await it.lease.release()
    expect(execution.mayWrite()).toBe(false)
  })

  test('the end of a workload is announced once it can be read', async () => {
    const it = await start()
    const announced = createDeferred<string>()
    const stop = await database.listen(endedChannel, (id) => {
      void it.workloads.read(id).then((workload) => announced.resolve(`${id} ${workload?.status}`))
    })
    await it.workloads.enqueue(run('e1'))
    const execution = await it.execution('e1')
    execution.end()
    expect(await announced.promise).toBe('e1 completed')
    await stop()
  })

  test('the same id that is enqueued 60 times at once is executed once', async () => {
    const it = await start()
    const answers = await Promise.all(Array.from({ length: 60 }, () => it.workloads.enqueue(run('e1'))))
    expect(answers.filter(({ kind }) => kind === 'created')).toHaveLength(1)
    const execution = await it.execution('e1')
    execution.end()
    await it.whenStatus('e1', 'completed')
    expect(await it.workloads.enqueue(run('e1'))).toEqual({ kind: 'known' })
    expect(it.begun).toEqual(['e1'])
  })

  test('a worker holds as many workflow workloads as its capacity and one agent workload; the others are pending', async () => {
    const it = await start({ workers: 2, capacity: 2 })
    for (const id of ['w1', 'w2', 'w3', 'w4', 'w5']) await it.workloads.enqueue(run(id))
    for (const id of ['a1', 'a2', 'a3']) await it.workloads.enqueue(command(id))
    await Promise.all(['w1', 'w2', 'w3', 'w4', 'a1', 'a2'].map((id) => it.execution(id)))
    const pending = await it.workloads.list({ status: 'pending' })
    expect(pending.items.map(({ id }) => id)).toEqual(['a3', 'w5'])
    expect((await it.workloads.workers()).map(({ workloads }) => workloads.length)).toEqual([3, 3])
    it.held.get('w2')?.end()
    await it.execution('w5')
    it.held.get('a1')?.end()
    await it.execution('a3')
  })

  test('a pending workload is cancelled at once, and a running one by its worker', async () => {
    const it = await start({ capacity: 1 })
    await it.workloads.enqueue(run('e1'))
    await it.workloads.enqueue(run('e2'))
    const execution = await it.execution('e1')
    expect(await it.workloads.cancel('e2', '@octocat')).toEqual({ kind: 'requested' })
    expect(await it.workloads.read('e2')).toMatchObject({ status: 'cancelled', result: 'cancelled by @octocat' })
    const asked: string[] = []
    execution.onCancel((by) => asked.push(by))
    expect(await it.workloads.cancel('e1', '@octocat')).toEqual({ kind: 'requested' })
    expect(asked).toEqual(['@octocat'])
    execution.end('cancelled', 'cancelled: by @octocat')
    await it.whenStatus('e1', 'cancelled')
    expect(await it.workloads.cancel('e1', '@octocat')).toEqual({ kind: 'ended' })
    expect(await it.workloads.cancel('e9', '@octocat')).toEqual({ kind: 'absent' })
  })

  test('a newer run of a change cancels the older ones first, and begins when they have ended', async () => {
    const it = await start()
    await it.workloads.enqueue(run('e1', 'DPTA-1'))
    const older = await it.execution('e1')
    await it.workloads.enqueue(run('e2', 'DPTA-1'))
    await it.workloads.enqueue(run('e3', 'DPTA-1'))
    await it.workloads.enqueue(run('other', 'DPTA-2'))
    await it.execution('other')
    expect(await it.workloads.read('e2')).toMatchObject({
      status: 'cancelled',
      result: 'superseded by the newer workload e3',
    })
    const asked: string[] = []
    older.onCancel((by) => asked.push(by))
    expect(asked).toEqual(['the newer workload e2'])
    expect(await it.workloads.read('e3')).toMatchObject({ status: 'pending' })
    older.end('cancelled', 'cancelled')
    await it.execution('e3')
  })

  test('no more orchestrations run in one repository, and in all, than the limits allow', async () => {
    const it = await start({ limits: { perRepository: 1, inAll: 2 } })
    await it.workloads.enqueue(run('e1', 'b1', ['acme/A', 'acme/B']))
    await it.workloads.enqueue(run('e2', 'b2', ['acme/b']))
    await it.workloads.enqueue(run('e3', 'b3', ['acme/C']))
    await it.workloads.enqueue(run('e4', 'b4', ['acme/D']))
    await Promise.all([it.execution('e1'), it.execution('e3')])
    expect((await it.workloads.list({ status: 'pending' })).items.map(({ id }) => id)).toEqual(['e4', 'e2'])
    it.held.get('e1')?.end()
    await it.execution('e2')
    it.held.get('e3')?.end()
    await it.execution('e4')
  })

  test('the list has the newest first, by page, status and change', async () => {
    const it = await start({ workers: 0 })
    for (const id of ['e1', 'e2', 'e3']) await it.workloads.enqueue(run(id, id === 'e2' ? 'DPTA-2' : id))
    const first = await it.workloads.list({ limit: 2 })
    expect(first.items.map(({ id }) => id)).toEqual(['e3', 'e2'])
    const second = await it.workloads.list({ limit: 2, cursor: first.nextCursor ?? '' })
    expect(second).toMatchObject({ items: [{ id: 'e1', status: 'pending' }], nextCursor: null })
    expect((await it.workloads.list({ change: 'DPTA-2' })).items.map(({ id }) => id)).toEqual(['e2'])
    expect((await it.workloads.list({ cursor: "'; DROP TABLE" })).items).toEqual([])
    expect(await it.workloads.workers()).toEqual([])
  })

  test('an execution that fails is repeated, and its workload is still the same', async () => {
    const it = await start()
    await it.workloads.enqueue(run('e1'))
    const first = await it.execution('e1')
    it.held.clear()
    first.fail(new Error('the disk is full'))
    const second = await it.execution('e1')
    second.end()
    await it.whenStatus('e1', 'completed')
    expect(it.begun).toEqual(['e1', 'e1'])
  })

  test('a process that ends hands its workloads on, and the next one executes them', async () => {
    const it = await start()
    await it.workloads.enqueue(run('e1'))
    await it.execution('e1')
    const before = Date.now()
    await it.close()
    replica = null
    expect(Date.now() - before).toBeLessThan(10_000)
    const next = await start()
    const execution = await next.execution('e1')
    expect(execution.isHandedOn()).toBe(false)
    execution.end()
    await next.whenStatus('e1', 'completed')
    expect((await next.workloads.workers()).map(({ state }) => state)).toEqual(['standby'])
  })

  test('a workload begins without waiting for a poll of the queue', async () => {
    const it = await start({ pollMs: 60_000 })
    const took: number[] = []
    for (const id of ['e1', 'e2', 'e3', 'e4', 'e5']) {
      const before = performance.now()
      await it.workloads.enqueue(run(id))
      await it.execution(id)
      took.push(performance.now() - before)
    }
    // A queue of DBOS is polled once a second, and each of these follows a beginning, so that each would wait for a whole pause. The
    // benchmark holds the figure: 50 ms on an idle machine.
    expect(Math.min(...took.slice(1))).toBeLessThan(500)
  })
})

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { receiveEvent } from '../../../src/flows/receive-event.js'
import type { FlowPorts } from '../../../src/flows/receive-event.js'
import { replayEvent } from '../../../src/flows/replay-event.js'
import { endStep, openAttempt, replayed, startStep, withAttempt } from '../../../src/model/flow/flow-progress.js'
import type { FlowRun } from '../../../src/model/flow/flow-run.js'
import type { Flow } from '../../../src/model/flow/flow.js'
import type { FlowStore } from '../../../src/ports/flow-store.js'
import type { Database } from '../../../src/service/database/database.js'
import { createDatabaseFlowStore } from '../../../src/service/flows/database-flow-store.js'
import { pruneEvents } from '../../../src/service/flows/prune-events.js'
import { keepPruningFlows } from '../../../src/service/flows/prune-flows.js'
import { listLog } from '../../support/queue-room.js'
import { databaseKinds } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { eventOf, runOf } from '../../support/flow-store-contract.js'

const day = 86_400_000
/** The folders of the test are made now, which is old then. */
const now = Date.now() + 40 * day
const recently = now - 29 * day

/** A flow that every event starts. */
const release: Flow = {
  name: 'release',
  on: { event: { types: [], source: null, payload: null }, dispatch: false, schedule: [], poll: null },
  concurrency: 1,
  steps: [],
}

/** As the ids of runs are. */
function id(letter: string): string {
  return letter.repeat(20)
}

describe.each(databaseKinds)('old events in a database $name', ({ open, missing }) => {
  let room: DatabaseRoom
  let database: Database
  let store: FlowStore
  let stateDirectory: string
  const log = listLog()

  beforeAll(async () => {
    if (missing === null) room = await open()
  }, 120_000)
  afterAll(async () => {
    if (missing === null) await room.close()
  }, 120_000)
  beforeEach(async (context) => {
    if (missing !== null) return context.skip(missing)
    database = await room.create()
    store = createDatabaseFlowStore(database)
    stateDirectory = await mkdtemp(join(tmpdir(), 'orch-prune-'))
    return undefined
  }, 120_000)
  afterEach(() => rm(stateDirectory, { recursive: true, force: true }))

  function portsWith(flow: Flow): FlowPorts {
    const found = { name: flow.name, file: 'flow.yaml', flow, problems: [], shadowedBy: null }
    return {
      store,
      readFlows: () => Promise.resolve([found]),
      checkPayload: () => null,
      now: () => 1,
      unsupported: () => null,
    }
  }

  /** Removes what is old, once. */
  async function prune(): Promise<void> {
    const ending = new AbortController()
    const clock = { now: () => now, sleep: () => Promise.resolve(ending.abort()) }
    await keepPruningFlows({ database, store, places: { stateDirectory }, clock, log }, ending.signal)
    expect(log.lines).toEqual([])
  }

  async function start(run: FlowRun): Promise<void> {
    await store.startNext(run.flow, { concurrency: 10, stepCount: 1, now: 1 })
  }

  /** Ends the open attempt of a run whose only step is running or next. */
  async function end(run: string, at: number): Promise<void> {
    await store.updateRun(run, (current) => {
      const attempt = openAttempt(current)
      if (!attempt) return current
      const ended = endStep(startStep(attempt, 0, 1), 0, { status: 'completed', message: '' }, at)
      return withAttempt(current, ended)
    })
  }

  /** An event with one run that has ended. */
  async function keepEnded(eventId: string, run: FlowRun, endedAt: number): Promise<void> {
    await store.accept(eventOf(eventId, { context: [{ name: 'a.txt', content: 'a' }] }), [run])
    await start(run)
    await end(run.id, endedAt)
  }

  test('are removed with their runs, workloads and folders 30 days after the last of them happened', async () => {
    await keepEnded('ended', runOf(id('a'), { eventId: 'ended', flow: 'a' }), 2)
    await keepEnded('ended-later', runOf(id('b'), { eventId: 'ended-later', flow: 'b' }), recently)
    await store.accept(eventOf('unmatched'), [])
    await store.accept(eventOf('arrived-later', { createdAt: recently }), [])
    for (const [workload, kind] of [
      ['flow:' + id('a') + '-1-1', 'agent'],
      ['flow:' + id('b') + '-1-1', 'agent'],
    ])
      await database.query(
        `INSERT INTO orch.workloads (id, kind, status, repositories, work, created_at, ended_at)
         VALUES ($1, $2, 'completed', '{}', '{}', 1, 2)`,
        [workload, kind],
      )
    const folders = join(stateDirectory, 'events', 'folders')
    const kept = [`${id('b')}-1`, id('c'), 'notes']
    for (const name of [`${id('a')}-1`, `${id('a')}-2`, ...kept])
      await mkdir(join(folders, name, 'trigger-context'), { recursive: true })

    await prune()
    const { items } = await store.listEvents({ limit: 10 })
    expect(items.map((event) => event.id)).toEqual(['arrived-later', 'ended-later'])
    expect((await store.listRuns({ limit: 10 })).items.map((run) => run.id)).toEqual([id('b')])
    expect(await database.query('SELECT id FROM orch.workloads')).toEqual([{ id: 'flow:' + id('b') + '-1-1' }])
    // Folders of another form belong to somebody else.
    expect((await readdir(folders)).toSorted()).toEqual(kept.toSorted())
  })

  test('stay as long as a run is queued or running, however old they are', async () => {
    await store.accept(eventOf('queued'), [runOf('q', { eventId: 'queued', flow: 'q' })])
    const running = runOf('r', { eventId: 'running', flow: 'r' })
    await store.accept(eventOf('running'), [running, runOf('s', { eventId: 'running', flow: 's' })])
    await start(running)
    await keepEnded('replayed', runOf('t', { eventId: 'replayed', flow: 't' }), 2)
    await store.updateRun('t', (run) => replayed(run, now))
    await prune()
    expect((await store.listEvents({ limit: 10 })).items).toHaveLength(3)
    expect((await store.listRuns({ limit: 10 })).items).toHaveLength(4)

    await end('r', 2)
    await start(runOf('s', { eventId: 'running', flow: 's' }))
    await end('s', 2)
    await prune()
    expect(await store.readEvent('running')).toBeNull()
  })

  test('are new when they are sent again, with other runs', async () => {
    const ports = portsWith(release)
    const sent = { id: 'e', type: 't', source: 's', payload: 1 }
    const first = await receiveEvent(ports, sent)
    await store.startNext('release', { concurrency: 1, stepCount: 0, now: 2 })
    await prune()
    const second = await receiveEvent({ ...ports, now: () => now }, { ...sent, payload: 2 })
    expect([first.kind, second.kind]).toEqual(['accepted', 'accepted'])
    const runsOf = (received: typeof first): string[] => ('runs' in received ? received.runs.map((run) => run.id) : [])
    expect(runsOf(second)).toHaveLength(1)
    expect(runsOf(second)).not.toEqual(runsOf(first))
  })

  test('that are replayed at the same time are either removed with their runs or kept with the new attempt', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `e${index}`)
    for (const name of names) await keepEnded(name, runOf(`r-${name}`, { eventId: name, flow: name }), 2)
    // The event that a replay has read may be removed before its runs are read.
    const ports = { ...portsWith(release), now: () => now }
    const pruning = Array.from({ length: 5 }, () => pruneEvents({ database, before: now - 30 * day, limit: 4 }))
    await Promise.all([...names.map((name) => replayEvent(ports, name)), ...pruning])
    const { items: runs } = await store.listRuns({ limit: 100 })
    const { items: events } = await store.listEvents({ limit: 100 })
    expect(runs.map(({ eventId }) => eventId).toSorted()).toEqual(events.map((event) => event.id).toSorted())
    expect(runs.filter((run) => run.attempts.length !== 2)).toEqual([])
  })
})

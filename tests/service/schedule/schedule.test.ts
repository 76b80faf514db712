import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ScheduleEntry } from '../../../src/model/service-settings.js'
import type { Database } from '../../../src/service/database/database.js'
import { createSchedule } from '../../../src/service/schedule/schedule.js'
import type { FoundFlow } from '../../../src/flows/catalog.js'
import type { FlowPorts } from '../../../src/flows/receive-event.js'
import { createMemoryFlowStore } from '../../../src/store/flows/memory-flow-store.js'
import { AppWorld } from '../../support/app-door.js'
import { embeddedRoom, type DatabaseRoom } from '../../support/databases.js'
import { KeptCommands } from '../support/kept-commands.js'
import { MemoryDurable } from '../support/memory-durable.js'
import { createMemoryLog } from '../support/memory-log.js'

const minute = 60_000
const hour = 60 * minute
const daily: ScheduleEntry = { cron: '0 6 * * *', timeZone: 'UTC', action: { kind: 'run', branch: 'DPTA-1' } }

const nightly: FoundFlow = {
  name: 'nightly',
  file: 'flows/nightly/flow.yaml',
  flow: {
    name: 'nightly',
    on: { event: { types: ['nightly'], source: null, payload: null }, dispatch: false, schedule: [], poll: null },
    concurrency: 1,
    steps: [],
  },
  problems: [],
  shadowedBy: null,
}

let room: DatabaseRoom
let database: Database
beforeAll(async () => {
  room = await embeddedRoom()
  database = await room.create()
}, 120_000)
afterAll(() => room.close())
beforeEach(() => database.query('DELETE FROM orch.schedules'))

/** Processes of a service with a schedule. The clock begins at 09:00 UTC. */
class World implements AsyncDisposable {
  readonly app: AppWorld
  readonly commands: KeptCommands
  readonly durable: MemoryDurable
  readonly log = createMemoryLog()
  readonly advanced: string[] = []
  readonly ports: FlowPorts = {
    store: createMemoryFlowStore(),
    readFlows: () => Promise.resolve([nightly]),
    checkPayload: () => null,
    now: () => this.app.clock.now(),
    unsupported: () => null,
  }
  /** While true, the database refuses every statement. */
  isBroken = false
  private readonly running: { stop: AbortController; ended: Promise<void> }[] = []

  private constructor(app: AppWorld) {
    this.app = app
    this.commands = new KeptCommands(app)
    this.durable = new MemoryDurable(app.clock)
  }

  static async open(): Promise<World> {
    return new World(await AppWorld.open())
  }

  /** Starts a process; returns what stops it. */
  start(...schedule: ScheduleEntry[]): () => Promise<void> {
    const { clock } = this.app
    // The time stands still while the database works.
    const query: Database['query'] = (sql, values) =>
      this.isBroken ? Promise.reject(new Error('No space left on device')) : clock.track(database.query(sql, values))
    const { host } = this.app.process('service').ports
    const graph = { ...this.app.graph, schedule }
    const flows = {
      ports: this.ports,
      advance: (names: readonly string[]) => Promise.resolve(void this.advanced.push(...names)),
    }
    const options = { graph, host, commands: this.commands, flows, durable: this.durable, clock, log: this.log }
    const stop = new AbortController()
    const ended = createSchedule({ ...options, database: { query } }).run(stop.signal)
    this.running.push({ stop, ended })
    return async () => {
      stop.abort()
      await clock.until(ended)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { stop } of this.running) stop.abort()
    await this.durable.close()
    await this.app.clock.until(Promise.all(this.running.map(({ ended }) => ended)))
    await this.app[Symbol.asyncDispose]()
  }
}

test('an entry is handled each time it is due, and not when it is new', async () => {
  await using world = await World.open()
  world.start(daily)

  await world.app.clock.advance(20 * hour)
  expect(world.commands.asked).toEqual([])

  await world.app.clock.advance(2 * 24 * hour)
  expect(world.commands.asked).toEqual(['run DPTA-1 by schedule 0 6 * * *', 'run DPTA-1 by schedule 0 6 * * *'])
})

test('an entry is handled within a second of its time', async () => {
  await using world = await World.open()
  world.start({ ...daily, cron: '30 9 * * *' })

  await world.app.clock.advance(30 * minute - 1)
  expect(world.commands.asked).toEqual([])
  await world.app.clock.advance(1_001)
  expect(world.commands.asked).toHaveLength(1)
})

test('times that were missed while no process ran are handled once after a restart', async () => {
  await using world = await World.open()
  const stop = world.start(daily)
  await world.app.clock.advance(minute)
  await stop()
  await world.app.clock.advance(10 * 24 * hour)

  world.start(daily)
  await world.app.clock.advance(minute)

  expect(world.commands.asked).toHaveLength(1)
  expect(world.durable.started[0]).toMatch(/:2026-12-01T06:00:00\.000Z$/u)
})

test('two processes handle an entry once', async () => {
  await using world = await World.open()
  world.start(daily)
  world.start(daily)

  await world.app.clock.advance(24 * hour)

  expect(world.commands.asked).toHaveLength(1)
  expect(world.durable.started).toHaveLength(1)
})

test('an entry locks every coordinated change that its pattern matches', async () => {
  await using world = await World.open()
  for (const [name, branch] of [
    ['repoB', 'DPTA-1'],
    ['repoD', 'DPTA-1'],
    ['repoB', 'DPTA-22'],
    ['repoC', 'fix-typo'],
  ] as const)
    await world.app.change(name, branch)
  world.start({ cron: '0 10 * * *', timeZone: 'UTC', action: { kind: 'invalidate', pattern: '**' } })

  await world.app.clock.advance(2 * hour)

  expect(world.commands.asked).toEqual([
    'invalidate DPTA-1 by schedule 0 10 * * *',
    'invalidate DPTA-22 by schedule 0 10 * * *',
  ])
  expect(await world.app.state('repoD', 'DPTA-1')).toBe('pending')
  expect(await world.app.state('repoC', 'fix-typo')).toBeNull()
})

test('while the database is gone nothing is lost: the entry is handled when it is back', async () => {
  await using world = await World.open()
  world.start({ ...daily, cron: '30 9 * * *' })
  await world.app.clock.advance(minute)

  world.isBroken = true
  world.durable.isBroken = true
  await world.app.clock.advance(hour)
  expect(world.commands.asked).toEqual([])

  world.isBroken = false
  world.durable.isBroken = false
  await world.app.clock.advance(minute)
  expect(world.commands.asked).toHaveLength(1)
  expect(world.log.lines.join('\n')).toContain('the database is gone')
})

test('an entry that was removed and comes back is new', async () => {
  await using world = await World.open()
  const other: ScheduleEntry = { ...daily, action: { kind: 'run', branch: 'DPTA-2' } }
  const stopFirst = world.start(daily)
  await world.app.clock.advance(minute)
  await stopFirst()
  const stopSecond = world.start(other)
  await world.app.clock.advance(48 * hour)
  await stopSecond()

  world.start(daily, other)
  await world.app.clock.advance(minute)

  expect(world.commands.asked).toEqual(['run DPTA-2 by schedule 0 6 * * *', 'run DPTA-2 by schedule 0 6 * * *'])
})

test('an event is sent once for each time, by two processes, and starts the flows that match', async () => {
  await using world = await World.open()
  const event = (type: string): ScheduleEntry => {
    return { ...daily, action: { kind: 'event', type, source: 'schedule', payload: { tag: 'v1' } } }
  }
  const entries = [event('nightly'), event('unknown')]
  world.start(...entries)
  world.start(...entries)

  await world.app.clock.advance(24 * hour)

  const { items } = await world.ports.store.listEvents({ limit: 10 })
  expect(items.map(({ type }) => type).toSorted()).toEqual(['nightly', 'unknown'])
  for (const { id, payload } of items) {
    expect(id).toMatch(/^schedule:graph:[0-9a-f]{16}:2026-11-22T06:00:00\.000Z$/u)
    expect(payload).toEqual({ tag: 'v1' })
  }
  expect(world.advanced).toEqual(['nightly'])
  expect(world.log.lines.join('\n')).toContain('no flow matches the type')
})

test('a run that cannot be queued is logged with the reason', async () => {
  await using world = await World.open()
  const problem = { kind: 'usage' as const, message: 'DPTA-1 is not a branch', why: '', remedy: '' }
  world.commands.refusal = { kind: 'stopped', problems: [problem] }
  world.start(daily)

  await world.app.clock.advance(24 * hour)

  expect(world.log.lines.join('\n')).toContain('DPTA-1 is not a branch')
})

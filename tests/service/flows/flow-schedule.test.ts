import { describe, expect, test } from 'vitest'
import type { FlowPorts } from '../../../src/flows/receive-event.js'
import type { Flow } from '../../../src/model/flow/flow.js'
import { runFlowSchedule } from '../../../src/service/flows/flow-schedule.js'
import { createMemoryFlowStore } from '../../../src/store/flows/memory-flow-store.js'
import { createMemoryLog } from '../support/memory-log.js'

const nine = Date.UTC(2026, 10, 21, 9)
const hour = 3_600_000

/** A flow that is started every hour, and at noon. */
const flow: Flow = {
  name: 'report',
  on: {
    event: null,
    dispatch: false,
    schedule: [
      { cron: '0 * * * *', timeZone: 'UTC' },
      { cron: '0 12 * * *', timeZone: 'UTC' },
    ],
    poll: null,
  },
  concurrency: 1,
  steps: [{ kind: 'invalidate', pattern: 'DPTA-*' as never }],
}

/** Processes that share a database, and whose time passes only while they sleep. */
class World {
  readonly store = createMemoryFlowStore()
  readonly handled = new Map<string, number>()
  readonly advanced: string[] = []
  now = nine + 1

  /** Runs a process until this time. */
  async runUntil(end: number, unsupported: FlowPorts['unsupported'] = () => null): Promise<void> {
    const ending = new AbortController()
    const found = { name: 'report', file: 'flows/report/flow.yaml', flow, problems: [], shadowedBy: null }
    await runFlowSchedule(
      {
        ports: {
          store: this.store,
          readFlows: () => Promise.resolve([found]),
          checkPayload: () => null,
          now: () => this.now,
          unsupported,
        },
        table: {
          handledUntil: (entry, now) => {
            if (!this.handled.has(entry)) this.handled.set(entry, now)
            return Promise.resolve(this.handled.get(entry) ?? now)
          },
          note: (entry, until) => Promise.resolve(void this.handled.set(entry, until)),
        },
        clock: {
          now: () => this.now,
          sleep: (ms) => {
            this.now += ms
            if (this.now > end) ending.abort()
            return Promise.resolve()
          },
        },
        log: createMemoryLog(),
        advance: (flows) => Promise.resolve(void this.advanced.push(...flows)),
      },
      ending.signal,
    )
  }

  async events(): Promise<string[]> {
    return (await this.store.listEvents({ limit: 100 })).items.map(({ id }) => id).toReversed()
  }
}

describe('the schedule of a flow', () => {
  test('sends an event with the flow, the entry and the time in its id whenever an entry is due', async () => {
    const world = new World()
    await world.runUntil(nine + 3.5 * hour)
    expect(await world.events()).toEqual([
      'schedule:report:1:2026-11-21T10:00:00.000Z',
      'schedule:report:1:2026-11-21T11:00:00.000Z',
      'schedule:report:1:2026-11-21T12:00:00.000Z',
      'schedule:report:2:2026-11-21T12:00:00.000Z',
    ])
    expect((await world.store.openRuns()).map(({ flow: name }) => name)).toEqual(Array(4).fill('report'))
    expect(world.advanced).toEqual(Array(4).fill('report'))
  })

  test('times that were missed while no process ran count as one, and no time is sent twice', async () => {
    const world = new World()
    await world.runUntil(nine + 1.5 * hour)
    world.now = nine + 2.9 * hour
    await world.runUntil(nine + 2.95 * hour)
    expect(await world.events()).toEqual([
      'schedule:report:1:2026-11-21T10:00:00.000Z',
      'schedule:report:1:2026-11-21T11:00:00.000Z',
    ])
    await world.runUntil(nine + 2.96 * hour)
    expect(await world.events()).toHaveLength(2)
  })

  test('the event of a disabled flow is kept with the reason and starts nothing', async () => {
    const world = new World()
    await world.store.setDisabled('report', true)
    await world.runUntil(nine + 1.5 * hour)
    const { items } = await world.store.listEvents({ limit: 10 })
    expect(items.map(({ unmatched }) => unmatched)).toEqual(['the flow report is disabled'])
    expect(await world.store.openRuns()).toEqual([])
  })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FlowPorts } from '../../../src/flows/receive-event.js'
import { signalGroup } from '../../../src/lib/signal-group.js'
import { runFlowPolls } from '../../../src/service/flows/flow-poll.js'
import type { PollingFlow } from '../../../src/service/flows/flow-poll.js'
import { pollFlow } from '../../../src/service/flows/poll-command.js'
import { createMemoryFlowStore } from '../../../src/store/flows/memory-flow-store.js'
import { openFlowFolder } from '../../support/flow-folder.js'
import type { FlowFolder } from '../../support/flow-folder.js'
import { realClock } from '../../support/queue-room.js'
import { createMemoryLog } from '../support/memory-log.js'

const minute = 60_000

function watching(everyMs: number, script = ''): PollingFlow {
  const poll = { everyMs, command: [process.execPath, '-e', script] as const }
  const on = { event: null, dispatch: false, schedule: [], poll }
  return { name: 'watch', on, concurrency: 1, steps: [{ kind: 'handoff', flow: 'other' }] }
}

function portsOf(flow: PollingFlow, store: FlowPorts['store']): FlowPorts {
  const found = { name: flow.name, file: 'flows/watch/flow.yaml', flow, problems: [], shadowedBy: null }
  return {
    store,
    readFlows: () => Promise.resolve([found]),
    checkPayload: () => null,
    now: () => 1,
    unsupported: () => null,
  }
}

/** Processes that share a database, and whose time passes only while they sleep. */
class World {
  readonly store = createMemoryFlowStore()
  readonly handled = new Map<string, number>()
  readonly polled: number[] = []
  readonly log = createMemoryLog()
  now = minute

  /** Runs a process until this time. */
  async runUntil(
    end: number,
    { flow = watching(5 * minute), fails = false }: { flow?: PollingFlow; fails?: boolean } = {},
  ): Promise<void> {
    const ending = new AbortController()
    const table = {
      handledUntil: (entry: string, now: number) => {
        if (!this.handled.has(entry)) this.handled.set(entry, now)
        return Promise.resolve(this.handled.get(entry) ?? now)
      },
      claim: (entry: string, now: number, until: number) => {
        const isFree = (this.handled.get(entry) ?? 0) <= now
        if (isFree) this.handled.set(entry, until)
        return Promise.resolve(isFree)
      },
    }
    const clock = {
      now: () => this.now,
      sleep: (ms: number) => {
        this.now += ms
        if (this.now > end) ending.abort()
        return Promise.resolve()
      },
    }
    const poll = (): Promise<void> => {
      this.polled.push(this.now / minute)
      return fails ? Promise.reject(new Error('the database is gone')) : Promise.resolve()
    }
    await runFlowPolls({ ports: portsOf(flow, this.store), table, clock, log: this.log, poll }, ending.signal)
  }
}

describe('the polls of a flow', () => {
  test('begin at once and are repeated after each interval', async () => {
    const world = new World()
    await world.runUntil(12 * minute)
    expect(world.polled).toEqual([1, 6, 11])
  })

  test('of several processes, one polls in each interval, and a new process waits for the next one', async () => {
    const world = new World()
    await world.runUntil(3 * minute)
    await world.runUntil(7 * minute)
    expect(world.polled).toEqual([1, 6])
  })

  test('a new interval counts at once', async () => {
    const world = new World()
    await world.runUntil(2 * minute, { flow: watching(600 * minute) })
    await world.runUntil(3 * minute, { flow: watching(1 * minute) })
    expect(world.polled).toHaveLength(2)
  })

  test('a poll that fails is logged and repeated', async () => {
    const world = new World()
    await world.runUntil(7 * minute, { fails: true })
    expect(world.polled).toEqual([1, 6])
    expect(world.log.lines[0]).toContain('the database is gone')
  })

  test('a disabled flow does not poll', async () => {
    const world = new World()
    await world.store.setDisabled('watch', true)
    await world.runUntil(9 * minute)
    expect(world.polled).toEqual([])
  })
})

describe('the command of a poll', () => {
  let folder: FlowFolder
  beforeEach(async () => {
    folder = await openFlowFolder()
  })
  afterEach(() => folder[Symbol.asyncDispose]())

  const poll = async (script: string, { everyMs = minute, environment = {} } = {}) => {
    const flow = watching(everyMs, script)
    const store = createMemoryFlowStore()
    const log = createMemoryLog()
    const advanced: string[] = []
    const places = {
      root: folder.directory,
      stateDirectory: folder.directory,
      environment: { PATH: process.env['PATH'], ...environment },
      signalGroup,
    }
    const advance = (flows: readonly string[]): Promise<void> => Promise.resolve(void advanced.push(...flows))
    const options = { ports: portsOf(flow, store), places, clock: realClock, log, advance }
    await pollFlow(options, flow, new AbortController().signal)
    const { items } = await store.listEvents({ limit: 100 })
    return { events: items.map(({ id, flow: to }) => `${id} for ${String(to)}`).toReversed(), log: log.lines, advanced }
  }
  const print = (fields: object): string =>
    `console.log(${JSON.stringify(JSON.stringify({ type: 'found', source: 'poll', payload: null, ...fields }))});`

  test('each line is an event for its flow, and the same id again does nothing', async () => {
    const { events, log, advanced } = await poll(`${print({ id: 'a' })}${print({ id: 'b' })}${print({ id: 'a' })}`)
    expect(events).toEqual(['a for watch', 'b for watch'])
    expect(log).toEqual([])
    expect(advanced).toEqual(['watch'])
  })

  test('lines that are wrong are logged without their text, and the others are received', async () => {
    const other = print({ id: 'a', payload: 'tok_SECRET' })
    const { events, log } = await poll(
      `console.log('tok_SECRET');${print({ id: 'a' })}${other}${print({ id: 'b', type: 7 })}console.log('');${print({ id: 'c' })}`,
    )
    expect(events).toEqual(['a for watch', 'c for watch'])
    expect(log.map((line) => (JSON.parse(line.slice(line.indexOf('{'))) as { problem: string }).problem)).toEqual([
      'it is not JSON',
      'another event has its id already: payload differs',
      'type: it must be string',
    ])
    expect(log.join('\n')).not.toContain('SECRET')
  })

  test('a thousand wrong lines leave eleven entries in the log', async () => {
    const { log } = await poll('for (let i = 0; i < 1000; i += 1) console.log("x")')
    expect(log).toHaveLength(11)
    expect(log.at(-1)).toContain('"lines":1000')
  })

  test('what it printed before it failed is received, and the exit code is logged', async () => {
    const { events, log } = await poll(`${print({ id: 'a' })}process.exitCode = 3`)
    expect(events).toEqual(['a for watch'])
    expect(log).toEqual(['warn the command of a poll failed {"flow":"watch","problem":"exit code 3"}'])
  })

  test('it is ended when its time is over, also if it ignores SIGTERM', async () => {
    const script = `process.on('SIGTERM', () => {});${print({ id: 'a' })}setInterval(() => {}, 1000)`
    const { events, log } = await poll(script, { everyMs: 2_000 })
    expect(events).toEqual(['a for watch'])
    expect(log).toEqual(['warn the command of a poll failed {"flow":"watch","problem":"it took longer than 2 s"}'])
  })

  test('it gets nothing of the environment but what every command needs', async () => {
    const script =
      'process.exitCode = process.env.RELEASE_TOKEN === undefined && process.env.PATH !== undefined ? 0 : 1'
    expect((await poll(script, { environment: { RELEASE_TOKEN: 'x' } })).log).toEqual([])
  })

  test('output without end is read up to a limit', async () => {
    const script = `const line = 'x'.repeat(1024 * 1024); for (let i = 0; i < 40; i += 1) process.stdout.write(line)`
    const { events, log } = await poll(script)
    expect(events).toEqual([])
    expect(log).toHaveLength(1)
    expect(log[0]).toContain('the rest was not read')
  })
})

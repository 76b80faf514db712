import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFlowClient } from '../../../src/client/index.js'
import type { FlowClient, FlowRunJson, NewEventJson } from '../../../src/client/index.js'
import type { WorkersJson } from '../../../src/model/wire/workloads.js'
import { nodeStep } from '../../support/flow-client-contract.js'
import { postgresIsMissing, startPostgres } from '../../support/postgres.js'
import type { PostgresServer } from '../../support/postgres.js'
import { until } from '../../support/queue-room.js'
import { apiToken, builtOnce, patienceMs, ServiceRoom } from '../support/service-command.js'
import type { ServiceCommand } from '../support/service-command.js'

const timeout = 6 * patienceMs
/** How long the runs of a dead process may look as if they were executed, ms. */
const takeOverMs = 30_000

const interrupted = 'the process that executed it has ended'

/** A step that writes a line to `done.txt` and then waits for a file. It also ends when the folder of the test is gone. */
function waitsFor(file: string): string {
  return nodeStep(`const { appendFileSync, existsSync } = require('node:fs')
    appendFileSync('done.txt', process.env.ORCH_EVENT_ID + '\\n')
    setInterval(() => existsSync('${file}') || !existsSync('orchestrator.yaml') ? process.exit() : 0, 50)`)
}

const on = (type: string): string => `{ event: { types: [${type}] } }`

/** One flow for each kind of step, by the type of the event that starts it. */
const flows: Record<string, [trigger: string, steps: string]> = {
  command: [on('command'), waitsFor('go')],
  busy: [on('busy'), waitsFor('go-busy')],
  dispatch: [on('dispatch'), '  - dispatch: { repository: acme/repoC, event-type: published }\n'],
  build: [on('build'), '  - run: DPTA-1\n'],
  handing: [on('handing'), `${waitsFor('go-handing')}  - handoff: announce\n`],
  announce: ['{ dispatch: true }', nodeStep("require('node:fs').appendFileSync('done.txt', 'announced\\n')")],
}

function event(type: string, id = type): NewEventJson {
  return { id, type, source: 'test', payload: null }
}

/** The flows of a service, and the clients of its processes. */
class FlowRoom {
  readonly service: ServiceRoom

  constructor(service: ServiceRoom) {
    this.service = service
  }

  static async open(databaseUrl: string | null): Promise<FlowRoom> {
    const room = new FlowRoom(await ServiceRoom.open(databaseUrl))
    for (const [name, [trigger, steps]] of Object.entries(flows)) {
      const folder = join(room.service.folder.path, '.orch', 'flows', name)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'flow.yaml'), `name: ${name}\non: ${trigger}\nconcurrency: 2\nsteps:\n${steps}`)
    }
    await room.service.heldChange('DPTA-1')
    const path = '/repos/acme/repoC/dispatches'
    room.service.github.sandbox.faults.add({ path, times: Infinity, action: { kind: 'hang-after' } })
    return room
  }

  async client(command: ServiceCommand): Promise<FlowClient> {
    return createFlowClient({ mode: 'http', baseUrl: await command.url(), token: apiToken })
  }

  /** Lets the steps go on that wait for this file. */
  async let(file: string): Promise<void> {
    await writeFile(join(this.service.folder.path, file), '')
  }

  /** What the commands have written: one line for each execution. */
  async done(): Promise<string[]> {
    const file = join(this.service.folder.path, 'done.txt')
    return existsSync(file) ? (await readFile(file, 'utf8')).trim().split('\n').toSorted() : []
  }

  async whenDone(line: string): Promise<void> {
    await until(async () => ((await this.done()).includes(line) ? true : null), patienceMs)
  }

  /** How many repository events GitHub has received. */
  sent(): number {
    return this.service.github.sandbox.requests.filter(({ path }) => path.endsWith('/repoC/dispatches')).length
  }

  async whenSent(): Promise<void> {
    await until(() => Promise.resolve(this.sent() > 0 || null), patienceMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service[Symbol.asyncDispose]()
  }
}

async function runOf(client: FlowClient, eventId: string): Promise<FlowRunJson> {
  const runs = await client.listRuns({ eventId })
  expect(runs).toHaveLength(1)
  return runs[0] as FlowRunJson
}

/** The only run of an event, once it has ended. */
function whenEnded(client: FlowClient, eventId: string): Promise<FlowRunJson> {
  return until(async () => {
    const run = await runOf(client, eventId)
    return run.endedAt === null ? null : run
  }, patienceMs)
}

function messagesOf(run: FlowRunJson): string[] {
  return run.attempts.map(({ status, steps }) => `${status}: ${steps.map(({ message }) => message).join(', ')}`)
}

/** The pid of the process whose worker has the first step of the run of an event. */
function whenPerformedBy(command: ServiceCommand, client: FlowClient, eventId: string): Promise<number> {
  return until(async () => {
    const { id } = await runOf(client, eventId)
    const { items } = (await command.request('/workers')).body as WorkersJson
    return items.find(({ workloads }) => workloads.includes(`flow:${id}-1-1`))?.pid ?? null
  }, patienceMs)
}

async function expectReplayed(room: FlowRoom, client: FlowClient): Promise<void> {
  await room.let('go')
  await client.replayEvent('command')
  const replayed = await whenEnded(client, 'command')
  expect(messagesOf(replayed)).toEqual([`failed: ${interrupted}`, 'completed: exit code 0'])
}

const title = `flows in two processes on PostgreSQL${postgresIsMissing ? ` (skipped: ${postgresIsMissing})` : ''}`
describe.skipIf(postgresIsMissing !== null)(title, () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres()
  }, timeout)
  afterAll(() => server.remove(), timeout)

  test(
    'an event sent to both starts one run; kill -9 within a step ends or continues it elsewhere within 30 seconds, and no step is performed twice',
    async () => {
      const url = await server.createDatabase()
      await using room = await FlowRoom.open(url)
      const commands = [room.service.serve(), room.service.serve()] as const
      const clients = await Promise.all(commands.map((command) => room.client(command)))
      const [one, other] = clients as [FlowClient, FlowClient]

      const all = Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? one : other).dispatchEvent(event('command')),
      )
      expect(new Set((await Promise.all(all)).flatMap(({ runs }) => runs.map(({ id }) => id))).size).toBe(1)
      await room.whenDone('command')
      const pid = await whenPerformedBy(commands[0], one, 'command')
      const [victim, survivor] = commands[0].pid === pid ? commands : [commands[1], commands[0]]
      const [doomed, client] = victim === commands[0] ? [one, other] : [other, one]

      // A process performs the steps of the events that it accepts, as long as its workers have room.
      for (const type of ['handing', 'dispatch', 'build']) await doomed.dispatchEvent(event(type))
      for (const id of ['busy1', 'busy2']) await client.dispatchEvent(event('busy', id))
      for (const line of ['busy1', 'busy2', 'handing']) await room.whenDone(line)
      await room.whenSent()
      await room.service.github.builds.whenStarted('acme/repoB')
      const locking = new pg.Client(url)
      await locking.connect()
      await locking.query('BEGIN; LOCK TABLE orch.flow_events IN EXCLUSIVE MODE')
      await room.let('go-handing')
      await until(async () => {
        const [, step] = (await runOf(client, 'handing')).attempts[0]?.steps ?? []
        return step?.status === 'running' ? step : null
      }, patienceMs)

      await victim.crash()
      const killedAt = Date.now()
      await locking.query('COMMIT')
      await locking.end()

      // Also although every worker of the survivor is busy.
      expect(messagesOf(await whenEnded(client, 'command'))).toEqual([`failed: ${interrupted}`])
      expect(Date.now() - killedAt).toBeLessThan(takeOverMs)
      expect(messagesOf(await whenEnded(client, 'dispatch'))).toEqual([
        `failed: ${interrupted}: the event may have been sent, and is not sent again`,
      ])
      await room.let('go-busy')
      const { id: handing } = await whenEnded(client, 'handing')
      const handedOn = `handoff:${handing}-1-2`
      expect(messagesOf(await whenEnded(client, 'handing'))).toEqual([
        `completed: exit code 0, handed on to announce as ${handedOn}`,
      ])
      expect(await whenEnded(client, handedOn)).toMatchObject({ flow: 'announce', status: 'completed', attempt: 1 })
      expect(await survivor.request('/runs?flow=announce')).toMatchObject({ body: { items: [{ eventId: handedOn }] } })
      room.service.release()
      expect(await whenEnded(client, 'build')).toMatchObject({ status: 'completed', attempt: 1 })
      expect(await room.service.outcome('DPTA-1')).toEqual(builtOnce('DPTA-1'))
      expect(await room.done()).toEqual(['announced', 'busy1', 'busy2', 'command', 'handing'])
      expect(room.sent()).toBe(1)

      await expectReplayed(room, client)
    },
    timeout,
  )

  test(
    'a process that was suspended within a command and continues ends the command, whose run another process has ended',
    async () => {
      await using room = await FlowRoom.open(await server.createDatabase())
      const service = room.service.serve('--workers', '0')
      const client = await room.client(service)
      const workers = [0, 1].map(() => room.service.start(['worker', '--json', '--workers', '1']))
      for (const worker of workers) await worker.announcement()
      await client.dispatchEvent(event('command'))
      await room.whenDone('command')
      const zombie = room.service.commandOf(await whenPerformedBy(service, client, 'command'))
      zombie.signal('SIGSTOP')
      expect(messagesOf(await whenEnded(client, 'command'))).toEqual([`failed: ${interrupted}`])
      zombie.signal('SIGCONT')
      expect(await zombie.ended).toMatchObject({ code: 1, signal: null })
      expect(messagesOf(await whenEnded(client, 'command'))).toEqual([`failed: ${interrupted}`])
      await expectReplayed(room, client)
      expect(await room.done()).toEqual(['command', 'command'])
    },
    timeout,
  )
})

describe('flows on the embedded database', () => {
  test(
    'kill -9 within a step and a restart end or continue the run within 30 seconds, and no step is performed twice',
    async () => {
      await using room = await FlowRoom.open(null)
      const first = room.service.serve()
      const before = await room.client(first)
      for (const type of ['command', 'handing', 'dispatch', 'build']) await before.dispatchEvent(event(type))
      await before.dispatchEvent(event('command', 'waiting'))
      for (const line of ['command', 'handing']) await room.whenDone(line)
      await room.whenSent()
      await room.service.github.builds.whenStarted('acme/repoB')

      await first.crash()
      const killedAt = Date.now()
      const next = room.service.serve()
      const client = await room.client(next)
      for (const id of ['command', 'handing'])
        expect(messagesOf(await whenEnded(client, id))[0]).toMatch(new RegExp(`^failed: ${interrupted}`, 'u'))
      expect(Date.now() - killedAt).toBeLessThan(takeOverMs)
      expect(messagesOf(await whenEnded(client, 'dispatch'))).toEqual([
        `failed: ${interrupted}: the event may have been sent, and is not sent again`,
      ])
      await room.let('go')
      expect(await whenEnded(client, 'waiting')).toMatchObject({ status: 'completed', attempt: 1 })
      room.service.release()
      expect(await whenEnded(client, 'build')).toMatchObject({ status: 'completed', attempt: 1 })
      expect(await room.service.outcome('DPTA-1')).toEqual(builtOnce('DPTA-1'))
      // What was accepted before is known after the restart.
      expect((await client.dispatchEvent(event('command'))).runs).toMatchObject([{ attempt: 1, status: 'failed' }])
      expect(await room.done()).toEqual(['command', 'handing', 'waiting'])
      expect(room.sent()).toBe(1)

      await expectReplayed(room, client)
    },
    timeout,
  )
})

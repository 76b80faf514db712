import { sign } from '@octokit/webhooks-methods'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/service/database/database.js'
import type { FullDelivery } from '../../src/service/deliveries/delivery.js'
import { DeliveryService } from '../../src/service/deliveries/deliveries.js'
import { createReadiness } from '../../src/service/http/health.js'
import { TestClock } from '../support/test-clock.js'
import { createMemoryLog } from './support/memory-log.js'
import { embeddedRoom } from '../support/databases.js'
import type { DatabaseRoom } from '../support/databases.js'
import { MemoryDurable } from './support/memory-durable.js'

const url = 'http://127.0.0.1:7345/webhooks/github'
const push = JSON.stringify({ ref: 'refs/heads/DPTA-1', repository: { full_name: 'acme/repoB' } })

let room: DatabaseRoom
let database: Database
/** What the database says to each statement; null: nothing is wrong. */
let refusal: (() => Promise<never>) | null = null

beforeAll(async () => {
  room = await embeddedRoom()
  const opened = await room.create()
  const query: Database['query'] = (sql, values) => refusal?.() ?? opened.query(sql, values)
  const transaction: Database['transaction'] = (work, options) => refusal?.() ?? opened.transaction(work, options)
  database = { ...opened, query, transaction }
}, 120_000)

afterAll(() => room.close())

/** A service whose handler records what it handles. */
class World {
  readonly clock: TestClock
  readonly durable: MemoryDurable
  readonly log = createMemoryLog()
  readonly handled: FullDelivery[] = []
  readonly counts: string[] = []
  /** Called before a delivery counts as handled. */
  work: (delivery: FullDelivery) => Promise<void> = () => Promise.resolve()
  readonly service: DeliveryService

  constructor(now?: number) {
    this.clock = new TestClock(now, 12)
    this.durable = new MemoryDurable(this.clock)
    this.service = new DeliveryService({
      database,
      durable: this.durable,
      clock: this.clock,
      log: this.log,
      secrets: ['new secret', 'old secret'],
      metrics: {
        webhookReceived: (event, answer) => void this.counts.push(`${event} ${answer}`),
        webhookHandled: (event) => void this.counts.push(`${event} handled`),
      },
      ignoredFor: ({ event }) => (event === 'push' || event === 'workflow_run' ? null : 'there is nothing to do'),
      isHint: ({ event }) => event === 'workflow_run',
      handle: async (delivery) => {
        await this.work(delivery)
        this.handled.push(delivery)
        return 'locked'
      },
    })
  }

  send(body: string, options: SendOptions = {}): Promise<Response> {
    return sendTo((request) => this.service.receive(request), body, options)
  }

  /** Waits until the tasks have ended. */
  async settle(): Promise<void> {
    await this.clock.until(this.durable.idle())
  }
}

const day = 86_400_000

/** Sweeps until the first pause. */
async function sweepOnce({ service, clock }: World): Promise<void> {
  const stop = new AbortController()
  const sweeping = service.sweep(stop.signal)
  while (!clock.hasSleepers()) await new Promise((resolve) => setImmediate(resolve))
  stop.abort()
  await sweeping
}

async function untilHandled(id: string): Promise<void> {
  while ((await world.service.read(id))?.handledAt === null) await new Promise((resolve) => setImmediate(resolve))
}

interface SendOptions {
  id?: string
  event?: string
  secret?: string | null
  type?: string
  headers?: Record<string, string | null>
}

async function sendTo(
  receive: (request: Request) => Promise<Response>,
  body: string,
  { id = 'd-1', event = 'push', secret = 'new secret', type = 'application/json', headers = {} }: SendOptions,
): Promise<Response> {
  const signature = secret === null ? null : await sign(secret, body)
  const all = {
    'content-type': type,
    'x-github-delivery': id,
    'x-github-event': event,
    'x-hub-signature-256': signature,
    ...headers,
  }
  const present = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null)
  return receive(new Request(url, { method: 'POST', body, headers: present }))
}

let world: World

beforeEach(async () => {
  refusal = null
  await database.query('DELETE FROM orch.deliveries')
  world = new World()
})

/** The problem of an answer, after the check that it is a problem document. */
async function problemOf(response: Response): Promise<string> {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const body = (await response.json()) as { status: number; title: string; detail: string }
  expect(body.status).toBe(response.status)
  return `${response.status} ${body.title}: ${body.detail}`
}

describe('POST /webhooks/github', () => {
  test('a signed delivery is answered with 202, handled once, and listed with its result', async () => {
    expect((await world.send(push)).status).toBe(202)
    await world.settle()
    expect(world.handled).toMatchObject([{ id: 'd-1', event: 'push', payload: JSON.parse(push) as unknown }])
    expect(await world.service.list({})).toEqual({
      items: [
        {
          id: 'd-1',
          event: 'push',
          action: null,
          repository: 'acme/repoB',
          receivedAt: world.clock.now(),
          handledAt: world.clock.now(),
          result: 'locked',
        },
      ],
      nextCursor: null,
    })
    expect(world.counts).toEqual(['push 202', 'push handled'])
  })

  test('a repeated delivery is answered with 202 and handled only once', async () => {
    for (let time = 0; time < 3; time += 1) expect((await world.send(push)).status).toBe(202)
    await world.settle()
    expect((await world.send(push)).status).toBe(202)
    expect(world.handled).toHaveLength(1)
    expect(world.durable.started).toEqual(['d-1'])
  })

  test('the same delivery sent sixty times at once is handled once', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => world.send(push)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    await world.settle()
    expect(world.handled).toHaveLength(1)
  })

  test('an event without anything to do is answered with 202, counted, and needs no task', async () => {
    expect((await world.send('{"zen":"x"}', { event: 'ping' })).status).toBe(202)
    expect(world.durable.started).toEqual([])
    expect(world.counts).toEqual(['ping 202'])
    expect(await world.service.read('d-1')).toMatchObject({ result: 'there is nothing to do', payload: { zen: 'x' } })
  })

  test('a form is accepted: the signature is over the form, and the field payload has the JSON', async () => {
    const form = new URLSearchParams({ payload: push }).toString()
    expect((await world.send(form, { type: 'application/x-www-form-urlencoded' })).status).toBe(202)
    await world.settle()
    expect(world.handled[0]?.payload).toEqual(JSON.parse(push))
  })

  test('each of several secrets is valid', async () => {
    expect((await world.send(push, { id: 'a', secret: 'old secret' })).status).toBe(202)
    expect((await world.send(push, { id: 'b', secret: 'new secret' })).status).toBe(202)
  })

  test.each([
    ['without a signature', { secret: null }],
    ['with the signature of another secret', { secret: 'wrong' }],
    ['with an empty signature', { headers: { 'x-hub-signature-256': '' } }],
    ['with a signature that is not hexadecimal', { headers: { 'x-hub-signature-256': 'sha256=zz' } }],
    ['with the signature of SHA-1 alone', { secret: null, headers: { 'x-hub-signature': 'sha1=00' } }],
  ])('a delivery %s is answered with 401, and nothing is stored', async (_, options: SendOptions) => {
    expect(await problemOf(await world.send(push, options))).toMatch(/^401 Signature missing or wrong/u)
    expect((await world.service.list({})).items).toEqual([])
  })

  test('a body that differs from the signed one by one character is answered with 401', async () => {
    const signature = await sign('new secret', push)
    const answer = await world.send(`${push} `, { headers: { 'x-hub-signature-256': signature } })
    expect(answer.status).toBe(401)
  })

  test.each([
    ['malformed JSON', '{"ref":', {}, 'the payload is not valid JSON'],
    ['a list', '[]', {}, 'the payload is not a JSON object'],
    ['null', 'null', {}, 'the payload is not a JSON object'],
    ['100,000 levels', `{"a":${'['.repeat(100_000)}`, {}, 'the JSON is nested deeper than 100 levels'],
    ['no event', push, { headers: { 'x-github-event': null } }, 'X-GitHub-Event is missing'],
    ['no id', push, { headers: { 'x-github-delivery': null } }, 'X-GitHub-Delivery is missing'],
    ['an id of 101 characters', push, { id: 'a'.repeat(101) }, 'X-GitHub-Delivery is missing, or is not an id'],
    ['another content type', push, { type: 'text/plain' }, 'the content type must be application/json'],
    ['a form without payload', 'a=b', { type: 'application/x-www-form-urlencoded' }, 'has no field "payload"'],
  ])('%s, rightly signed, is answered with 400', async (_, body, options: SendOptions, problem) => {
    expect(await problemOf(await world.send(body, options))).toContain(problem)
    expect((await world.service.list({})).items).toEqual([])
  })

  test('brackets in strings are not levels', async () => {
    const body = JSON.stringify({ ref: '[{'.repeat(1_000), text: '\\"[' })
    expect((await world.send(body)).status).toBe(202)
  })

  test('a payload with the character U+0000 is stored and read back', async () => {
    const body = JSON.stringify({ ref: 'a\u0000b', action: 'x\u0000', repository: { full_name: 'acme/\u0000' } })
    expect((await world.send(body)).status).toBe(202)
    expect(await world.service.read('d-1')).toMatchObject({ action: null, repository: null, payload: { ref: 'a\0b' } })
  })

  test('a body that announces more than 25 MB is answered with 413 without being read', async () => {
    const answer = await world.send('{}', { headers: { 'content-length': String(25 * 1024 * 1024 + 1) } })
    expect(await problemOf(answer)).toMatch(/^413 Payload too large/u)
  })

  test('a body of more than 25 MB that announces no length is answered with 413 before its end', async () => {
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1
        controller.enqueue(new Uint8Array(1024 * 1024))
      },
    })
    const request = new Request(url, { method: 'POST', body, duplex: 'half' })
    expect((await world.service.receive(request)).status).toBe(413)
    expect(sent).toBeLessThan(40)
  })

  test('a payload of 24 MB is accepted', async () => {
    expect((await world.send(JSON.stringify({ text: 'x'.repeat(24 * 1024 * 1024) }))).status).toBe(202)
  })

  test.each(['GET', 'PUT', 'DELETE'])('%s is answered with 405', async (method) => {
    const answer = await world.service.receive(new Request(url, { method }))
    expect(answer.headers.get('allow')).toBe('POST')
    expect(await problemOf(answer)).toMatch(/^405/u)
  })

  test('a delivery that cannot be stored is answered with 503 and Retry-After, and is accepted later', async () => {
    refusal = () => Promise.reject(new Error('could not extend file: No space left on device'))
    const answer = await world.send(push)
    expect(answer.headers.get('retry-after')).toBe('30')
    expect(await problemOf(answer)).toMatch(/^503/u)
    refusal = null
    expect((await world.send(push)).status).toBe(202)
    await world.settle()
    expect(world.handled).toHaveLength(1)
    expect(world.service.takeRefusals()).toBe(world.clock.now())
    expect(world.service.takeRefusals()).toBeNull()
  })

  test('from a delivery that could not be stored on, the service is not ready, until it could be or another one is', async () => {
    const reads: Database['query'] = () => Promise.resolve([])
    const ready = createReadiness({
      database: { ...database, query: reads },
      clock: world.clock,
      engine: { held: () => Promise.resolve() },
      githubLogin: { problem: () => null },
      storeProblem: () => world.service.storeProblem(),
    })
    const readiness = async (): Promise<string> => {
      const response = await ready(new Request('http://127.0.0.1:7345/readyz'))
      return `${response.status} ${await response.text()}`
    }
    expect(await readiness()).toMatch(/^200 /u)
    refusal = () => Promise.reject(new Error('could not extend file: No space left on device'))
    await world.send(push)
    await sweepOnce(world)
    expect(await readiness()).toMatch(/^503 .*the last delivery could not be stored: .*No space left on device/u)
    refusal = null
    expect(await readiness()).toMatch(/^503 /u)
    await sweepOnce(world)
    expect(await readiness()).toMatch(/^200 /u)
    await world.settle()
    expect([world.handled, await world.service.read('d-1')]).toEqual([[], null])

    refusal = () => Promise.reject(new Error('could not extend file: No space left on device'))
    await world.send(push, { id: 'd-2' })
    refusal = null
    await world.send(push, { id: 'd-3' })
    expect(await readiness()).toMatch(/^200 /u)
    await world.settle()
  })

  test('a database that does not answer is given up before GitHub gives the delivery up', async () => {
    refusal = () => new Promise(() => undefined)
    expect((await world.clock.until(world.send(push))).status).toBe(503)
  })
})

describe('the task of a delivery', () => {
  test('a delivery whose task could not be started is started by the sweep, also of another process', async () => {
    world.durable.isBroken = true
    expect((await world.send(push)).status).toBe(202)
    const next = new World()
    await sweepOnce(next)
    await next.settle()
    expect(next.handled).toHaveLength(1)
    expect(await next.service.read('d-1')).toMatchObject({ result: 'locked' })
  })

  test('a handler that fails is repeated, and the delivery is handled once it succeeds', async () => {
    let failures = 3
    world.work = () => ((failures -= 1) >= 0 ? Promise.reject(new Error('GitHub is down')) : Promise.resolve())
    await world.send(push)
    await world.settle()
    expect(world.handled).toHaveLength(1)
    expect(world.durable.failures).toHaveLength(3)
  })

  test('a delivery whose last repetition failed is tried again by the next sweep, and given up after three days', async () => {
    world.durable.maxTries = 2
    world.work = () => Promise.reject(new Error('the key was revoked'))
    await world.send(push)
    await world.settle()
    expect(await world.service.read('d-1')).toMatchObject({ handledAt: null })
    const later = new World(world.clock.now() + 60_000)
    await sweepOnce(later)
    await later.settle()
    expect(later.durable.started).toEqual(['d-1:2'])
    expect(await world.service.read('d-1')).toMatchObject({ result: 'locked' })

    await world.send(push, { id: 'd-2' })
    await world.settle()
    const muchLater = new World(world.clock.now() + 4 * day)
    muchLater.durable.maxTries = 1
    muchLater.work = world.work
    await sweepOnce(muchLater)
    await muchLater.settle()
    expect(await world.service.read('d-2')).toMatchObject({ result: 'given up: the key was revoked' })
  })

  test('a hint is handled at once without a task, and with a task by the next sweep if that failed', async () => {
    await world.send(push, { id: 'd-1', event: 'workflow_run' })
    await untilHandled('d-1')
    expect(world.durable.started).toEqual([])
    world.work = () => Promise.reject(new Error('the process ends'))
    await world.send(push, { id: 'd-2', event: 'workflow_run' })
    const next = new World()
    await sweepOnce(next)
    await next.settle()
    expect(next.durable.started).toEqual(['d-2'])
    expect(await next.service.read('d-2')).toMatchObject({ result: 'locked' })
  })

  test('a redelivery handles the delivery again, as the next attempt', async () => {
    await world.send(push)
    await world.settle()
    expect(await world.service.redeliver('d-1')).toEqual({ kind: 'started' })
    await world.settle()
    expect(world.handled).toHaveLength(2)
    expect(world.durable.started).toEqual(['d-1', 'd-1:2'])
    expect(await world.service.redeliver('d-2')).toEqual({ kind: 'absent' })
  })

  test('a delivery that was ignored can be handled on purpose', async () => {
    await world.send('{}', { event: 'ping' })
    expect(await world.service.redeliver('d-1')).toEqual({ kind: 'started' })
    await world.settle()
    expect(world.handled).toHaveLength(1)
  })
})

describe('the list of deliveries', () => {
  test('pages go from the newest to the oldest, without gaps', async () => {
    for (let n = 1; n <= 5; n += 1) {
      await world.send(push, { id: `d-${n}` })
      await world.settle()
      if (n % 2 === 0) await world.clock.advance(1_000)
    }
    const first = await world.service.list({ limit: 2 })
    const second = await world.service.list({ limit: 2, cursor: first.nextCursor ?? '' })
    const third = await world.service.list({ limit: 2, cursor: second.nextCursor ?? '' })
    expect([first, second, third].map(({ items }) => items.map(({ id }) => id))).toEqual([
      ['d-5', 'd-4'],
      ['d-3', 'd-2'],
      ['d-1'],
    ])
    expect(third.nextCursor).toBeNull()
  })

  test('payloads are removed after seven days, and deliveries after thirty; those that are not handled are kept', async () => {
    await world.send(push, { id: 'old' })
    await world.settle()
    await database.query(
      `INSERT INTO orch.deliveries (id, event, received_at, payload, started) VALUES ('open', 'push', 0, '{}', 1)`,
    )
    await sweepOnce(new World(world.clock.now() + 8 * day))
    expect(await world.service.read('old')).toMatchObject({ payload: null, result: 'locked' })
    expect(await world.service.redeliver('old')).toEqual({ kind: 'absent' })
    await sweepOnce(new World(world.clock.now() + 31 * day))
    expect((await world.service.list({})).items.map(({ id }) => id)).toEqual(['open'])
  })
})

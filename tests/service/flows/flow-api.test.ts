import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RequestSigner } from '../../../src/client/http/signature.js'
import type { HttpApp, HttpOptions } from '../../../src/service/http/http-app.js'
import { nodeStep, release } from '../../support/flow-client-contract.js'
import { openFlowFolder } from '../../support/flow-folder.js'
import type { FlowFolder } from '../../support/flow-folder.js'
import { systemClock } from '../../../src/lib/system-clock.js'
import { apiToken, hmacSecret, origin, PagesWorld } from '../pages-world.js'
import { createLocalFlowService } from '../support/local-flow-service.js'

interface Sent {
  method?: string
  headers?: Record<string, string>
  body?: string
}

let folder: FlowFolder
let world: PagesWorld
let app: HttpApp

beforeEach(async () => {
  folder = await openFlowFolder({
    release: `name: release\non: { event: { types: [upstream.release] } }\nsteps:\n${nodeStep('console.log(1)')}`,
    announce: `name: announce\non: { dispatch: true }\nsteps:\n${nodeStep('console.log("a\\u001b[2Jb")')}`,
  })
  world = new PagesWorld()
  app = openApp()
})

afterEach(async () => {
  app.close()
  await folder[Symbol.asyncDispose]()
})

function openApp(more: Partial<HttpOptions> = {}): HttpApp {
  const flows = createLocalFlowService(folder.directory)
  return world.app({ data: world.data({ clock: systemClock, flows }), ...more })
}

function send(path: string, { method = 'POST', headers = {}, body }: Sent = {}): Promise<Response> {
  const from = { incoming: { socket: { remoteAddress: '192.0.2.1' } } }
  return Promise.resolve(
    app.request(`${origin}${path}`, { method, headers, ...(body === undefined ? {} : { body }) }, from),
  )
}

const withToken = { authorization: `Bearer ${apiToken}` }

function post(path: string, value: unknown = {}): Promise<Response> {
  return send(path, { headers: withToken, body: JSON.stringify(value) })
}

function get(path: string): Promise<Response> {
  return send(path, { method: 'GET', headers: withToken })
}

/** Seconds since the epoch. */
function seconds(): number {
  return Math.floor(Date.now() / 1000)
}

function signed(
  path: string,
  { method = 'POST', body = '', at = seconds(), secret = hmacSecret } = {},
): Promise<Response> {
  const { timestamp, signature } = new RequestSigner(secret).sign({ method, path, body, isOnce: false }, at)
  const headers = { 'x-orch-timestamp': String(timestamp), 'x-orch-signature-256': signature }
  return send(path, { method, headers, ...(method === 'GET' ? {} : { body }) })
}

async function problemOf(response: Response, status: number): Promise<Record<string, unknown>> {
  const problem = (await response.json()) as Record<string, unknown>
  expect({ status: response.status, problem }).toMatchObject({ status, problem: { status } })
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return problem
}

async function eventCount(): Promise<number> {
  const { items } = (await (await get('/events')).json()) as { items: unknown[] }
  return items.length
}

describe('events over HTTP', () => {
  test('a new event is 202, the same one again 200, and another one under its id 409 with the field', async () => {
    const first = await post('/events', release('a/b'))
    expect(first.status).toBe(202)
    const { event, runs } = (await first.json()) as { event: object; runs: { id: string }[] }
    expect(event).toMatchObject({ id: 'a/b', type: 'upstream.release', flow: null, unmatched: null })
    expect(runs).toMatchObject([{ eventId: 'a/b', flow: 'release', attempt: 1 }])
    expect((await post('/events', release('a/b'))).status).toBe(200)
    const other = await problemOf(await post('/events', release('a/b', { source: 'x' })), 409)
    expect(other).toMatchObject({ field: 'source', detail: 'Another event has the id "a/b": its source differs.' })
    expect(await (await get('/events/a%2Fb')).json()).toMatchObject({ id: 'a/b' })
  })

  test('of sixty concurrent posts of one event one is 202 and the others are 200', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => post('/events', release('e'))))
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      ...Array.from({ length: 59 }, () => 200),
      202,
    ])
    const { items } = (await (await get('/runs?eventId=e')).json()) as { items: unknown[] }
    expect(items).toHaveLength(1)
  })

  test.each([
    ['{ "id": "e",\n  "type": }', 'The body is not valid JSON: line 2, column 11: value expected.'],
    ['', 'The body is not valid JSON: it is empty.'],
  ])('the body %j is 400 with the place of the mistake', async (body, detail) => {
    const problem = await problemOf(await send('/events', { headers: withToken, body }), 400)
    expect(problem['detail']).toBe(detail)
  })

  test('a body that is not UTF-8 is 400', async () => {
    const body = new Uint8Array([0x7b, 0xff, 0x7d])
    const response = await app.request(`${origin}/events`, { method: 'POST', headers: withToken, body })
    expect((await problemOf(response, 400))['detail']).toContain('it is not UTF-8')
  })

  const invalidEvents: [number, string, unknown][] = [
    [400, 'id', release('x'.repeat(256))],
    [400, 'id', release('a\0b')],
    [400, 'source', { id: 'e', type: 't', payload: 1 }],
    [400, 'more', { ...release('e'), more: 1 }],
    [400, '', []],
    [413, 'payload', release('e', { payload: 'x'.repeat(1024 * 1024) })],
    ...['../x', 'a/b', 'C:x', 'a\0b', '..', 'NUL'].map((name): [number, string, unknown] => [
      400,
      'context.files[0].name',
      release('e', { context: { files: [{ name, content: '' }] } }),
    ]),
  ]

  test.each(invalidEvents)('%i with the field %j for an event that is not valid (%#)', async (status, field, event) => {
    expect(await problemOf(await post('/events', event), status)).toMatchObject({ field })
    expect(await eventCount()).toBe(0)
  })

  test('a body that is larger than any valid event is 413, and one of 2 MiB with context files is accepted', async () => {
    expect((await send('/events', { headers: withToken, body: ' '.repeat(23 * 1024 * 1024) })).status).toBe(413)
    const files = ['a', 'b'].map((name) => ({ name, content: '\n'.repeat(1024 * 1024) }))
    expect((await post('/events', release('e', { context: { files } }))).status).toBe(202)
  })

  test('a form of another path keeps its small limit', async () => {
    const headers = { ...withToken, 'content-length': '70000' }
    expect((await send('/runs/r/cancel', { headers, body: ' '.repeat(70_000) })).status).toBe(413)
  })

  test('a caller who sends too many events is answered with 429 until time has passed, and others are not', async () => {
    let now = Date.now()
    const data = world.data({
      flows: createLocalFlowService(folder.directory),
      clock: { ...systemClock, now: () => now },
    })
    app = world.app({ data, eventsPerMinute: 2 })
    expect([(await post('/events', release('e1'))).status, (await post('/events', release('e1'))).status]).toEqual([
      202, 200,
    ])
    for (const path of ['/events', '/events/e1/replay', '/flows/announce/handoff']) {
      const refused = await post(path, release('e2'))
      expect(refused.headers.get('retry-after')).toBe('30')
      expect((await problemOf(refused, 429))['detail']).toBe(
        'This service accepts 2 events a minute from the administrator. Nothing was kept; try again in 30 s.',
      )
    }
    expect(await eventCount()).toBe(1)
    expect((await signed('/events', { body: JSON.stringify(release('e3')) })).status).toBe(202)
    now += 29_000
    expect((await post('/events', release('e4'))).headers.get('retry-after')).toBe('1')
    now += 1_000
    expect((await post('/events', release('e4'))).status).toBe(202)
    expect((await post('/events', release('e5'))).status).toBe(429)
    now += 3_600_000
    const later = ['e5', 'e6', 'e7'].map((id) => post('/events', release(id)))
    expect((await Promise.all(later)).map(({ status }) => status)).toEqual([202, 202, 429])
  })

  test.each(['/events/nothing', '/runs/nothing', '/runs/nothing/log', '/runs/nothing/stream'])(
    '%s is 404',
    async (path) => {
      await problemOf(await get(path), 404)
    },
  )

  test.each(['/events/nothing/replay', '/runs/nothing/cancel', '/flows/nothing/enable'])(
    'POST %s is 404',
    async (path) => {
      await problemOf(await post(path), 404)
    },
  )

  test.each(['/events/%00', '/runs/a%00b'])('%s is 400, because an id has no NUL', async (path) => {
    await problemOf(await get(path), 400)
  })

  test.each(['/events?limit=0', '/runs?limit=1000', '/runs?status=done'])('%s is 400', async (path) => {
    await problemOf(await get(path), 400)
  })

  test('lists are paged by a cursor, newest first', async () => {
    for (const id of ['e1', 'e2', 'e3']) await post('/events', release(id))
    const page = (await (await get('/events?limit=2')).json()) as { items: { id: string }[]; nextCursor: string }
    expect(page.items.map(({ id }) => id)).toEqual(['e3', 'e2'])
    const last = (await (await get(`/events?limit=2&cursor=${page.nextCursor}`)).json()) as object
    expect(last).toMatchObject({ items: [{ id: 'e1' }], nextCursor: null })
  })
})

describe('the page of events', () => {
  test('shows what the runs came to without reading what they printed', async () => {
    const flows = createLocalFlowService(folder.directory)
    const listRuns = (): Promise<never> => Promise.reject(new Error('runs are read as a whole'))
    const store = { ...flows.ports.store, listRuns }
    const data = world.data({ clock: systemClock, flows: { ...flows, ports: { ...flows.ports, store } } })
    app = world.app({ data })
    expect((await post('/events', release('e'))).status).toBe(202)
    const page = await send('/events', { method: 'GET', headers: { ...withToken, accept: 'text/html' } })
    const text = await page.text()
    expect([page.status, text.includes('>release<')]).toEqual([200, true])
  })
})

describe('flows and runs over HTTP', () => {
  test('a handoff is 202 and its stream ends with the run, whose log cannot drive a terminal', async () => {
    const handed = await post('/flows/announce/handoff', { payload: 'text' })
    expect(handed.status).toBe(202)
    const { runs } = (await handed.json()) as { runs: { id: string }[] }
    const stream = await get(`/runs/${runs[0]?.id ?? ''}/stream`)
    expect(stream.headers.get('content-type')).toContain('text/event-stream')
    const blocks = (await stream.text()).split('\n\n').filter((block) => block.startsWith('event: run\ndata: {'))
    const last = JSON.parse(blocks.at(-1)?.split('\ndata: ')[1] ?? '') as object
    expect(last).toMatchObject({ flow: 'announce', status: 'completed' })
    const log = await get(`/runs/${runs[0]?.id ?? ''}/log`)
    expect([log.headers.get('content-type'), await log.text()]).toEqual(['text/plain; charset=UTF-8', 'a\\u{1b}[2Jb\n'])
    await problemOf(await post(`/runs/${runs[0]?.id ?? ''}/cancel`), 409)
  })

  test('a handoff to an unknown flow is 404, to one without dispatch or a disabled one 409, and nothing is kept', async () => {
    const unknown = await problemOf(await post('/flows/anounce/handoff'), 404)
    expect(unknown['detail']).toContain('Did you mean announce')
    expect(await problemOf(await post('/flows/release/handoff'), 409)).not.toHaveProperty('field')
    expect(await (await post('/flows/announce/disable')).json()).toMatchObject({ name: 'announce', state: 'disabled' })
    await problemOf(await post('/flows/announce/handoff'), 409)
    expect(await eventCount()).toBe(0)
    expect(await (await post('/flows/announce/enable')).json()).toMatchObject({ state: 'enabled' })
  })

  test('the id of a handoff makes it idempotent', async () => {
    expect((await post('/flows/announce/handoff', { id: 'h', payload: 1 })).status).toBe(202)
    expect((await post('/flows/announce/handoff', { id: 'h', payload: 1 })).status).toBe(200)
    expect(await problemOf(await post('/flows/announce/handoff', { id: 'h', payload: 2 }), 409)).toMatchObject({
      field: 'payload',
    })
  })

  test('a person needs write access to every repository of the graph to send an event, and read access to see it', async () => {
    world.identities.add('ghp_reader', 'reader', 'read')
    world.identities.add('ghp_writer', 'writer', 'write')
    const as = (token: string, method = 'POST'): Promise<Response> =>
      send('/events', {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(method === 'GET' ? {} : { body: JSON.stringify(release('e')) }),
      })
    expect((await problemOf(await as('ghp_reader'), 403))['detail']).toContain('@reader may not send events')
    expect((await as('ghp_reader', 'GET')).status).toBe(200)
    expect((await as('ghp_writer')).status).toBe(202)
  })
})

describe('signed requests', () => {
  const body = JSON.stringify(release('e'))

  test('a signed event is accepted, again with the same signature too, and its signer may read it', async () => {
    const at = seconds()
    expect((await signed('/events', { body, at })).status).toBe(202)
    expect((await signed('/events', { body, at })).status).toBe(200)
    expect((await signed('/events/e?x=%7e', { method: 'GET' })).status).toBe(200)
  })

  test('a request without a token and a signature is 401', async () => {
    await problemOf(await send('/events', { body }), 401)
  })

  test.each([
    ['another secret', { body, secret: 'x'.repeat(32) }],
    ['a clock that is 302 seconds late', { body, at: seconds() - 302 }],
    ['a clock that is ten minutes ahead', { body, at: seconds() + 600 }],
  ])('%s is 401 and keeps nothing', async (_what, options) => {
    await problemOf(await signed('/events', options), 401)
    expect(await eventCount()).toBe(0)
  })

  test('a signature covers the body, the path and the method', async () => {
    const now = seconds()
    const { signature } = new RequestSigner(hmacSecret).sign(
      { method: 'POST', path: '/events', body, isOnce: false },
      now,
    )
    const headers = { 'x-orch-timestamp': String(now), 'x-orch-signature-256': signature }
    await problemOf(await send('/events', { headers, body: body.replace('v1', 'v2') }), 401)
    await problemOf(await send('/events?x=1', { headers, body }), 401)
    await problemOf(await send('/events', { method: 'GET', headers }), 401)
    await problemOf(await send('/events', { headers: { ...headers, 'x-orch-timestamp': String(now + 1) }, body }), 401)
    await problemOf(await send('/events', { headers: { ...headers, 'x-orch-timestamp': 'now' }, body }), 401)
    expect((await send('/events', { headers, body })).status).toBe(202)
  })

  test('a used signature is 401 on every POST but /events, and one of the next second is accepted', async () => {
    await signed('/events', { body })
    const at = seconds()
    for (const path of ['/events/e/replay', '/flows/announce/disable', '/flows/release/enable']) {
      expect((await signed(path, { at })).ok).toBe(true)
      const refused = await problemOf(await signed(path, { at }), 401)
      expect([refused['code'], refused['detail']]).toEqual([
        'signature-used',
        expect.stringContaining('was used before'),
      ])
      expect((await signed(path, { at: at + 1 })).ok).toBe(true)
    }
  })

  test('a signature is accepted nowhere else', async () => {
    for (const path of ['/changes/DPTA-1/run', '/logout']) await problemOf(await signed(path), 401)
    await problemOf(await signed('/workloads', { method: 'GET' }), 401)
    expect(world.done).toEqual([])
  })

  test('wrong signatures are limited for their address, and the right one still works', async () => {
    const statuses: number[] = []
    for (let count = 0; count < 21; count += 1)
      statuses.push((await signed('/events', { body, secret: 'x'.repeat(32) })).status)
    expect([statuses[0], statuses[19], statuses[20]]).toEqual([401, 401, 429])
    expect((await signed('/events', { body })).status).toBe(202)
  })

  test('a service without ORCH_HMAC_SECRET accepts no signature', async () => {
    app = openApp({ hmacSecret: null })
    expect((await problemOf(await signed('/events', { body }), 401))['detail']).toContain('ORCH_HMAC_SECRET is not set')
  })
})

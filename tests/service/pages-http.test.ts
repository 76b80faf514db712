import { describe, expect, test } from 'vitest'
import { DatabaseUnreachable } from '../../src/service/database/unreachable.js'
import { script } from '../../src/service/pages/script.js'
import { style } from '../../src/service/pages/style.js'
import { apiToken, ask, asAdministrator, asBrowser, delivery, PagesWorld, workload } from './pages-world.js'

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return (await response.json()) as Record<string, unknown>
}

describe('what the service answers without a login', () => {
  test.each(['/healthz', '/readyz', '/login', '/static/orch.css', '/static/orch.js'])(
    '%s is answered',
    async (path) => {
      const app = new PagesWorld().app()
      expect((await ask(app, path)).status).toBe(200)
    },
  )

  test('a webhook is passed to its handler, whatever the Host header is and however many tokens were wrong', async () => {
    const app = new PagesWorld().app({ host: '0.0.0.0' })
    for (let count = 0; count < 25; count += 1)
      await ask(app, '/workloads', { headers: { authorization: 'Bearer wrong-token' } })
    const response = await ask(app, '/webhooks/github', { method: 'POST', headers: { host: 'orch.example.com' } })
    expect([response.status, await response.text()]).toEqual([200, 'accepted'])
  })

  test('a webhook of Slack is 404 while no signing secret is configured', async () => {
    const response = await ask(new PagesWorld().app(), '/webhooks/slack', { method: 'POST' })
    expect(response.status).toBe(404)
    expect((await problemOf(response))['detail']).toContain('ORCH_SLACK_SIGNING_SECRET')
  })

  test.each([
    '/',
    '/changes',
    '/changes/DPTA-1',
    '/workloads',
    '/workers',
    '/deliveries',
    '/metrics',
    '/events',
    '/events/e',
    '/runs',
    '/runs/r/stream',
    '/flows',
    '/openapi.json',
    '/updates',
    '/nothing',
  ])('%s is 401 with a problem for a program', async (path) => {
    const response = await ask(new PagesWorld().app(), path)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="orch"')
    expect(await problemOf(response)).toMatchObject({ type: 'about:blank', title: 'Unauthorized', status: 401 })
  })

  test('a browser gets the login page with status 401, which leads back to the page it asked for', async () => {
    const response = await ask(new PagesWorld().app(), '/changes/a%2Fb?x=1', { headers: asBrowser })
    expect(response.status).toBe(401)
    expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8')
    const page = await response.text()
    expect(page).toContain('<h1>Log in</h1>')
    expect(page).toContain('name="next" value="/changes/a%2Fb?x=1"')
  })

  test('a wrong token is 401 even beside the cookie of a session', async () => {
    const app = new PagesWorld().app()
    const login = await ask(app, '/login', { form: { token: apiToken } })
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await ask(app, '/workloads', { headers: { cookie } })).status).toBe(200)
    const authorization = 'Bearer wrong-token'
    expect((await ask(app, '/workloads', { headers: { cookie, authorization } })).status).toBe(401)
  })
})

describe('methods, paths and headers', () => {
  test('an unknown path is 404 and a wrong method 405 with the allowed ones', async () => {
    const app = new PagesWorld().app()
    const unknown = await ask(app, '/nothing', { headers: asAdministrator })
    expect(unknown.status).toBe(404)
    expect(await problemOf(unknown)).toMatchObject({
      title: 'Not Found',
      requestId: unknown.headers.get('x-request-id'),
    })
    const wrong = await ask(app, '/workloads', { method: 'DELETE', headers: asAdministrator })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    const webhook = await ask(app, '/webhooks/github')
    expect([webhook.status, webhook.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('HEAD has the status and headers of GET and no body', async () => {
    const app = new PagesWorld().app()
    for (const path of ['/healthz', '/workloads', '/updates', '/events', '/login']) {
      const response = await ask(app, path, { method: 'HEAD', headers: asAdministrator })
      expect([path, response.status, await response.text()]).toEqual([path, 200, ''])
    }
    expect((await ask(app, '/nothing', { method: 'HEAD', headers: asAdministrator })).status).toBe(404)
  })

  test('every answer has the headers that protect its reader and is stored nowhere', async () => {
    const app = new PagesWorld().app()
    for (const path of ['/login', '/workloads', '/nothing', '/healthz']) {
      const { headers } = await ask(app, path)
      const policy = headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  test('an error of the service is 500 with the id of the request, which the log has with the reason', async () => {
    const world = new PagesWorld()
    const data = world.data()
    data.workloads.workers = () => Promise.reject(new Error('the disk is full'))
    const response = await ask(world.app({ data }), '/workers', { headers: asAdministrator })
    const id = response.headers.get('x-request-id') ?? ''
    expect(response.status).toBe(500)
    const problem = await problemOf(response)
    expect(problem['requestId']).toBe(id)
    expect(JSON.stringify(problem)).not.toContain('disk')
    expect(world.logged.join()).toContain('the disk is full')
    expect(world.logged.join()).toContain(id)
  })

  test('while the database cannot be reached the answer is 503, with when to try again', async () => {
    const world = new PagesWorld()
    const data = world.data()
    data.workloads.workers = () => Promise.reject(new DatabaseUnreachable('db.example:5432', new Error('refused')))
    const response = await ask(world.app({ data }), '/workers', { headers: asAdministrator })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10'])
    expect((await problemOf(response))['detail']).toContain('The database of this service cannot be reached')
  })

  test.each(['/workloads/a%00', '/workloads?change=%00', '/deliveries?cursor=%00', '/changes/DPTA-1%00'])(
    'a NUL character is 400: %s',
    async (path) => {
      expect((await ask(new PagesWorld().app(), path, { headers: asAdministrator })).status).toBe(400)
    },
  )

  test('a host name that is not ours is 421 for a cookie, and does not matter for a token', async () => {
    const app = new PagesWorld().app()
    const headers = { host: 'rebound.example.com:7345' }
    expect((await ask(app, '/login', { headers })).status).toBe(421)
    expect((await ask(app, '/workloads', { headers: { ...headers, ...asAdministrator } })).status).toBe(200)
    expect((await ask(app, '/login', { headers: { host: 'localhost:1234' } })).status).toBe(200)
    const published = new PagesWorld().app({ publicUrl: 'https://orch.example.com' })
    expect((await ask(published, '/login', { headers: { host: 'orch.example.com' } })).status).toBe(200)
    expect((await ask(published, '/login', { headers: { host: 'orch.example.com@x' } })).status).toBe(421)
  })

  test('a body larger than a form is 413', async () => {
    const response = await ask(new PagesWorld().app(), '/login', { form: { token: 'x'.repeat(100_000) } })
    expect(response.status).toBe(413)
  })
})

describe('the JSON API', () => {
  test('GET /workloads lists workloads with ISO times, filtered by status and change', async () => {
    const world = new PagesWorld()
    world.workloadList = [
      workload(),
      workload({ id: 'workload-2', status: 'pending', change: 'DPTA-2', claimedAt: null }),
    ]
    const app = world.app()
    const list = async (query: string): Promise<unknown> =>
      (await ask(app, `/workloads${query}`, { headers: asAdministrator })).json()
    expect(await list('?status=running')).toEqual({
      items: [
        {
          id: 'workload-1',
          kind: 'workflow',
          status: 'running',
          change: 'DPTA-1',
          createdAt: '2026-11-21T08:00:00.000Z',
          claimedAt: '2026-11-21T08:00:01.000Z',
          startedAt: '2026-11-21T08:00:02.000Z',
          endedAt: null,
          worker: 'worker-1',
        },
      ],
      nextCursor: null,
    })
    expect(await list('?change=DPTA-2')).toMatchObject({ items: [{ id: 'workload-2', claimedAt: null }] })
  })

  test.each(['?status=done', '?limit=0', '?limit=101', '?limit=x'])('GET /workloads%s is 400', async (query) => {
    const response = await ask(new PagesWorld().app(), `/workloads${query}`, { headers: asAdministrator })
    expect(response.status).toBe(400)
  })

  test('GET /workloads/:id shows one workload with its result, and 404 without it', async () => {
    const world = new PagesWorld()
    world.workloadList = [workload({ id: 'github:1/2', result: 'succeeded' })]
    const app = world.app()
    const found = await ask(app, '/workloads/github%3A1%2F2', { headers: asAdministrator })
    expect(await found.json()).toMatchObject({ id: 'github:1/2', result: 'succeeded' })
    expect((await ask(app, '/workloads/other', { headers: asAdministrator })).status).toBe(404)
  })

  test('GET /workers lists the workers with their workloads', async () => {
    const world = new PagesWorld()
    const times = { startedAt: world.clock.now(), heartbeatAt: world.clock.now() }
    world.workerList = [{ id: 'worker-1', state: 'active', host: 'one', pid: 7, ...times, workloads: ['workload-1'] }]
    const answer: unknown = await (await ask(world.app(), '/workers', { headers: asAdministrator })).json()
    const at = '2026-11-21T09:00:00.000Z'
    expect(answer).toEqual({
      items: [
        {
          id: 'worker-1',
          state: 'active',
          host: 'one',
          pid: 7,
          startedAt: at,
          heartbeatAt: at,
          workloads: ['workload-1'],
        },
      ],
    })
  })

  test('GET /deliveries lists pages, and a delivery is handled again on request', async () => {
    const world = new PagesWorld()
    world.deliveryList = [delivery(), delivery({ id: 'delivery-2' })]
    const app = world.app()
    const first = await ask(app, '/deliveries?limit=1', { headers: asAdministrator })
    const { items, nextCursor } = (await first.json()) as { items: { id: string }[]; nextCursor: string }
    expect(items).toMatchObject([{ id: 'delivery-1', event: 'pull_request', handledAt: null }])
    expect(items[0]).not.toHaveProperty('payload')
    const second = await ask(app, `/deliveries?limit=1&cursor=${nextCursor}`, { headers: asAdministrator })
    expect(await second.json()).toMatchObject({ items: [{ id: 'delivery-2' }], nextCursor: null })
    const again = await ask(app, '/deliveries/delivery-2/attempts', { method: 'POST', headers: asAdministrator })
    expect([again.status, await again.json()]).toEqual([202, { delivery: 'delivery-2' }])
    expect((await ask(app, '/deliveries/x/attempts', { method: 'POST', headers: asAdministrator })).status).toBe(404)
    expect(world.done).toEqual(['redeliver delivery-2'])
  })

  test('a change whose branch has slashes is shown, run, cancelled and invalidated by its encoded name', async () => {
    const world = new PagesWorld()
    world.graph.branches = ['**']
    world.workloadList = [workload({ change: 'feature/100%25' })]
    const app = world.app()
    const path = `/changes/${encodeURIComponent('feature/100%25')}`
    const shown = await ask(app, path, { headers: asAdministrator })
    expect(await shown.json()).toMatchObject({
      branch: 'feature/100%25',
      status: { verdict: 'pending', repositories: [{ repository: 'acme/repoB' }, { repository: 'acme/repoA' }] },
      workloads: [{ id: 'workload-1' }],
      orchestrations: [],
    })
    const post = (action: string, headers = {}): Promise<Response> =>
      ask(app, `${path}/${action}`, { method: 'POST', headers: { ...asAdministrator, ...headers } })
    const run = await post('run', { 'idempotency-key': 'event-1' })
    expect([run.status, await run.json()]).toEqual([202, { workload: 'workload-1', kind: 'created' }])
    expect(await (await post('cancel')).json()).toEqual({ count: 1 })
    expect(await (await post('invalidate')).json()).toMatchObject({ branch: 'feature/100%25', pullRequests: [] })
    expect(world.done).toEqual([
      'run feature/100%25 by the administrator',
      'cancel feature/100%25 by the administrator',
      'invalidate feature/100%25 by the administrator',
    ])
    const list = await ask(app, '/changes', { headers: asAdministrator })
    expect(await list.json()).toMatchObject({ items: [{ branch: 'feature/100%25', orchestration: null }] })
  })

  test('two requests with one Idempotency-Key start one run, and two without a key start two', async () => {
    const app = new PagesWorld().app()
    const run = async (headers = {}): Promise<unknown> =>
      (await ask(app, '/changes/DPTA-1/run', { method: 'POST', headers: { ...asAdministrator, ...headers } })).json()
    const key = { 'idempotency-key': 'one' }
    const answers = [await run(key), await run(key), await run({ 'idempotency-key': 'two' }), await run(), await run()]
    expect(answers).toMatchObject(['created', 'known', 'created', 'created', 'created'].map((kind) => ({ kind })))
  })

  test('a branch that is no coordinated change is 404', async () => {
    const response = await ask(new PagesWorld().app(), '/changes/main', { headers: asAdministrator })
    expect(response.status).toBe(404)
    expect((await problemOf(response))['problems']).toMatchObject([
      { why: expect.stringContaining('branches') as string },
    ])
  })

  test('a command that stops is a problem with what to do about it', async () => {
    const world = new PagesWorld()
    const data = world.data()
    const problem = {
      kind: 'usage' as const,
      message: 'nothing to build',
      why: 'no repository has it',
      remedy: 'Push it.',
    }
    data.commands.run = () => Promise.resolve({ kind: 'stopped', problems: [problem] })
    const response = await ask(world.app({ data }), '/changes/DPTA-1/run', { method: 'POST', headers: asAdministrator })
    expect(response.status).toBe(422)
    expect((await problemOf(response))['problems']).toEqual([
      { message: 'nothing to build', why: 'no repository has it', remedy: 'Push it.' },
    ])
  })

  test('the event stream reports changes and ends with its reader and with the service', async () => {
    const world = new PagesWorld()
    const app = world.app()
    const response = await ask(app, '/updates', { headers: asAdministrator })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toContain(': open')
    world.update()
    world.update()
    expect((await reader.read()).value).toContain('event: changed')
    expect(world.listenerCount).toBe(1)
    const end = reader.read()
    app.close()
    expect(await end).toMatchObject({ done: true })
    expect(world.listenerCount).toBe(0)
  })
})

describe('pages and documents at one address', () => {
  const world = new PagesWorld()
  world.workloadList = [workload()]
  const app = world.app()

  test.each(['/changes', '/changes/DPTA-1', '/workloads', '/workloads/workload-1', '/deliveries'])(
    '%s is a page for a browser and JSON for a program',
    async (path) => {
      const page = await ask(app, path, { headers: { ...asAdministrator, ...asBrowser } })
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
      expect(await page.text()).toMatch(/^<!doctype html>\n<html lang="en">/u)
      for (const accept of ['*/*', 'application/json', 'application/json, text/html;q=0.5']) {
        const document = await ask(app, path, { headers: { ...asAdministrator, accept } })
        expect(document.headers.get('content-type')).toBe('application/json')
        expect(document.headers.get('vary')).toBe('Accept')
      }
    },
  )

  test('the form that opens a change leads to its page, whatever the branch is', async () => {
    const response = await ask(app, '/changes?branch=%20DPTA-1/a%3Fb%20', { headers: asAdministrator })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/changes/DPTA-1%2Fa%3Fb'])
  })

  test('a program without a session gets pages without forms', async () => {
    const page = await ask(app, '/changes/DPTA-1', { headers: { ...asAdministrator, ...asBrowser } })
    expect(await page.text()).not.toContain('method="post"')
  })

  test('an error is a page for a browser, with the reason and the way on', async () => {
    const response = await ask(app, '/changes/main', { headers: { ...asAdministrator, ...asBrowser } })
    const page = await response.text()
    expect(response.status).toBe(404)
    expect(page).toContain('main is not the branch of a coordinated change')
    expect(page).toContain('<a href="/changes">Go to the changes</a>')
  })

  test('the style sheet and the script are sent again only when they have changed', async () => {
    for (const path of ['/static/orch.css', '/static/orch.js', '/static/orch.svg']) {
      const first = await ask(app, path)
      const again = await ask(app, path, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } })
      expect([again.status, await again.text()]).toEqual([304, ''])
    }
  })

  test('the script is valid and no page loads anything from another host', async () => {
    const { Script } = await import('node:vm')
    expect(() => new Script(script)).not.toThrow()
    const page = await (await ask(app, '/login', { headers: asBrowser })).text()
    const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/gu)].map(([, address]) => address)
    expect(loaded.filter((address) => !/^[/#]/u.test(address ?? ''))).toEqual([])
    expect(style).not.toMatch(/url\(|@import/u)
  })
})

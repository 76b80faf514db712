import { request } from 'node:http'

import { describe, expect, test } from 'vitest'

import { at, createApiWorld } from './world.js'

const repo = '/repos/acme/lib'
const dispatch = `${repo}/dispatches`
const body = { event_type: 'x' }

test('a response fault prevents the effect of the request the given number of times', async () => {
  const world = await createApiWorld()
  const sha = await world.sandbox.admin.branch('acme/lib', 'main')
  const ref = { ref: 'refs/heads/x', sha }
  const headers = { 'retry-after': '60' }
  world.sandbox.faults.add({
    method: 'POST',
    path: /\/git\/refs$/,
    times: 1,
    action: { kind: 'respond', status: 403, body: { message: 'You have exceeded a secondary rate limit' }, headers },
  })
  const refused = await world.json('POST', `/api/v3${repo}/git/refs`, ref)

  expect(refused).toMatchObject({ status: 403, body: { message: 'You have exceeded a secondary rate limit' } })
  expect(refused.headers.get('retry-after')).toBe('60')
  expect(await world.sandbox.admin.branch('acme/lib', 'x')).toBeNull()
  expect((await world.call('POST', `${repo}/git/refs`, ref)).status).toBe(201)
  expect(world.sandbox.requests.map(({ status }) => status)).toEqual([403, 201])
})

test('an error after the request took effect leaves the effect in place', async () => {
  const world = await createApiWorld()
  const sha = await world.sandbox.admin.branch('acme/lib', 'main')
  world.sandbox.faults.add({ path: `${repo}/git/refs`, action: { kind: 'respond-after', status: 502 } })

  expect((await world.call('POST', `${repo}/git/refs`, { ref: 'refs/heads/x', sha })).status).toBe(502)
  expect(await world.sandbox.admin.branch('acme/lib', 'x')).toBe(sha)
})

test.each([
  ['disconnect', null],
  ['disconnect-after', 'made'],
] as const)('%s makes fetch reject, in process and over a socket', async (kind, effect) => {
  const world = await createApiWorld()
  const sha = await world.sandbox.admin.branch('acme/lib', 'main')
  world.sandbox.faults.add({ method: 'POST', action: { kind } })
  const ref = JSON.stringify({ ref: 'refs/heads/x', sha })
  const { url } = await world.sandbox.listen()
  const overSocket = fetch(`${url}${repo}/git/refs`, {
    method: 'POST',
    body: ref,
    headers: { authorization: `Bearer ${world.sandbox.token}` },
  })

  await expect(overSocket).rejects.toThrow(TypeError)
  expect((await world.sandbox.admin.branch('acme/lib', 'x')) === null).toBe(effect === null)
  await expect(world.call('POST', dispatch, body)).rejects.toMatchObject({
    message: 'fetch failed',
    cause: { code: 'ECONNRESET' },
  })
  expect(world.sandbox.requests.map(({ status }) => status)).toEqual([null, null])
})

test('a delay fault waits on the clock of the sandbox', async () => {
  const world = await createApiWorld()
  const remove = world.sandbox.faults.add({ action: { kind: 'delay', ms: 10_000 } })
  const answer = world.call('GET', repo)
  while (world.clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve))
  world.clock.advance(10_000)

  expect((await answer).status).toBe(200)
  remove()
  expect((await world.call('GET', repo)).status).toBe(200)
})

test('a request that hangs ends when its signal aborts or the sandbox closes', async () => {
  const world = await createApiWorld()
  world.sandbox.faults.add({ action: { kind: 'hang' } })
  const controller = new AbortController()
  const given = world.sandbox.fetch(new Request(`http://127.0.0.1${repo}`, { signal: controller.signal }))
  const kept = world.call('GET', repo)
  controller.abort(new Error('enough'))

  await expect(given).rejects.toThrow('enough')
  const ended = expect(kept).rejects.toThrow('fetch failed')
  await world.sandbox.close()
  await ended
})

test.each([{ kind: 'hang' as const }, { kind: 'delay' as const, ms: 60_000 }])(
  'many requests that wait because of a $kind fault cause no leak warning of Node',
  async (action) => {
    const warnings: string[] = []
    const onWarning = ({ message }: Error): number => warnings.push(message)
    process.on('warning', onWarning)
    const world = await createApiWorld()
    world.sandbox.faults.add({ action })
    const held = Array.from({ length: 20 }, () => world.call('GET', repo).catch(() => null))
    while (world.sandbox.requests.length < 20) await new Promise(setImmediate)
    await new Promise(setImmediate)
    await world.sandbox.close()
    await Promise.all(held)
    process.off('warning', onWarning)

    expect(warnings).toEqual([])
  },
)

test('a request without a response after it took effect leaves the effect in place', async () => {
  const world = await createApiWorld()
  const sha = await world.sandbox.admin.branch('acme/lib', 'main')
  world.sandbox.faults.add({ method: 'POST', action: { kind: 'hang-after' } })
  const unanswered = expect(world.call('POST', `${repo}/git/refs`, { ref: 'refs/heads/x', sha })).rejects.toThrow(
    'fetch failed',
  )
  while ((await world.sandbox.admin.branch('acme/lib', 'x')) === null) await new Promise(setImmediate)
  await world.sandbox.close()

  await unanswered
})

describe('fault responses', () => {
  test('a fault response has the sandbox time in whole seconds, and rate limit headers where GitHub itself responds', async () => {
    const world = await createApiWorld()
    await world.call('GET', repo)
    world.clock.advance(1_999)
    const of = async (status: number, kind: 'respond' | 'respond-after' = 'respond'): Promise<(string | null)[]> => {
      world.sandbox.faults.add({ times: 1, action: { kind, status } })
      const { headers } = await world.call('GET', repo)
      return ['date', 'x-ratelimit-limit', 'x-ratelimit-used'].map((name) => headers.get(name))
    }
    const date = 'Fri, 02 Jan 2026 03:04:06 GMT'

    expect(await of(403)).toEqual([date, '5000', '1'])
    expect(await of(404, 'respond-after')).toEqual([date, '5000', '2'])
    expect(await of(502)).toEqual([date, null, null])
  })

  test('the headers of a fault override the default headers, and its body can be any text', async () => {
    const world = await createApiWorld()
    const headers = { 'Content-Type': 'text/html', 'X-RateLimit-Remaining': '0' }
    world.sandbox.faults.add({ action: { kind: 'respond', status: 403, body: '<html>Unicorn!</html>', headers } })
    const answer = await world.call('GET', repo)

    expect(await answer.text()).toBe('<html>Unicorn!</html>')
    expect(answer.headers.get('content-type')).toBe('text/html')
    expect(answer.headers.get('x-ratelimit-remaining')).toBe('0')
    expect(answer.headers.get('x-ratelimit-limit')).toBe('5000')
  })
})

test('a response over a socket has the time of the sandbox instead of the system time', async () => {
  const world = await createApiWorld()
  const { url } = await world.sandbox.listen()
  const dates = async (): Promise<string | null> => (await fetch(`${url}${repo}`)).headers.get('date')
  const normal = await dates()
  world.sandbox.faults.add({ action: { kind: 'respond', status: 502 } })

  expect([normal, await dates()]).toEqual(['Fri, 02 Jan 2026 03:04:05 GMT', 'Fri, 02 Jan 2026 03:04:05 GMT'])
})

test('web pages have the time of the sandbox', async () => {
  const world = await createApiWorld()
  const { headers } = await world.call('GET', '/acme/lib', undefined, { headers: { accept: 'text/html' } })

  expect(headers.get('date')).toBe('Fri, 02 Jan 2026 03:04:05 GMT')
})

test.each([
  [{ retryAfter: 60 }, 403, '60'],
  [{ status: 429 as const }, 429, null],
])('a secondary rate limit with %j gives status %i with retry-after %s', async (limit, status, retryAfter) => {
  const world = await createApiWorld()
  world.sandbox.faults.add({ method: 'POST', lasts: 60_000, action: { kind: 'secondary-limit', ...limit } })
  const refused = await world.json('POST', dispatch, body)

  expect(refused.status).toBe(status)
  expect(at(refused.body, 'message')).toMatch(/^You have exceeded a secondary rate limit\./)
  expect(refused.headers.get('retry-after')).toBe(retryAfter)
  expect(refused.headers.get('x-ratelimit-remaining')).toBe('5000')
  world.clock.advance(59_999)
  expect((await world.call('POST', dispatch, body)).status).toBe(status)
  world.clock.advance(1)
  expect((await world.call('POST', dispatch, body)).status).toBe(204)
})

test('a fault with a probability uses the random numbers of the sandbox and counts its applications', async () => {
  const draws = [0.3, 0.29, 0.9, 0.1]
  const world = await createApiWorld({ random: () => draws[0] ?? 0 })
  world.sandbox.faults.add({ probability: 0.3, times: 1, action: { kind: 'respond', status: 503 } })
  const statuses: number[] = []
  while (draws.length > 0) {
    statuses.push((await world.call('GET', repo)).status)
    draws.shift()
  }

  expect(statuses).toEqual([200, 503, 200, 200])
  expect([...world.sandbox.faults.applied]).toEqual([['respond', 1]])
})

test('a server with unanswered requests closes', async () => {
  const world = await createApiWorld()
  world.sandbox.faults.add({ action: { kind: 'hang' } })
  const { url } = await world.sandbox.listen()
  const unanswered = expect(fetch(`${url}${repo}`)).rejects.toThrow(TypeError)
  while (world.sandbox.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await world.sandbox.close()

  await unanswered
})

test('a request with a foreign host name (DNS rebinding) is rejected and not logged', async () => {
  const world = await createApiWorld()
  const { port } = await world.sandbox.listen()
  const status = await new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path: repo, headers: { host: 'evil.example' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.on('error', reject).end()
  })

  expect(status).toBe(403)
  expect(world.sandbox.requests).toEqual([])
})

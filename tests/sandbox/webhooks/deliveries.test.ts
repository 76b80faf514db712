import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { at, createApiWorld } from '../api/world.js'
import { createHookWorld, RECEIVER, signature } from './world.js'

const hooks = '/repos/acme/lib/hooks'

test('a delivery is signed over its body and names its event, hook and target', async () => {
  const { sandbox, json, deliveriesOf } = await createHookWorld()
  const config = { url: RECEIVER, content_type: 'json', secret: 'hush' }
  const { body: hook } = await json('POST', hooks, { config, events: ['push'] })
  await sandbox.admin.commit('acme/lib', 'main', { a: 'a' })

  const [push] = await deliveriesOf('push')
  const headers = Object.fromEntries(push?.headers ?? [])
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': expect.stringMatching(/^GitHub-Hookshot\//) as string,
    'x-github-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    'x-github-event': 'push',
    'x-github-hook-id': String(at(hook, 'id')),
    'x-github-hook-installation-target-type': 'repository',
    'x-github-hook-installation-target-id': String(at(push?.payload, 'repository', 'id')),
    'x-hub-signature': signature('sha1', 'hush', push?.text ?? ''),
    'x-hub-signature-256': signature('sha256', 'hush', push?.text ?? ''),
  })
})

test('a delivery of the content type form carries the payload in a field and is signed over the form', async () => {
  const { sandbox, deliveriesOf } = await createHookWorld()
  sandbox.webhooks.create('acme/lib', { url: RECEIVER, contentType: 'form', secret: 'hush' })

  const [ping] = await deliveriesOf('ping')
  expect(ping?.headers.get('content-type')).toBe('application/x-www-form-urlencoded')
  expect(ping?.text).toMatch(/^payload=%7B/)
  expect(ping?.headers.get('x-hub-signature-256')).toBe(signature('sha256', 'hush', ping?.text ?? ''))
})

test('a hook without a secret gets no signature, and an inactive one gets nothing', async () => {
  const { sandbox, json, deliveriesOf, received } = await createHookWorld()
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  const [ping] = await deliveriesOf('ping')
  expect(ping?.headers.has('x-hub-signature-256')).toBe(false)

  await json('PATCH', `${hooks}/${id}`, { active: false })
  await sandbox.admin.commit('acme/lib', 'main', { a: 'a' })
  await sandbox.webhooks.idle()
  expect(received).toHaveLength(1)
})

test('a hook of a repository and a hook of its organization get one event under the same delivery ID', async () => {
  const { sandbox, deliveriesOf } = await createHookWorld()
  sandbox.webhooks.create('acme/lib', { url: RECEIVER, events: ['push'] })
  sandbox.webhooks.create('acme', { url: `${RECEIVER}/all`, events: ['push'] })
  await sandbox.admin.createRepository('acme/other')
  await sandbox.admin.commit('acme/lib', 'main', { a: 'a' })
  await sandbox.admin.commit('acme/other', 'main', { a: 'a' })

  const pushes = await deliveriesOf('push')
  const targets = pushes.map(({ headers }) => headers.get('x-github-hook-installation-target-type'))
  expect(targets).toEqual(['repository', 'organization', 'organization'])
  const [first, second, third] = pushes.map(({ headers }) => headers.get('x-github-delivery'))
  expect(first).toBe(second)
  expect(third).not.toBe(first)
})

test('the request that causes an event does not wait for the receiver', async () => {
  const { sandbox, receiver, call } = await createHookWorld()
  let answer: (response: Response) => void = () => undefined
  receiver.answer = () => new Promise((resolve) => (answer = resolve))
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  const { status } = await call('POST', '/repos/acme/lib/git/refs', {
    ref: 'refs/heads/x',
    sha: await sandbox.admin.branch('acme/lib', 'main'),
  })

  expect(status).toBe(201)
  expect(sandbox.webhooks.deliveries(id)).toEqual([])
  receiver.answer = () => new Response(null, { status: 200 })
  answer(new Response(null, { status: 200 }))
})

test('a receiver that does not answer within ten seconds has failed, and nothing is delivered again', async () => {
  const { sandbox, clock, receiver } = await createHookWorld()
  receiver.answer = ({ signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  await until(() => clock.sleeping === 1)
  clock.advance(10_000)
  await sandbox.webhooks.idle()

  const deliveries = sandbox.webhooks.deliveries(id)
  expect(deliveries).toMatchObject([
    { event: 'ping', status: 'timed out', statusCode: 504, durationMs: 10_000, response: null },
  ])
})

test('an answer other than 2xx is kept as a failure, with its headers and its body', async () => {
  const { sandbox, json, receiver } = await createHookWorld()
  receiver.answer = () => new Response('Not today.', { status: 503, headers: { 'x-reason': 'holiday' } })
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  await sandbox.webhooks.idle()

  const { body: list } = await json('GET', `${hooks}/${id}/deliveries`)
  expect(list).toMatchObject([{ status: 'Invalid HTTP Response: 503', status_code: 503, redelivery: false }])
  const { body: delivery } = await json('GET', `${hooks}/${id}/deliveries/${String(at(list, 0, 'id'))}`)
  expect(delivery).toMatchObject({ response: { payload: 'Not today.', headers: { 'x-reason': 'holiday' } } })
  expect(at(delivery, 'request', 'payload', 'hook_id')).toBe(id)
  const { body: hook } = await json('GET', `${hooks}/${id}`)
  expect(at(hook, 'last_response')).toMatchObject({ code: 503, message: 'Invalid HTTP Response: 503' })
})

test('only receivers on this machine are contacted', async () => {
  const { sandbox, received } = await createHookWorld()
  const id = sandbox.webhooks.create('acme/lib', { url: 'https://hooks.example.com/' })
  await sandbox.webhooks.idle()

  expect(received).toEqual([])
  const [delivery] = sandbox.webhooks.deliveries(id)
  expect(delivery?.status).toBe('failed to connect to host: the sandbox contacts only 127.0.0.1 and localhost')
})

test('a delivery to a port where nobody listens has failed', async () => {
  const { sandbox } = await createApiWorld()
  const id = sandbox.webhooks.create('acme/lib', { url: `http://127.0.0.1:${await freePort()}/` })
  await sandbox.webhooks.idle()

  expect(sandbox.webhooks.deliveries(id)).toMatchObject([{ status: 'failed to connect to host', statusCode: 502 }])
})

test('a delivery reaches a server over HTTP', async () => {
  const { sandbox } = await createApiWorld()
  const events: unknown[] = []
  const server = createServer((request, response) => {
    events.push(request.headers['x-github-event'])
    request.resume()
    response.writeHead(202).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const id = sandbox.webhooks.create('acme/lib', { url: `http://127.0.0.1:${port}/` })
  await sandbox.webhooks.idle()

  expect(events).toEqual(['ping'])
  expect(sandbox.webhooks.deliveries(id)).toMatchObject([{ status: 'OK', statusCode: 202 }])
})

test('a redelivery repeats the payload under the same delivery ID', async () => {
  const { sandbox, json, call, received } = await createHookWorld()
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  await sandbox.webhooks.idle()
  const { body: before } = await json('GET', `${hooks}/${id}/deliveries`)
  const attempt = await call('POST', `${hooks}/${id}/deliveries/${String(at(before, 0, 'id'))}/attempts`)
  await sandbox.webhooks.idle()

  expect(attempt.status).toBe(202)
  const { body: after } = await json('GET', `${hooks}/${id}/deliveries`)
  expect(after).toMatchObject([{ redelivery: true, guid: at(before, 0, 'guid') }, { redelivery: false }])
  expect(received.map(({ text }) => text)).toEqual([received[0]?.text, received[0]?.text])
})

test('the list of deliveries goes back in pages with a cursor, newest first', async () => {
  const { sandbox, json, call } = await createHookWorld()
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  for (let count = 0; count < 4; count++) await call('POST', `${hooks}/${id}/pings`)
  await sandbox.webhooks.idle()

  const pages: unknown[][] = []
  let path: string | undefined = `${hooks}/${id}/deliveries?per_page=2`
  while (path !== undefined) {
    const page = await json('GET', path)
    pages.push((page.body as unknown[]).map((each) => at(each, 'id')))
    path = /<http:\/\/127\.0\.0\.1(?<next>[^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.groups?.next
  }
  expect(pages.map(({ length }) => length)).toEqual([2, 2, 1])
  expect(pages.flat()).toEqual(pages.flat().toSorted((a, b) => Number(b) - Number(a)))
})

test('the list of deliveries can be filtered by outcome and goes back three days', async () => {
  const { sandbox, json, call, receiver, clock } = await createHookWorld()
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  await sandbox.webhooks.idle()
  receiver.answer = () => new Response(null, { status: 500 })
  clock.advance(3_600_000)
  await call('POST', `${hooks}/${id}/pings`)
  await sandbox.webhooks.idle()
  const statuses = async (query: string): Promise<unknown[]> => {
    const { body } = await json('GET', `${hooks}/${id}/deliveries${query}`)
    return (body as unknown[]).map((each) => at(each, 'status_code'))
  }

  expect(await statuses('')).toEqual([500, 204])
  expect(await statuses('?status=failure')).toEqual([500])
  expect(await statuses('?status=success')).toEqual([204])
  clock.advance(3 * 86_400_000 - 3_000_000)
  expect(await statuses('')).toEqual([500])
})

test('closing the sandbox ends the deliveries that are on their way, and they are kept as failed', async () => {
  const { sandbox, receiver } = await createHookWorld()
  receiver.answer = ({ signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  await sandbox.close()

  expect(sandbox.webhooks.deliveries(id)).toMatchObject([
    { status: 'failed to connect to host: the sandbox was closed', response: null },
  ])
})

test('a hook that is deleted gets nothing any more', async () => {
  const { sandbox, call, received } = await createHookWorld()
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  await sandbox.webhooks.idle()
  await call('DELETE', `${hooks}/${id}`)
  await sandbox.admin.commit('acme/lib', 'main', { a: 'a' })
  await sandbox.webhooks.idle()

  expect(received.map(({ event }) => event)).toEqual(['ping'])
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

import { expect, test } from 'vitest'

import { at } from '../api/world.js'
import { createHookWorld, RECEIVER } from './world.js'

const hooks = '/repos/acme/lib/hooks'
const config = { url: RECEIVER, content_type: 'json', secret: 'hush' }

test('a new hook is pinged, and no answer shows its secret', async () => {
  const { json, deliveriesOf } = await createHookWorld()
  const made = await json('POST', hooks, { config })
  const id = at(made.body, 'id')

  expect(made.status).toBe(201)
  expect(made.headers.get('location')).toBe(`http://127.0.0.1/api/v3${hooks}/${String(id)}`)
  expect(made.body).toMatchObject({ type: 'Repository', name: 'web', active: true, events: ['push'] })
  expect(at(made.body, 'config')).toEqual({ ...config, insecure_ssl: '0', secret: '********' })
  expect(at(made.body, 'last_response')).toEqual({ code: null, status: 'unused', message: null })
  const [ping] = await deliveriesOf('ping')
  expect(ping?.payload).toMatchObject({ hook_id: id, zen: expect.any(String) as string, hook: { id } })
  const answers = await Promise.all(
    [hooks, `${hooks}/${String(id)}`, `${hooks}/${String(id)}/config`].map((path) => json('GET', path)),
  )
  expect(JSON.stringify([ping, made, answers])).not.toContain('hush')
})

test('a hook that would deliver an event twice to one receiver is refused', async () => {
  const { json } = await createHookWorld()
  const refused = {
    message: 'Validation Failed',
    errors: [{ resource: 'Hook', code: 'custom', message: 'Hook already exists on this repository' }],
  }
  await json('POST', hooks, { config, events: ['push', 'status'] })

  expect((await json('POST', hooks, { config, events: ['status'] })).body).toMatchObject(refused)
  expect((await json('POST', hooks, { config, events: ['*'] })).body).toMatchObject(refused)
  const other = await json('POST', hooks, { config, events: ['create'] })
  expect(other.status).toBe(201)
  const change = { events: ['create', 'push'] }
  expect((await json('PATCH', `${hooks}/${String(at(other.body, 'id'))}`, change)).body).toMatchObject(refused)
})

test.each([
  ['without a URL', {}, { code: 'custom', message: 'Config must contain URL for webhooks' }],
  ['with another scheme', { config: { url: 'ftp://127.0.0.1/' } }, { code: 'custom' }],
  ['with a quote in its URL', { config: { url: 'http://127.0.0.1/"' } }, { code: 'custom' }],
  ['with another content type', { config: { url: RECEIVER, content_type: 'xml' } }, { code: 'custom' }],
  ['with another name', { name: 'email', config: { url: RECEIVER } }, { field: 'name', code: 'invalid' }],
  ['with an unknown event', { config: { url: RECEIVER }, events: ['none'] }, { field: 'events', code: 'invalid' }],
  ['with an event of Apps', { config: { url: RECEIVER }, events: ['merge_group'] }, { field: 'events' }],
])('a hook %s is refused with 422', async (_what, body, error) => {
  const { json } = await createHookWorld()
  const refused = await json('POST', hooks, body)

  expect(refused.status).toBe(422)
  expect(refused.body).toMatchObject({ message: 'Validation Failed', errors: [{ resource: 'Hook', ...error }] })
  expect((await json('GET', hooks)).body).toEqual([])
})

test('a change replaces the config, so that one without a secret removes it, and adds and removes events', async () => {
  const { json } = await createHookWorld()
  const { body } = await json('POST', hooks, { config, events: ['push', 'create'] })
  const path = `${hooks}/${String(at(body, 'id'))}`

  const events = await json('PATCH', path, { add_events: ['status'], remove_events: ['create'] })
  expect(events.body).toMatchObject({ events: ['push', 'status'], config: { secret: '********' } })
  const replaced = await json('PATCH', path, { config: { url: RECEIVER } })
  expect(at(replaced.body, 'config')).toEqual({ url: RECEIVER, content_type: 'form', insecure_ssl: '0' })
})

test('a change of the config alone keeps what it does not name', async () => {
  const { json } = await createHookWorld()
  const { body } = await json('POST', hooks, { config })
  const path = `${hooks}/${String(at(body, 'id'))}/config`
  const changed = await json('PATCH', path, { content_type: 'form' })

  expect(changed.body).toEqual({ url: RECEIVER, content_type: 'form', insecure_ssl: '0', secret: '********' })
})

test('a test delivers the latest push to a hook that subscribes to pushes', async () => {
  const { sandbox, call, deliveriesOf } = await createHookWorld()
  const sha = await sandbox.admin.commit('acme/lib', 'main', { a: 'a' })
  const pushes = sandbox.webhooks.create('acme/lib', { url: RECEIVER, events: ['push'] })
  const creations = sandbox.webhooks.create('acme/lib', { url: RECEIVER, events: ['create'] })

  expect((await call('POST', `${hooks}/${pushes}/tests`)).status).toBe(204)
  expect((await call('POST', `${hooks}/${creations}/tests`)).status).toBe(204)
  const delivered = await deliveriesOf('push')
  expect(delivered.map(({ payload }) => at(payload, 'after'))).toEqual([sha])
})

test('a token needs the permission for webhooks, for a public repository as well', async () => {
  const { sandbox, call } = await createHookWorld()
  const none = sandbox.admin.createToken('someone', { 'acme/lib': { contents: 'write' } })
  const reads = sandbox.admin.createToken('someone', { '*': { repository_hooks: 'read', organization_hooks: 'read' } })
  const status = async (method: string, path: string, token: string | null): Promise<number> => {
    return (await call(method, path, method === 'POST' ? { name: 'web', config } : undefined, { token })).status
  }

  expect(await status('GET', hooks, none)).toBe(403)
  expect(await status('GET', hooks, null)).toBe(401)
  expect(await status('GET', hooks, reads)).toBe(200)
  expect(await status('POST', hooks, reads)).toBe(403)
  expect(await status('GET', '/orgs/acme/hooks', none)).toBe(403)
  expect(await status('GET', '/orgs/acme/hooks', null)).toBe(401)
  expect(await status('GET', '/orgs/acme/hooks', reads)).toBe(200)
  expect(await status('POST', '/orgs/acme/hooks', reads)).toBe(403)
  expect(await status('GET', '/orgs/developer/hooks', reads)).toBe(404)
})

test('the hook of one repository is unknown to another, and a deleted repository has none', async () => {
  const { sandbox, call } = await createHookWorld()
  await sandbox.admin.createRepository('acme/other')
  const id = sandbox.webhooks.create('acme/lib', { url: RECEIVER })

  expect((await call('GET', `/repos/acme/other/hooks/${id}`)).status).toBe(404)
  expect((await call('GET', `/orgs/acme/hooks/${id}`)).status).toBe(404)
  sandbox.admin.deleteRepository('acme/lib')
  expect(() => sandbox.webhooks.deliveries(id)).toThrow(`there is no hook ${id}`)
})

import { describe, expect, test } from 'vitest'

import { at } from '../api/world.js'
import type { HookWorld } from '../webhooks/world.js'
import { createHookWorld, RECEIVER, signature } from '../webhooks/world.js'
import { locationOf, signed, submit } from './world.js'
import type { AppCredentials } from '../../../src/sandbox/app-admin.js'

interface AppHookWorld extends HookWorld {
  app: AppCredentials
  jwt(): string
}

async function createAppHookWorld(): Promise<AppHookWorld> {
  const world = await createHookWorld()
  const { admin } = world.sandbox
  const app = await admin.createApp({
    name: 'Orch',
    owner: 'acme',
    permissions: { statuses: 'write', contents: 'read', checks: 'write', pull_requests: 'write' },
    events: ['push', 'status', 'check_run', 'issue_comment'],
    hook: { url: RECEIVER },
  })
  return {
    ...world,
    app,
    jwt: () => {
      const now = Math.floor(world.clock.now() / 1000)
      return signed({ iss: app.id, iat: now, exp: now + 60 }, app.privateKey)
    },
  }
}

describe('the webhook of an App', () => {
  test('is pinged, and gets the events of its installations with their ID, signed with its secret', async () => {
    const world = await createAppHookWorld()
    const { admin } = world.sandbox
    expect(await world.deliveriesOf('ping')).toHaveLength(1)
    await admin.commit('acme/lib', 'before', { a: 'a' })
    const id = admin.installApp('orch', 'acme')
    await admin.commit('acme/lib', 'after', { a: 'a' })
    const pushes = await world.deliveriesOf('push')
    const [push] = pushes

    expect(pushes).toHaveLength(1)
    expect(push?.payload).toMatchObject({ ref: 'refs/heads/after', installation: { id } })
    expect(push?.headers.get('x-github-hook-installation-target-id')).toBe(String(world.app.id))
    expect(push?.headers.get('x-github-hook-installation-target-type')).toBe('integration')
    const secret = world.app.webhookSecret ?? ''
    expect(push?.headers.get('x-hub-signature-256')).toBe(signature('sha256', secret, push?.text ?? ''))
  })

  test('gets no event of a repository that was not selected, and none while suspended', async () => {
    const world = await createAppHookWorld()
    const { admin } = world.sandbox
    await admin.createRepository('acme/other')
    admin.installApp('orch', 'acme', ['acme/other'])
    await admin.commit('acme/lib', 'x', { a: 'a' })
    expect(await world.deliveriesOf('push')).toHaveLength(0)

    admin.suspendApp('orch', 'acme')
    await admin.commit('acme/other', 'x', { a: 'a' })
    expect(await world.deliveriesOf('push')).toHaveLength(0)

    admin.suspendApp('orch', 'acme', false)
    await admin.commit('acme/other', 'y', { a: 'a' })
    expect(await world.deliveriesOf('push')).toHaveLength(1)
  })

  test('hears of its installation, the repositories, new permissions, a suspension and the removal', async () => {
    const world = await createAppHookWorld()
    const { admin } = world.sandbox
    await admin.createRepository('acme/other')
    admin.installApp('orch', 'acme', ['acme/lib'])
    admin.installApp('orch', 'acme', ['acme/other'])
    admin.changeApp('orch', { permissions: { statuses: 'read' } })
    admin.installApp('orch', 'acme', ['acme/other'])
    admin.suspendApp('orch', 'acme')
    admin.uninstallApp('orch', 'acme')
    const installations = await world.deliveriesOf('installation')
    const repositories = await world.deliveriesOf('installation_repositories')

    const actions = ['created', 'deleted', 'new_permissions_accepted', 'suspend']
    expect(installations.map(({ action }) => action).sort()).toEqual(actions)
    const created = installations.find(({ action }) => action === 'created')
    expect(created?.payload).toMatchObject({
      installation: { app_slug: 'orch', account: { login: 'acme' }, permissions: { statuses: 'write' } },
      repositories: [{ full_name: 'acme/lib' }],
      sender: { login: 'developer' },
    })
    expect(repositories.map(({ payload }) => at(payload, 'action')).sort()).toEqual(['added', 'removed'])
    const added = repositories.find(({ action }) => action === 'added')
    expect(added?.payload).toMatchObject({
      repositories_added: [{ full_name: 'acme/other' }],
      repositories_removed: [],
    })
  })

  test('a check run is delivered when it is created and when it is completed', async () => {
    const world = await createAppHookWorld()
    const { admin } = world.sandbox
    admin.installApp('orch', 'acme')
    const token = admin.createInstallationToken('orch', 'acme')
    const sha = (await admin.branch('acme/lib', 'main')) ?? ''
    const { body } = await world.json('POST', '/repos/acme/lib/check-runs', { name: 'x', head_sha: sha }, { token })
    const path = `/repos/acme/lib/check-runs/${String(at(body, 'id'))}`
    await world.call('PATCH', path, { conclusion: 'success' }, { token })
    await world.call('PATCH', path, { output: { title: 't', summary: 's' } }, { token })
    const deliveries = await world.deliveriesOf('check_run')

    expect(deliveries.map(({ action }) => action)).toEqual(['created', 'completed'])
    expect(deliveries[1]?.payload).toMatchObject({
      check_run: { conclusion: 'success' },
      sender: { login: 'orch[bot]' },
    })
  })

  test('its configuration and deliveries are open to the App only', async () => {
    const world = await createAppHookWorld()
    const { admin } = world.sandbox
    const id = admin.installApp('orch', 'acme')
    await world.deliveriesOf('installation')
    const call = (method: string, path: string, body?: unknown): ReturnType<HookWorld['json']> =>
      world.json(method, `/app/hook${path}`, body, { token: world.jwt() })
    const list = await call('GET', '/deliveries')
    const delivery = `/deliveries/${String(at(list.body, 0, 'id'))}`

    expect((await call('GET', '/config')).body).toMatchObject({
      url: RECEIVER,
      content_type: 'json',
      secret: '********',
    })
    expect((await world.call('GET', '/app/hook/config')).status).toBe(401)
    expect(list.body).toMatchObject([{ event: 'installation', installation_id: id, status: 'OK' }, { event: 'ping' }])
    expect(at((await call('GET', delivery)).body, 'request', 'payload', 'action')).toBe('created')
    expect((await call('POST', `${delivery}/attempts`)).status).toBe(202)
    const [first, second] = await world.deliveriesOf('installation')
    expect(second?.headers.get('x-github-delivery')).toBe(first?.headers.get('x-github-delivery'))
    const moved = await call('PATCH', '/config', { url: 'http://127.0.0.1:9000/moved' })
    expect(moved.body).toMatchObject({ url: 'http://127.0.0.1:9000/moved', content_type: 'json' })
  })

  test('an App without a webhook has no configuration', async () => {
    const world = await createHookWorld()
    const app = await world.sandbox.admin.createApp({ name: 'Silent' })
    const now = Math.floor(world.clock.now() / 1000)
    const token = signed({ iss: app.id, iat: now, exp: now + 60 }, app.privateKey)

    expect((await world.call('GET', '/app/hook/config', undefined, { token })).status).toBe(404)
  })

  test('the manifest flow creates the webhook and gives its secret', async () => {
    const world = await createHookWorld()
    const manifest = {
      name: 'Orch',
      url: 'http://127.0.0.1:7345',
      hook_attributes: { url: RECEIVER },
      default_permissions: { contents: 'read' },
      default_events: ['push'],
    }
    const { token } = world.sandbox
    const fields = { manifest: JSON.stringify(manifest), name: 'Orch', token }
    const code = locationOf(await submit(world, '/settings/apps', fields)).searchParams.get('code') ?? ''
    const { body } = await world.json('POST', `/app-manifests/${code}/conversions`, undefined, { token: null })
    const [ping] = await world.deliveriesOf('ping')

    const secret = String(at(body, 'webhook_secret'))
    expect(ping?.headers.get('x-hub-signature-256')).toBe(signature('sha256', secret, ping?.text ?? ''))
    expect(at(body, 'owner', 'login')).toBe('developer')
  })
})

describe('the hooks of an organization', () => {
  test('are open to an App with the permission organization_hooks, and hidden from a user without a role', async () => {
    const world = await createAppHookWorld()
    const { admin } = world.sandbox
    admin.installApp('orch', 'acme')
    await admin.createApp({ name: 'Reader', owner: 'acme', permissions: { organization_hooks: 'read' } })
    admin.installApp('reader', 'acme')
    admin.setRole('ada', 'write', 'acme/lib')
    const get = (token: string): ReturnType<HookWorld['json']> =>
      world.json('GET', '/orgs/acme/hooks', undefined, { token })
    const refused = await get(admin.createInstallationToken('orch', 'acme'))

    expect((await get(admin.createInstallationToken('reader', 'acme'))).status).toBe(200)
    expect(refused).toMatchObject({ status: 403, body: { message: 'Resource not accessible by integration' } })
    expect(refused.headers.get('x-accepted-github-permissions')).toBe('organization_hooks=read')
    expect((await get(admin.createToken('ada'))).status).toBe(404)
  })
})

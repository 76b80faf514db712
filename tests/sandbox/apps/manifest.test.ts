import { describe, expect, test } from 'vitest'

import type { ApiWorld } from '../api/world.js'
import { at, createApiWorld } from '../api/world.js'
import { locationOf, signed, START, submit } from './world.js'

const MANIFEST = {
  name: 'Orch of acme',
  url: 'https://example.com/orch',
  redirect_url: 'http://127.0.0.1:7000/created',
  callback_urls: ['http://127.0.0.1:7345/login/callback'],
  default_permissions: { statuses: 'write', contents: 'read' },
  default_events: ['push', 'pull_request'],
}
const NEW = '/organizations/acme/settings/apps'

function propose(world: ApiWorld, manifest: unknown = MANIFEST): Promise<Response> {
  return submit(world, `${NEW}/new?state=s%261`, { manifest: JSON.stringify(manifest) })
}

function create(world: ApiWorld, fields: Record<string, string> = {}, manifest: unknown = MANIFEST): Promise<Response> {
  const { token } = world.sandbox
  return submit(world, NEW, {
    manifest: JSON.stringify(manifest),
    state: 's&1',
    name: 'Orch of acme',
    token,
    ...fields,
  })
}

describe('the manifest flow', () => {
  test('a person sees what the App asks for before it is created', async () => {
    const world = await createApiWorld()
    const response = await propose(world)
    const html = await response.text()

    expect(response.status).toBe(200)
    for (const text of ['Orch of acme', 'statuses: write', 'pull_request', 'name="token"']) expect(html).toContain(text)
    expect(html).toContain('name="state" value="s&#38;1"')
  })

  test('the browser returns with a code and the state, and the code gives the credentials once', async () => {
    const world = await createApiWorld()
    const target = locationOf(await create(world))
    const path = `/app-manifests/${target.searchParams.get('code') ?? ''}/conversions`
    const converted = await world.json('POST', path, undefined, { token: null })

    expect(target.href).toMatch(/^http:\/\/127\.0\.0\.1:7000\/created\?code=[0-9a-f]{40}&state=s%261$/)
    expect(converted).toMatchObject({
      status: 201,
      body: { slug: 'orch-of-acme', owner: { login: 'acme' }, events: ['push', 'pull_request'] },
    })
    const { body } = converted
    const now = Math.floor(START / 1000)
    const jwt = signed({ iss: at(body, 'client_id'), iat: now, exp: now + 60 }, String(at(body, 'pem')))
    const own = await world.json('GET', '/app', undefined, { token: jwt })
    expect(own.body).toMatchObject({ permissions: { statuses: 'write', contents: 'read', metadata: 'read' } })
    expect(JSON.stringify(own.body)).not.toMatch(/pem|secret|PRIVATE KEY/)
    expect((await world.call('POST', path, undefined, { token: null })).status).toBe(404)
  })

  test('the code is valid for one hour', async () => {
    const world = await createApiWorld()
    const code = locationOf(await create(world)).searchParams.get('code') ?? ''
    world.clock.advance(3_600_000)

    expect((await world.call('POST', `/app-manifests/${code}/conversions`)).status).toBe(404)
  })

  test('a form without a token of a user creates nothing', async () => {
    const world = await createApiWorld()

    expect((await create(world, { token: 'wrong' })).status).toBe(401)
    const stranger = world.sandbox.admin
    stranger.setRole('ada', 'read')
    expect((await create(world, { token: stranger.createToken('ada') })).status).toBe(403)
    expect((await world.call('GET', '/apps/orch-of-acme')).status).toBe(404)
  })

  test('a name that is taken is asked for again', async () => {
    const world = await createApiWorld()
    await create(world)
    const response = await create(world)

    expect(response.status).toBe(422)
    expect(await response.text()).toContain('Name has already been taken')
    expect((await create(world, { name: 'Another' })).status).toBe(302)
  })

  test.each([
    [{ ...MANIFEST, url: undefined }, '&#34;url&#34; wasn&#39;t supplied.'],
    [{ ...MANIFEST, redirect_url: 'javascript:alert(1)' }, '&#34;redirect_url&#34; is not a valid URL.'],
    [{ ...MANIFEST, default_permissions: { 'pull-requests': 'read' } }, 'is not a permission'],
    [{ ...MANIFEST, default_events: 'push' }, '&#34;default_events&#34; is not an array of strings.'],
    [{ ...MANIFEST, hook_attributes: { active: true } }, '&#34;url&#34; wasn&#39;t supplied.'],
    ['text', 'The manifest is not a JSON object.'],
  ])('the manifest %j is refused with the reason', async (manifest, reason) => {
    const world = await createApiWorld()
    const response = await propose(world, manifest)

    expect(response.status).toBe(422)
    expect(await response.text()).toContain(reason)
  })

  test('a manifest is only text on the page', async () => {
    const world = await createApiWorld()
    const html = await (await propose(world, { ...MANIFEST, name: '"><script>alert(1)</script>' })).text()

    expect(html).not.toContain('<script>')
  })
})

describe('the installation page', () => {
  const install = (world: ApiWorld, fields: Record<string, string> = {}): Promise<Response> => {
    return submit(world, '/apps/orch/installations', {
      account: 'acme',
      repositories: '',
      token: world.sandbox.token,
      state: 'x',
      ...fields,
    })
  }

  test('installs the App and sends the browser to its setup URL', async () => {
    const world = await createApiWorld()
    await world.sandbox.admin.createApp({ name: 'Orch', owner: 'acme', setupUrl: 'http://127.0.0.1:7345/setup' })
    const page = await world.call('GET', '/apps/orch/installations/new?state=x')
    const target = locationOf(await install(world, { repositories: 'lib' }))

    expect(await page.text()).toContain('name="state" value="x"')
    expect(target.href).toMatch(/^http:\/\/127\.0\.0\.1:7345\/setup\?installation_id=\d+&setup_action=install&state=x$/)
    const id = target.searchParams.get('installation_id') ?? ''
    const shown = await world.call('GET', `/organizations/acme/settings/installations/${id}`)
    expect(await shown.text()).toContain('acme/lib')
  })

  test('refuses an unknown repository, an account of somebody else, and a wrong token', async () => {
    const world = await createApiWorld()
    const { admin } = world.sandbox
    await admin.createApp({ name: 'Orch', owner: 'acme' })
    admin.setRole('ada', 'write', 'acme/lib')

    expect((await install(world, { repositories: 'none' })).status).toBe(422)
    expect((await install(world, { account: 'ada' })).status).toBe(422)
    expect((await install(world, { token: admin.createToken('ada') })).status).toBe(422)
    expect((await install(world, { token: '' })).status).toBe(401)
  })

  test('GET /apps/{slug} is JSON for a program and a page for a browser', async () => {
    const world = await createApiWorld()
    await world.sandbox.admin.createApp({ name: 'Orch', owner: 'acme' })
    const page = await world.call('GET', '/apps/orch', undefined, { headers: { accept: 'text/html' } })

    expect((await world.json('GET', '/apps/orch')).body).toMatchObject({ slug: 'orch' })
    expect(page.headers.get('content-type')).toContain('text/html')
  })
})

import { createHash } from 'node:crypto'

import { exchangeWebFlowCode } from '@octokit/oauth-methods'
import { request } from '@octokit/request'
import { describe, expect, test } from 'vitest'

import { at } from '../api/world.js'
import type { AppWorld } from './world.js'
import { createAppWorld, locationOf, submit } from './world.js'

const CALLBACK = 'http://127.0.0.1:7345/login/callback'

async function createLoginWorld(): Promise<AppWorld> {
  return createAppWorld({ callbackUrls: [CALLBACK, 'http://127.0.0.1:7346/other'] })
}

function authorize(world: AppWorld, fields: Record<string, string> = {}): Promise<Response> {
  const form = { client_id: world.app.clientId, state: 's 1', token: world.sandbox.token, authorize: '1', ...fields }
  return submit(world, '/login/oauth/authorize', form)
}

async function codeOf(world: AppWorld, fields: Record<string, string> = {}): Promise<string> {
  return locationOf(await authorize(world, fields)).searchParams.get('code') ?? ''
}

async function exchange(world: AppWorld, fields: Record<string, string>): Promise<Record<string, unknown>> {
  const secrets = { client_id: world.app.clientId, client_secret: world.app.clientSecret }
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const options = { token: null, headers }
  const { status, body } = await world.json('POST', '/login/oauth/access_token', { ...secrets, ...fields }, options)
  expect(status).toBe(200)
  return body as Record<string, unknown>
}

describe('the login with an App', () => {
  test('asks the user, returns to the callback with code and state, and gives a token of this user', async () => {
    const world = await createLoginWorld()
    world.sandbox.admin.setRole('ada', 'write')
    const page = await world.call('GET', `/login/oauth/authorize?client_id=${world.app.clientId}&state=s%201&token=x`)
    const html = await page.text()
    const target = locationOf(await authorize(world, { token: world.sandbox.admin.createToken('ada') }))
    const given = await exchange(world, { code: target.searchParams.get('code') ?? '' })
    const user = await world.json('GET', '/user', undefined, { token: String(given.access_token) })

    expect(html).toContain('Authorize Orch')
    expect(html).toContain('name="state" value="s 1"')
    expect(html).not.toContain('value="x"')
    expect(target.href).toMatch(/^http:\/\/127\.0\.0\.1:7345\/login\/callback\?code=[0-9a-f]{40}&state=s\+1$/)
    expect(given).toMatchObject({ token_type: 'bearer', scope: '', expires_in: 28_800 })
    expect(String(given.access_token)).toMatch(/^ghu_/)
    expect(at(user.body, 'login')).toBe('ada')
  })

  test('a code can be used once, for ten minutes, and only by its App', async () => {
    const world = await createLoginWorld()
    const bad = { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' }
    const code = await codeOf(world)
    await exchange(world, { code })
    const late = await codeOf(world)
    world.clock.advance(600_000)
    const other = await world.sandbox.admin.createApp({ name: 'Other' })
    const foreign = { code: await codeOf(world), client_id: other.clientId, client_secret: other.clientSecret }

    for (const fields of [{ code }, { code: late }, { code: 'none' }, {} as Record<string, string>, foreign]) {
      expect(await exchange(world, fields)).toMatchObject(bad)
    }
  })

  test('a wrong client secret is refused and the code stays valid', async () => {
    const world = await createLoginWorld()
    const code = await codeOf(world)

    expect(await exchange(world, { code, client_secret: 'x' })).toMatchObject({ error: 'incorrect_client_credentials' })
    expect(await exchange(world, { code })).toHaveProperty('access_token')
    const unknown = await submit(world, '/login/oauth/access_token', { client_id: 'none', code })
    expect(unknown.status).toBe(404)
  })

  test('the browser returns only to a registered address', async () => {
    const world = await createLoginWorld()
    const evil = locationOf(await authorize(world, { redirect_uri: 'http://127.0.0.1:1/evil' }))
    const other = await authorize(world, { redirect_uri: 'http://127.0.0.1:7346/other' })

    expect(evil.origin + evil.pathname).toBe(CALLBACK)
    expect(evil.searchParams.get('error')).toBe('redirect_uri_mismatch')
    expect(locationOf(other).href).toMatch(/^http:\/\/127\.0\.0\.1:7346\/other\?code=/)
    expect((await authorize(world, { client_id: 'none' })).status).toBe(404)
  })

  test('a code challenge of PKCE must be answered by its verifier', async () => {
    const world = await createLoginWorld()
    const verifier = 'v'.repeat(43)
    const code_challenge = createHash('sha256').update(verifier).digest('base64url')
    const challenge = { code_challenge, code_challenge_method: 'S256' }

    for (const fields of [{} as Record<string, string>, { code_verifier: 'w'.repeat(43) }]) {
      const code = await codeOf(world, challenge)
      expect(await exchange(world, { code, ...fields })).toMatchObject({ error: 'bad_verification_code' })
    }
    const code = await codeOf(world, challenge)
    expect(await exchange(world, { code, code_verifier: verifier })).toHaveProperty('access_token')
    const plain = locationOf(await authorize(world, { code_challenge: verifier, code_challenge_method: 'plain' }))
    expect(plain.searchParams.get('error')).toBe('invalid_request')
  })

  test('a user who cancels is sent back with access_denied, and a wrong token gives no code', async () => {
    const world = await createLoginWorld()
    const cancelled = locationOf(await authorize(world, { authorize: '0' }))

    expect(cancelled.searchParams.get('error')).toBe('access_denied')
    expect(cancelled.searchParams.get('state')).toBe('s 1')
    expect((await authorize(world, { token: 'wrong' })).status).toBe(401)
    expect((await authorize(world, { token: world.installationToken() })).status).toBe(401)
  })

  test('a refresh token renews the token once, and the old token stops working', async () => {
    const world = await createLoginWorld()
    const first = await exchange(world, { code: await codeOf(world) })
    const renewal = { grant_type: 'refresh_token', refresh_token: String(first.refresh_token) }
    const second = await exchange(world, renewal)
    const status = async (token: unknown): Promise<number> =>
      (await world.call('GET', '/user', undefined, { token: String(token) })).status

    expect([await status(first.access_token), await status(second.access_token)]).toEqual([401, 200])
    expect(await exchange(world, renewal)).toMatchObject({ error: 'bad_refresh_token' })
    expect(await exchange(world, { grant_type: 'password' })).toMatchObject({ error: 'unsupported_grant_type' })
    world.clock.advance(28_800_000)
    expect(await status(second.access_token)).toBe(401)
  })

  test('without a JSON Accept header the answer is a form', async () => {
    const world = await createLoginWorld()
    const { clientId, clientSecret } = world.app
    const fields = { client_id: clientId, client_secret: clientSecret, code: await codeOf(world) }
    const response = await submit(world, '/login/oauth/access_token', fields)

    expect(response.headers.get('content-type')).toContain('application/x-www-form-urlencoded')
    expect(new URLSearchParams(await response.text()).get('access_token')).toMatch(/^ghu_/)
  })

  test('@octokit/oauth-methods exchanges the code', async () => {
    const world = await createLoginWorld()
    const { authentication } = await exchangeWebFlowCode({
      clientType: 'github-app',
      clientId: world.app.clientId,
      clientSecret: world.app.clientSecret,
      code: await codeOf(world),
      request: request.defaults({
        baseUrl: 'http://127.0.0.1/api/v3',
        request: { fetch: (url: string, init: RequestInit) => world.sandbox.fetch(new Request(url, init)) },
      }),
    })

    expect(authentication.token).toMatch(/^ghu_/)
  })

  test('a user token has the permissions that both the user and the App have', async () => {
    const world = await createLoginWorld()
    const { admin } = world.sandbox
    admin.setRole('ada', 'read', 'acme/secret')
    admin.setRole('bob', 'write', 'acme/secret')
    const sha = (await admin.branch('acme/secret', 'main')) ?? ''
    const post = (token: string): Promise<Response> =>
      world.call('POST', `/repos/acme/secret/statuses/${sha}`, { state: 'success' }, { token })
    const [ada, bob] = [admin.createUserToken('orch', 'ada'), admin.createUserToken('orch', 'bob')]

    expect((await post(bob)).status).toBe(404)
    world.installationToken()
    expect((await world.call('GET', '/repos/acme/secret', undefined, { token: ada })).status).toBe(200)
    expect([(await post(ada)).status, (await post(bob)).status]).toEqual([403, 201])
    const runs = await world.json('GET', '/repos/acme/secret/actions/runs', undefined, { token: bob })
    expect(runs).toMatchObject({ status: 403, body: { message: 'Resource not accessible by integration' } })
  })
})

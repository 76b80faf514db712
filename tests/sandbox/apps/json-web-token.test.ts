import { createPrivateKey } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { generateAppKeys } from '../../../src/sandbox/apps/app-keys.js'
import { createAppWorld, signed, START } from './world.js'

const NOW = Math.floor(START / 1000)
const UNDECODABLE = 'A JSON web token could not be decoded'

describe('a JSON Web Token of an App', () => {
  test('opens GET /app by the ID of the App, by its digits and by the client ID', async () => {
    const world = await createAppWorld()

    for (const iss of [world.app.id, String(world.app.id), world.app.clientId]) {
      const token = world.jwt({ iss })
      expect(await world.json('GET', '/app', undefined, { token })).toMatchObject({
        status: 200,
        body: { id: world.app.id, slug: 'orch', client_id: world.app.clientId, owner: { login: 'acme' } },
      })
    }
  })

  test.each([
    ['that has expired', { exp: NOW }, `'Expiration time' claim ('exp') must be a numeric value`],
    ['without an expiry', { exp: undefined }, `'Expiration time' claim ('exp') must be a numeric value`],
    [
      'that lasts more than ten minutes',
      { exp: NOW + 601 },
      `'Expiration time' claim ('exp') is too far in the future`,
    ],
    ['that was issued in the future', { iat: NOW + 1 }, `'Issued at' claim ('iat') must be an Integer`],
    ['without a time of issue', { iat: undefined }, `'Issued at' claim ('iat') must be an Integer`],
    ['without an issuer', { iss: undefined }, `Missing 'issuer' claim ('iss') in assertion`],
    ['of an unknown client ID', { iss: 'Iv1.unknown' }, `'Issuer' claim ('iss') must be an Integer`],
  ])("a JSON Web Token %s is refused in GitHub's words", async (_what, claims, message) => {
    const world = await createAppWorld()
    const { status, body } = await world.json('GET', '/app', undefined, { token: world.jwt(claims) })

    expect(status).toBe(401)
    expect(body).toMatchObject({ message: expect.stringContaining(message) as string })
  })

  test('a JSON Web Token that lasts exactly ten minutes is accepted', async () => {
    const world = await createAppWorld()

    expect((await world.call('GET', '/app', undefined, { token: world.jwt({ exp: NOW + 600 }) })).status).toBe(200)
  })

  test('a JSON Web Token of an unknown App ID is answered with 404', async () => {
    const world = await createAppWorld()
    const answer = await world.json('GET', '/app', undefined, { token: world.jwt({ iss: 1 }) })

    expect(answer).toMatchObject({ status: 404, body: { message: 'Integration not found' } })
  })

  test('a deleted key is refused, while another key of the App and the tokens of its installations still work', async () => {
    const world = await createAppWorld()
    const token = world.installationToken()
    const { admin } = world.sandbox
    const another = await admin.createAppKey('orch')
    const get = (key: string) => {
      const claims = { iss: world.app.id, iat: NOW - 60, exp: NOW + 540 }
      return world.json('GET', '/app', undefined, { token: signed(claims, key) })
    }
    expect((await get(world.app.privateKey)).status).toBe(200)

    admin.deleteAppKey('orch', world.app.privateKey)

    expect(await get(world.app.privateKey)).toMatchObject({ status: 401, body: { message: UNDECODABLE } })
    expect((await get(another)).status).toBe(200)
    expect((await world.call('GET', '/repos/acme/secret', undefined, { token })).status).toBe(200)
    expect(() => admin.deleteAppKey('orch', another)).toThrow('its only one')
  })

  test('a JSON Web Token that another key signed, or that was changed, is refused', async () => {
    const world = await createAppWorld()
    const { privateKey } = await world.sandbox.admin.createApp({ name: 'Other' })
    const claims = { iss: world.app.id, iat: NOW, exp: NOW + 60 }
    const [header = '', , signature = ''] = world.jwt().split('.')
    const changed = [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
    const unsigned = signed(claims, world.app.privateKey, 'none')

    for (const token of [signed(claims, privateKey), changed, unsigned, `${header}.e30.`]) {
      expect(await world.json('GET', '/app', undefined, { token })).toMatchObject({ status: 401 })
    }
    const forged = await world.json('GET', '/app', undefined, { token: signed(claims, privateKey) })
    expect(forged.body).toMatchObject({ message: UNDECODABLE })
  })

  test('the key of an App is a new RSA key of 2048 bits in the form of PKCS #1', async () => {
    const world = await createAppWorld({}, { generateKeys: generateAppKeys })
    const { privateKey } = await world.sandbox.admin.createApp({ name: 'Other' })

    expect(privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/u)
    expect(privateKey).not.toBe(world.app.privateKey)
    expect(createPrivateKey(privateKey).asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 })
    expect((await world.call('GET', '/app', undefined, { token: world.jwt() })).status).toBe(200)
  })

  test('the endpoints of Apps refuse the token of a user and a request without a token', async () => {
    const world = await createAppWorld()

    for (const path of ['/app', '/app/installations', '/repos/acme/lib/installation', '/orgs/acme/installation']) {
      expect(await world.json('GET', path)).toMatchObject({ status: 401, body: { message: UNDECODABLE } })
      expect((await world.call('GET', path, undefined, { token: null })).status).toBe(401)
    }
  })

  test('a JSON Web Token opens neither a repository nor the user', async () => {
    const world = await createAppWorld()
    world.installationToken()
    const token = world.jwt()
    const sha = (await world.sandbox.admin.branch('acme/lib', 'main')) ?? ''

    expect((await world.call('GET', '/repos/acme/secret', undefined, { token })).status).toBe(404)
    expect((await world.call('POST', `/repos/acme/lib/statuses/${sha}`, { state: 'success' }, { token })).status).toBe(
      403,
    )
    expect((await world.call('GET', '/user', undefined, { token })).status).toBe(403)
  })
})

import { describe, expect, test } from 'vitest'

import type { Role } from '../../../src/sandbox/state/model.js'
import { at, createApiWorld, temporaryDirectory } from '../api/world.js'
import { createAppWorld } from '../apps/world.js'

const of = (login: string, repo = 'lib'): string => `/repos/acme/${repo}/collaborators/${login}/permission`

describe('the permission of a collaborator', () => {
  test.each([
    ['admin', 'admin'],
    ['maintain', 'write'],
    ['write', 'write'],
    ['triage', 'read'],
    ['read', 'read'],
  ] as [Role, string][])('the role %s is reported with the permission %s', async (role, permission) => {
    const world = await createApiWorld()
    world.sandbox.admin.setRole('ada', role, 'acme/lib')

    expect(await world.json('GET', of('Ada'))).toMatchObject({
      status: 200,
      body: { permission, role_name: role, user: { login: 'ada', role_name: role } },
    })
  })

  test('without a role it is read in a public repository and none in a private one', async () => {
    const world = await createAppWorld()
    world.sandbox.admin.createAccount('ada')
    const permission = async (login: string, repo: string): Promise<unknown> =>
      at((await world.json('GET', of(login, repo))).body, 'permission')

    expect([await permission('ada', 'lib'), await permission('ada', 'secret')]).toEqual(['read', 'none'])
    expect(await permission('orch%5Bbot%5D', 'lib')).toBe('none')
    expect((await world.call('GET', of('nobody'))).status).toBe(404)
  })

  test('a base role holds in every repository that gives no other', async () => {
    const world = await createAppWorld()
    world.sandbox.admin.setRole('ada', 'write')
    world.sandbox.admin.setRole('ada', 'read', 'acme/lib')
    const permission = async (repo: string): Promise<unknown> =>
      at((await world.json('GET', of('ada', repo))).body, 'permission')

    expect([await permission('lib'), await permission('secret')]).toEqual(['read', 'write'])
  })

  test('is shown to an App and to a user who can write, and to nobody else', async () => {
    const world = await createAppWorld()
    const { admin } = world.sandbox
    admin.setRole('ada', 'read', 'acme/lib')
    const refused = await world.json('GET', of('ada'), undefined, { token: admin.createToken('ada') })

    expect(refused).toMatchObject({
      status: 403,
      body: { message: 'Must have push access to view collaborator permission.' },
    })
    expect((await world.call('GET', of('ada'), undefined, { token: null })).status).toBe(401)
    expect((await world.call('GET', of('ada'), undefined, { token: world.installationToken() })).status).toBe(200)
  })

  test('the token of a user has the rights of the role', async () => {
    const world = await createAppWorld()
    const { admin } = world.sandbox
    const sha = (await admin.branch('acme/lib', 'main')) ?? ''
    admin.setRole('reader', 'read', 'acme/lib')
    admin.setRole('writer', 'write', 'acme/lib')
    const call = async (login: string, method: string, path: string, body?: unknown): Promise<number> =>
      (await world.call(method, path, body, { token: admin.createToken(login) })).status
    const dispatch = '/repos/acme/lib/actions/workflows/build.yml/dispatches'
    const status = `/repos/acme/lib/statuses/${sha}`

    expect(await call('reader', 'POST', status, { state: 'success' })).toBe(404)
    expect(await call('reader', 'POST', dispatch, { ref: 'main' })).toBe(403)
    expect(await call('reader', 'GET', '/repos/acme/secret')).toBe(404)
    expect(await call('writer', 'POST', status, { state: 'success' })).toBe(201)
    expect(await call('writer', 'POST', dispatch, { ref: 'main' })).toBe(204)
    expect(await call('writer', 'POST', '/repos/acme/lib/rulesets', {})).toBe(403)
  })

  test('roles survive a restart', async () => {
    const stateDirectory = await temporaryDirectory()
    const world = await createApiWorld({ stateDirectory })
    world.sandbox.admin.setRole('ada', 'triage', 'acme/lib')
    await world.sandbox.close()
    const again = await createApiWorld({ stateDirectory })

    expect(at((await again.json('GET', of('ada'))).body, 'role_name')).toBe('triage')
  })
})

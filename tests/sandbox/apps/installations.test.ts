import { readFileSync, writeFileSync } from 'node:fs'

import { createAppAuth } from '@octokit/auth-app'
import { request } from '@octokit/request'
import { describe, expect, test } from 'vitest'

import { at, createApiWorld, temporaryDirectory } from '../api/world.js'
import type { AppWorld } from './world.js'
import { createAppWorld } from './world.js'

const tokens = (id: number): string => `/app/installations/${id}/access_tokens`

describe('an installation', () => {
  test('an App finds its installations by list, ID, organization, user and repository', async () => {
    const world = await createAppWorld({ isPublic: true })
    const { admin } = world.sandbox
    const id = admin.installApp('orch', 'acme')
    await admin.createRepository('acme/more')
    admin.createAccount('ada')
    const personal = admin.installApp('orch', 'ada')
    const get = (path: string): ReturnType<AppWorld['json']> =>
      world.json('GET', path, undefined, { token: world.jwt() })

    expect(at((await get('/app/installations')).body, 1, 'id')).toBe(personal)
    expect(at((await get('/app')).body, 'installations_count')).toBe(2)
    for (const path of [
      `/app/installations/${id}`,
      '/orgs/acme/installation',
      '/repos/acme/lib/installation',
      '/repos/acme/secret/installation',
      '/repos/acme/more/installation',
    ]) {
      expect(await get(path)).toMatchObject({
        status: 200,
        body: { id, repository_selection: 'all', app_slug: 'orch' },
      })
    }
    expect((await get('/users/ada/installation')).body).toMatchObject({ id: personal, target_type: 'User' })
    for (const path of ['/users/acme/installation', '/orgs/none/installation', '/app/installations/1']) {
      expect((await get(path)).status).toBe(404)
    }
  })

  test('an installation on selected repositories is found only by these', async () => {
    const world = await createAppWorld()
    world.installationToken(['acme/secret'])
    const get = async (repo: string): Promise<number> =>
      (await world.call('GET', `/repos/acme/${repo}/installation`, undefined, { token: world.jwt() })).status

    expect([await get('secret'), await get('lib')]).toEqual([200, 404])
  })

  test('a suspended installation creates no token and its tokens stop working until the suspension ends', async () => {
    const world = await createAppWorld()
    const token = world.installationToken()
    const { body } = await world.json('GET', '/orgs/acme/installation', undefined, { token: world.jwt() })
    const path = `/app/installations/${String(at(body, 'id'))}/suspended`
    const read = async (): Promise<number> =>
      (await world.call('GET', '/repos/acme/secret', undefined, { token })).status

    expect((await world.call('PUT', path, undefined, { token: world.jwt() })).status).toBe(204)
    const refused = await world.json('POST', tokens(Number(at(body, 'id'))), {}, { token: world.jwt() })
    expect(refused).toMatchObject({ status: 403, body: { message: 'This installation has been suspended' } })
    expect(await read()).toBe(403)
    expect((await world.call('DELETE', path, undefined, { token: world.jwt() })).status).toBe(204)
    expect(await read()).toBe(200)
  })

  test('the tokens of a removed installation are refused', async () => {
    const world = await createAppWorld()
    const token = world.installationToken()
    const { body } = await world.json('GET', '/orgs/acme/installation', undefined, { token: world.jwt() })
    const path = `/app/installations/${String(at(body, 'id'))}`

    expect((await world.call('DELETE', path, undefined, { token: world.jwt() })).status).toBe(204)
    expect(await world.json('GET', '/repos/acme/secret', undefined, { token })).toMatchObject({
      status: 401,
      body: { message: 'Bad credentials' },
    })
    expect((await world.call('GET', path, undefined, { token: world.jwt() })).status).toBe(404)
  })

  test('an App cannot use the installation of another App', async () => {
    const world = await createAppWorld()
    await world.sandbox.admin.createApp({ name: 'Other', owner: 'acme' })
    const other = world.sandbox.admin.installApp('other', 'acme')

    expect((await world.call('POST', tokens(other), {}, { token: world.jwt() })).status).toBe(404)
  })

  test('an installation keeps its permissions until the new ones of its App are accepted', async () => {
    const world = await createAppWorld()
    const before = world.installationToken()
    world.sandbox.admin.changeApp('orch', { permissions: { actions: 'write', metadata: 'read' } })
    const path = '/repos/acme/secret/actions/runs'

    expect((await world.call('GET', path, undefined, { token: before })).status).toBe(403)
    const after = world.installationToken()
    expect((await world.call('GET', path, undefined, { token: after })).status).toBe(200)
  })
})

describe('an installation token', () => {
  async function create(world: AppWorld, body: unknown): ReturnType<AppWorld['json']> {
    const id = world.sandbox.admin.installApp('orch', 'acme')
    return world.json('POST', tokens(id), body, { token: world.jwt() })
  }

  test('lasts one hour by the clock of the sandbox', async () => {
    const world = await createAppWorld()
    const { status, body } = await create(world, undefined)
    const token = String(at(body, 'token'))
    const read = async (): Promise<number> =>
      (await world.call('GET', '/repos/acme/secret', undefined, { token })).status

    expect(status).toBe(201)
    expect(body).toMatchObject({ repository_selection: 'all', expires_at: '2026-01-02T04:04:05Z' })
    expect(token).toMatch(/^ghs_\d+_[\w-]+\.[\w-]+\.[\w-]+$/)
    world.clock.advance(3_599_999)
    expect(await read()).toBe(200)
    world.clock.advance(1)
    expect(await read()).toBe(401)
  })

  test('can be restricted to repositories and permissions', async () => {
    const world = await createAppWorld()
    const { body } = await create(world, { repositories: ['Secret'], permissions: { contents: 'read' } })
    const token = String(at(body, 'token'))
    const sha = (await world.sandbox.admin.branch('acme/secret', 'main')) ?? ''
    const status = { state: 'success' }
    const listed = await world.json('GET', '/installation/repositories', undefined, { token })

    expect(body).toMatchObject({
      permissions: { contents: 'read' },
      repository_selection: 'selected',
      repositories: [{ full_name: 'acme/secret' }],
    })
    expect(listed.body).toMatchObject({ total_count: 1, repositories: [{ full_name: 'acme/secret' }] })
    expect((await world.call('POST', `/repos/acme/secret/statuses/${sha}`, status, { token })).status).toBe(403)
  })

  test.each([
    [{ repositories: ['none'] }, 'There is at least one repository that does not exist or is not accessible'],
    [{ repository_ids: [1] }, 'There is at least one repository that does not exist or is not accessible'],
    [{ permissions: { contents: 'write' } }, 'The permissions requested are not granted to this installation.'],
    [{ permissions: { actions: 'read' } }, 'The permissions requested are not granted to this installation.'],
    [{ permissions: { contents: 'all' } }, 'Invalid request.'],
    [{ repositories: [1] }, 'Invalid request.'],
  ])('cannot be created with %j', async (body, message) => {
    const world = await createAppWorld()
    const answer = await create(world, body)

    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ message: expect.stringContaining(message) as string })
  })

  test('has exactly the permissions of the App, and a refusal names the missing one', async () => {
    const world = await createAppWorld()
    const token = world.installationToken()
    const sha = (await world.sandbox.admin.branch('acme/secret', 'main')) ?? ''
    const status = await world.json('POST', `/repos/acme/secret/statuses/${sha}`, { state: 'success' }, { token })
    const dispatch = await world.json('POST', '/repos/acme/secret/dispatches', { event_type: 'x' }, { token })

    expect(status).toMatchObject({ status: 201, body: { creator: { login: 'orch[bot]', type: 'Bot' } } })
    expect(dispatch).toMatchObject({ status: 403, body: { message: 'Resource not accessible by integration' } })
    expect(dispatch.headers.get('x-accepted-github-permissions')).toBe('contents=write')
  })

  test('sees no private repository outside the installation and cannot write to a public one', async () => {
    const world = await createAppWorld()
    const { admin } = world.sandbox
    await admin.createRepository('other/secret', { private: true })
    const token = world.installationToken(['acme/secret'])
    const sha = (await admin.branch('acme/lib', 'main')) ?? ''

    expect((await world.call('GET', '/repos/other/secret', undefined, { token })).status).toBe(404)
    expect((await world.call('GET', '/repos/acme/lib', undefined, { token })).status).toBe(200)
    const write = await world.json('POST', `/repos/acme/lib/statuses/${sha}`, { state: 'success' }, { token })
    expect(write).toMatchObject({ status: 403, body: { message: 'Resource not accessible by integration' } })
  })

  test('is not the token of a user', async () => {
    const world = await createAppWorld()
    const token = world.installationToken()

    expect(await world.json('GET', '/user', undefined, { token })).toMatchObject({
      status: 403,
      body: { message: 'Resource not accessible by integration' },
    })
    expect((await world.json('GET', '/users/orch%5Bbot%5D', undefined, { token })).body).toMatchObject({ type: 'Bot' })
  })

  test('has no rights of a user in the answer about a repository, whatever it may do', async () => {
    const world = await createAppWorld({ permissions: { contents: 'write', administration: 'write' } })
    const { body } = await world.json('GET', '/repos/acme/lib', undefined, { token: world.installationToken() })

    const rights = { admin: false, maintain: false, push: false, triage: false, pull: false }
    expect(at(body, 'permissions')).toEqual(rights)
  })

  test('opens git with the permission contents', async () => {
    const stateDirectory = await temporaryDirectory()
    const world = await createAppWorld({}, { stateDirectory })
    const { admin } = world.sandbox
    await admin.createApp({ name: 'Other', owner: 'acme', permissions: { statuses: 'write' } })
    admin.installApp('other', 'acme')
    const open = async (token: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
      const path = '/acme/secret.git/info/refs?service=git-upload-pack'
      return (await world.call('GET', path, undefined, { token: null, headers: { authorization } })).status
    }

    expect(await open(world.installationToken())).toBe(200)
    expect(await open(admin.createInstallationToken('other', 'acme'))).toBe(403)
    expect(await open(world.installationToken(['acme/lib']))).toBe(404)
  })

  test('can be revoked by itself only', async () => {
    const world = await createAppWorld()
    const token = world.installationToken()

    expect((await world.call('DELETE', '/installation/token')).status).toBe(403)
    expect((await world.call('DELETE', '/installation/token', undefined, { token })).status).toBe(204)
    expect((await world.call('GET', '/installation/repositories', undefined, { token })).status).toBe(401)
  })

  test('the list of its repositories refuses the token of a user', async () => {
    const world = await createAppWorld()
    const { status, body } = await world.json('GET', '/installation/repositories')

    expect(status).toBe(403)
    expect(body).toMatchObject({ message: expect.stringContaining('installation access token') as string })
  })

  test('a run that it dispatches has the bot as its actor', async () => {
    const world = await createAppWorld({ permissions: { actions: 'write' } })
    const token = world.installationToken()
    const path = '/repos/acme/lib/actions/workflows/build.yml/dispatches'
    await world.call('POST', path, { ref: 'main' }, { token })
    const { body } = await world.json('GET', '/repos/acme/lib/actions/runs', undefined, { token })

    expect(at(body, 'workflow_runs', 0, 'actor', 'login')).toBe('orch[bot]')
  })

  test('GraphQL knows the bot as the viewer with its suffix, and elsewhere without it', async () => {
    const world = await createAppWorld()
    const token = world.installationToken()
    const sha = (await world.sandbox.admin.branch('acme/secret', 'main')) ?? ''
    await world.call('POST', `/repos/acme/secret/statuses/${sha}`, { state: 'success', context: 'x' }, { token })
    const creator = 'status { contexts { creator { __typename login url } } }'
    const query = `{ viewer { login } repository(owner: "acme", name: "secret") {
      defaultBranchRef { target { ... on Commit { ${creator} } } } } }`
    const { body } = await world.json('POST', '/graphql', { query }, { token })

    expect(at(body, 'data', 'viewer', 'login')).toBe('orch[bot]')
    const contexts = at(body, 'data', 'repository', 'defaultBranchRef', 'target', 'status', 'contexts')
    expect(contexts).toEqual([{ creator: { __typename: 'Bot', login: 'orch', url: 'http://127.0.0.1/apps/orch' } }])
  })

  test('GraphQL refuses what the App has no permission for', async () => {
    const world = await createAppWorld({ permissions: { statuses: 'read' } })
    const token = world.installationToken()
    const query = '{ repository(owner: "acme", name: "secret") { defaultBranchRef { name } } }'
    const { body } = await world.json('POST', '/graphql', { query }, { token })

    expect(at(body, 'errors', 0)).toMatchObject({
      type: 'FORBIDDEN',
      message: 'Resource not accessible by integration',
    })
  })

  test('an App and its installation survive a restart, and its private key is nowhere in the state', async () => {
    const stateDirectory = await temporaryDirectory()
    const world = await createAppWorld({}, { stateDirectory })
    const token = world.installationToken()
    await world.sandbox.close()
    const state = readFileSync(`${stateDirectory}/state.json`, 'utf8')
    const again = await createApiWorld({ stateDirectory })

    expect(state).not.toContain('PRIVATE KEY')
    expect(state).not.toContain(world.app.clientSecret)
    expect((await again.call('GET', '/repos/acme/secret', undefined, { token })).status).toBe(200)
    expect((await again.call('GET', '/app', undefined, { token: world.jwt() })).status).toBe(200)
  })

  test('the key of an App is read from a state file of an earlier version', async () => {
    const stateDirectory = await temporaryDirectory()
    const world = await createAppWorld({}, { stateDirectory })
    await world.sandbox.close()
    const path = `${stateDirectory}/state.json`
    const older = readFileSync(path, 'utf8').replace(/"publicKeys":\[("[^"]*")\]/u, '"publicKey":$1')
    expect(older).toContain('"publicKey":')
    writeFileSync(path, older)

    const again = await createApiWorld({ stateDirectory })

    expect((await again.call('GET', '/app', undefined, { token: world.jwt() })).status).toBe(200)
  })

  test('@octokit/auth-app gets a token that works', async () => {
    const world = await createAppWorld({}, { clock: undefined })
    const id = world.sandbox.admin.installApp('orch', 'acme')
    const auth = createAppAuth({
      appId: world.app.id,
      privateKey: world.app.privateKey,
      request: request.defaults({
        baseUrl: 'http://127.0.0.1/api/v3',
        request: { fetch: (url: string, init: RequestInit) => world.sandbox.fetch(new Request(url, init)) },
      }),
    })
    const { token, permissions } = await auth({ type: 'installation', installationId: id })

    expect(permissions).toMatchObject({ statuses: 'write', metadata: 'read' })
    expect((await world.call('GET', '/repos/acme/secret', undefined, { token })).status).toBe(200)
  })
})

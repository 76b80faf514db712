import { expect, test } from 'vitest'
import { connectApp, type AppConnection } from '../../../src/service/github-app/app-connection.js'
import { TestClock } from '../../support/test-clock.js'
import { appKeys, AppServer, json } from '../support/app-server.js'

class World {
  readonly clock = new TestClock(undefined, 20)
  readonly late: string[] = []
  readonly server: AppServer

  constructor(aheadMs = 0) {
    this.server = new AppServer(this.clock, aheadMs)
    this.server.installations.push({ account: 'acme' }, { account: 'lib-org' })
  }

  async connect(): Promise<AppConnection> {
    const connected = await this.tryConnect()
    if (!connected.ok) throw new Error(JSON.stringify(connected.problems))
    return connected.value
  }

  tryConnect(): ReturnType<typeof connectApp> {
    return this.clock.until(
      connectApp({
        apiUrl: 'https://api.github.test',
        credentials: { id: '7', privateKey: appKeys.privateKey },
        clock: this.clock,
        random: () => 0.5,
        fetch: this.server.fetch,
        keepsLimits: false,
        requestTimeoutMs: Infinity,
        onLateRefresh: (owner, failure) => this.late.push(`${owner}: ${failure.message}`),
      }),
    )
  }

  /** The tokens that requests to repositories were sent with, in order. */
  tokens(): string[] {
    return this.server.asked
      .filter(({ authorization }) => authorization.startsWith('token '))
      .map(({ authorization }) => authorization.replace('token ', ''))
  }
}

const permission = { permission: 'write', role_name: 'write', user: null }

test('each request to a repository is sent with the token of the installation of its owner', async () => {
  const world = new World()
  world.server.answer = () => json(200, permission)
  const { host } = await world.connect()

  await world.clock.until(
    Promise.all([host.readPermission('acme/a', 'mona'), host.readPermission('lib-org/b', 'mona')]),
  )
  await world.clock.until(host.readPermission('Acme/c', 'mona'))

  expect(world.tokens()).toEqual(['ghs_acme_1', 'ghs_lib-org_2', 'ghs_acme_1'])
})

test('a token is replaced five minutes before its end, by one refresh for all requests that leave together', async () => {
  const world = new World()
  world.server.answer = () => json(200, permission)
  const { host } = await world.connect()
  const read = (): Promise<unknown> => host.readPermission('acme/a', 'mona')
  await world.clock.until(read())

  await world.clock.advance(54 * 60_000)
  await world.clock.until(read())
  expect(world.server.created()).toBe(1)

  await world.clock.advance(61_000)
  await world.clock.until(Promise.all([read(), read(), read()]))
  expect(world.server.created()).toBe(2)
})

test('a token that cannot be replaced in time is used until it ends, and the failure is reported', async () => {
  const world = new World()
  world.server.answer = () => json(200, permission)
  const { host } = await world.connect()
  const read = (): ReturnType<typeof host.readPermission> => host.readPermission('acme/a', 'mona')
  await world.clock.until(read())
  await world.clock.advance(56 * 60_000)
  world.server.brokenTokens = 3

  expect((await world.clock.until(read())).ok).toBe(true)
  expect(world.late).toEqual([expect.stringMatching(/^acme: .*502/u)])

  await world.clock.advance(30_000)
  await world.clock.until(read())
  expect(world.tokens().at(-1)).not.toBe(world.tokens()[0])
})

test('an App whose machine has a wrong clock logs in with the time of GitHub', async () => {
  const world = new World(-20 * 60_000)

  expect((await world.tryConnect()).ok).toBe(true)
})

test('a revoked key is a problem that names the App and never the key', async () => {
  const world = new World()
  world.server.isKeyRevoked = true

  const connected = await world.tryConnect()

  expect(connected).toMatchObject({ ok: false, problems: [{ kind: 'auth' }] })
  expect(JSON.stringify(connected)).toContain('the GitHub App 7 could not log in')
  expect(JSON.stringify(connected)).not.toContain('PRIVATE KEY')
})

test('a key that is revoked while the service runs is the failure of the next request without a token', async () => {
  const world = new World()
  const { host } = await world.connect()
  world.server.isKeyRevoked = true

  const read = await world.clock.until(host.readPermission('acme/a', 'mona'))

  expect(read).toMatchObject({ ok: false, failure: { kind: 'unauthorized' } })
  expect(JSON.stringify(read)).toContain('create a new private key')
})

test('an owner without the App is a failure with the page that installs it, until it is installed', async () => {
  const world = new World()
  world.server.answer = () => json(200, permission)
  const { host } = await world.connect()

  const read = await world.clock.until(host.readPermission('other/a', 'mona'))
  expect(JSON.stringify(read)).toContain('install it: https://github.test/apps/orch/installations/new')

  world.server.installations.push({ account: 'other' })
  await world.clock.advance(30_000)
  expect((await world.clock.until(host.readPermission('other/a', 'mona'))).ok).toBe(true)
})

test('a suspended installation is a failure with the page that unsuspends it', async () => {
  const world = new World()
  world.server.installations[0] = { account: 'acme', isSuspended: true }
  const { host } = await world.connect()

  const read = await world.clock.until(host.readPermission('acme/a', 'mona'))

  expect(JSON.stringify(read)).toContain('is suspended')
  expect(JSON.stringify(read)).toContain('https://github.test/organizations/acme/settings/installations/1')
})

test('the login is that of the App, and is not asked for', async () => {
  const world = new World()
  const { host, login } = await world.connect()

  expect(login).toBe('orch[bot]')
  expect(await host.login('acme/a')).toEqual({ ok: true, value: 'orch[bot]' })
  expect(world.server.asked.map(({ path }) => path)).toEqual(['/app'])
})

test('the check finds nothing where every permission is granted on all repositories', async () => {
  const world = new World()
  const { check } = await world.connect()

  expect(await world.clock.until(check(['acme/a', 'lib-org/b']))).toEqual({ problems: [], notes: [] })
})

test('the check lists exactly what is missing, for each owner', async () => {
  const world = new World()
  world.server.installations[0] = {
    account: 'acme',
    permissions: { actions: 'read', contents: 'read', metadata: 'read', pull_requests: 'read', statuses: 'write' },
    selected: ['a'],
  }
  const { check } = await world.connect()

  const { problems, notes } = await world.clock.until(check(['acme/a', 'acme/b', 'lib-org/c', 'nobody/d']))

  expect(problems.map(({ message }) => message)).toEqual([
    'the GitHub App orch lacks permissions on acme: Actions: write (for starting, reading, re-running and cancelling builds)',
    'the installation of the GitHub App orch on acme does not include acme/b',
    'the GitHub App orch is not installed on nobody',
  ])
  expect(notes).toHaveLength(7)
  expect(notes[0]).toBe(
    'On acme the GitHub App orch lacks Checks: write (for a check run with the graph and the failed log lines): the service does without.',
  )
})

test('the installations are read again after an installation webhook', async () => {
  const world = new World()
  world.server.answer = () => json(200, permission)
  const { host, forget } = await world.connect()
  await world.clock.until(host.readPermission('acme/a', 'mona'))

  forget()
  await world.clock.until(host.readPermission('acme/a', 'mona'))

  expect(world.server.created()).toBe(2)
})

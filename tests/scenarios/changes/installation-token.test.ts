import { expect, test } from 'vitest'
import { wantedPermissions } from '../../../src/service/github-app/app-permissions.js'
import { Scene } from '../../support/scene.js'

/** Opens the change DPTA-1 in two repositories, and returns the environment of an installation of the App `orch`. */
async function appOn(scene: Scene): Promise<{ env: Record<string, string> }> {
  for (const name of ['repoB', 'repoD']) await scene.change(name, 'DPTA-1')
  const { admin } = scene.sandbox
  await admin.createApp({ name: 'Orch', owner: 'acme', permissions: wantedPermissions() })
  admin.installApp('orch', 'acme')
  return { env: { GH_ENTERPRISE_TOKEN: admin.createInstallationToken('orch', 'acme') } }
}

test.each(['GraphQL', 'the REST API alone'])(
  'with the token of an installation, a change is built and unlocked by %s',
  async (way) => {
    await using scene = await Scene.open()
    const { env } = await appOn(scene)
    if (way === 'the REST API alone') scene.sandbox.faults.add({ action: { kind: 'graphql-refused' } })

    expect((await scene.orch('run DPTA-1', { env })).code).toBe(0)

    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^success /u)
    const statuses = scene.sandbox.admin.statuses('acme/repoB', await scene.head('repoB', 'DPTA-1'))
    expect(new Set(statuses.map(({ creator }) => creator))).toEqual(new Set(['orch[bot]']))
    expect((await scene.orch('status DPTA-1', { env })).code).toBe(0)
  },
)

test('what an App has built is not built again by the same App, without trusted-authors', async () => {
  await using scene = await Scene.open()
  const { env } = await appOn(scene)
  await scene.orch('run DPTA-1', { env })
  const before = scene.dispatches().length

  expect((await scene.orch('run DPTA-1', { env })).code).toBe(0)

  expect(scene.dispatches().slice(before)).toEqual([])
})

test('what another App has built is built again', async () => {
  await using scene = await Scene.open()
  const { env } = await appOn(scene)
  await scene.orch('run DPTA-1', { env })
  const before = scene.dispatches().length
  const { admin } = scene.sandbox
  await admin.createApp({ name: 'Other', owner: 'acme', permissions: wantedPermissions() })
  admin.installApp('other', 'acme')
  const other = { GH_ENTERPRISE_TOKEN: admin.createInstallationToken('other', 'acme') }

  expect((await scene.orch('run DPTA-1', { env: other })).code).toBe(0)

  expect(scene.dispatches().length - before).toBe(before)
})

test.each([
  [{ ORCH_APP_ID: '1' }, 2, 'ORCH_APP_ID is set without ORCH_APP_PRIVATE_KEY'],
  [{ ORCH_APP_ID: '1', ORCH_APP_PRIVATE_KEY: '-----BEGIN nonsense' }, 2, 'the private key in ORCH_APP_PRIVATE_KEY'],
  [{ ORCH_APP_ID: '1', ORCH_APP_PRIVATE_KEY: 'no-such-file.pem' }, 2, 'ORCH_APP_PRIVATE_KEY is not usable'],
])(
  'an App whose id or key is wrong is reported, although there is a token, and nothing is sent: %#',
  async (env, exitCode, message) => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')

    const { code, stderr } = await scene.orch('run DPTA-1', { env })

    expect(code).toBe(exitCode)
    expect(stderr).toContain(message)
    expect(scene.writes()).toEqual([])
  },
)

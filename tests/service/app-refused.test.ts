import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppWorld } from './support/app-world.js'

const needed = { contents: 'read', pull_requests: 'read', metadata: 'read' } as const
const login = 'orch'

describe('orch serve as a GitHub App that cannot work', () => {
  let world: AppWorld

  beforeAll(async () => {
    world = await AppWorld.open({ ...needed, statuses: 'read' })
  }, 180_000)
  afterAll(() => world[Symbol.asyncDispose]())

  test('an App that is not installed is refused with exit code 4 and the page that installs it, for each owner', async () => {
    const { code, stderr } = await world.refused()

    expect(code).toBe(4)
    for (const owner of ['acme', 'web']) expect(stderr).toContain(`the GitHub App orch is not installed on ${owner}`)
    expect(stderr).toContain(`${world.url}/apps/orch/installations/new`)
  })

  test('an App without a permission is refused with exit code 4 and the exact list', async () => {
    world.install('acme', 'web')

    const { code, stderr } = await world.refused()

    expect(code).toBe(4)
    for (const owner of ['acme', 'web'])
      expect(unwrapped(stderr)).toContain(
        `the GitHub App orch lacks permissions on ${owner}: Actions: write (for starting, reading, re-running and cancelling builds), Commit statuses: write (for locking and unlocking pull requests)`,
      )
  })

  test('an installation without a repository of the graph is refused with exit code 4', async () => {
    const { admin } = world.sandbox
    admin.changeApp(login, { permissions: { ...needed, actions: 'write', statuses: 'write' } })
    await admin.createRepository('web/other')
    world.install('acme')
    admin.installApp(login, 'web', ['web/other'])

    const { code, stderr } = await world.refused()

    expect(code).toBe(4)
    expect(unwrapped(stderr)).toContain('the installation of the GitHub App orch on web does not include web/shop')
  })

  test('a suspended installation is refused with exit code 4 and the page that unsuspends it', async () => {
    world.install('acme', 'web')
    world.sandbox.admin.suspendApp(login, 'web')

    const { code, stderr } = await world.refused()

    expect(code).toBe(4)
    expect(unwrapped(stderr)).toContain('the installation of the GitHub App orch on web is suspended')
    expect(stderr).toMatch(/\/organizations\/web\/settings\/installations\/\d+/u)
  })

  test('a key that GitHub does not know any more is refused with exit code 4 and never shown', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })

    const { code, stdout, stderr } = await world.refused({ ORCH_APP_PRIVATE_KEY: privateKey })

    expect(code).toBe(4)
    expect(unwrapped(stderr)).toContain(`the GitHub App ${world.app.id} could not log in`)
    expect(stderr).toContain('create a new private key')
    expect(`${stdout}${stderr}`).not.toMatch(/PRIVATE KEY|eyJ/u)
  })

  test('a damaged file of the App is refused with exit code 2 and the way to mend it', async () => {
    const directory = join(world.folder.path, '.orch', 'service')
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'app.json'), '{"appId": "7", "privateKey": "the-damaged-key"')

    const unset = { ORCH_APP_ID: '', ORCH_APP_PRIVATE_KEY: '', ORCH_WEBHOOK_SECRET: '' }
    const { code, stderr } = await world.refused(unset)

    expect(code).toBe(2)
    expect(unwrapped(stderr)).toContain('app.json is damaged')
    expect(stderr).not.toContain('the-damaged-key')
  })
})

/** Messages are wrapped to the width of a terminal. */
function unwrapped(text: string): string {
  return text.replaceAll(/\s+/gu, ' ')
}

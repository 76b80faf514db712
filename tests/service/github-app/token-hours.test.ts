import { expect, test } from 'vitest'
import { createSandbox } from '../../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../../src/sandbox/scripted-executor.js'
import { connectApp } from '../../../src/service/github-app/app-connection.js'
import { wantedPermissions } from '../../../src/service/github-app/app-permissions.js'
import { sharedKeys } from '../../support/app-keys.js'
import { loadGraphQL } from '../../support/load-graphql.js'
import { seededRandom } from '../../support/random.js'
import { TestClock } from '../../support/test-clock.js'

const apiUrl = 'http://127.0.0.1:9/api/v3'
const repositories = ['acme/lib', 'web/shop']
const minuteMs = 60_000

test('an App reads and writes on two owners for three hours, with tokens that GitHub lets expire after one', async () => {
  await loadGraphQL()
  const clock = new TestClock(undefined, 20)
  const executor = createScriptedExecutor({ clock })
  const fixed = { clock, executor, random: seededRandom(1), url: 'http://127.0.0.1:9' }
  const sandbox = await createSandbox({ ...fixed, generateKeys: sharedKeys() })
  const heads = new Map<string, string>()
  for (const repo of repositories) {
    await sandbox.admin.createRepository(repo, { private: true })
    await sandbox.admin.commit(repo, 'main', { 'README.md': 'x' })
    heads.set(repo, await sandbox.admin.commit(repo, 'DPTA-1', { 'change.txt': 'x' }))
  }
  const app = await sandbox.admin.createApp({ name: 'Orch', owner: 'acme', permissions: wantedPermissions() })
  for (const owner of ['acme', 'web']) sandbox.admin.installApp(app.slug, owner)
  const connected = await clock.until(
    connectApp({
      apiUrl,
      credentials: { id: String(app.id), privateKey: app.privateKey },
      clock,
      random: seededRandom(5),
      keepsLimits: false,
      // The clock does not notice that a key signs.
      requestTimeoutMs: Infinity,
      fetch: (input, init) => clock.track(sandbox.fetch(new Request(input, init))),
      onLateRefresh: (owner, { message }) => {
        throw new Error(`${owner}: ${message}`)
      },
    }),
  )
  if (!connected.ok) throw new Error(JSON.stringify(connected.problems))
  const { host } = connected.value
  const query = {
    branch: 'DPTA-1',
    statusContext: 'orchestrator-build',
    repositories: repositories.map((repo) => ({ repo, workflows: [] })),
  }

  for (let pass = 0; pass < 12; pass += 1) {
    const readings = await clock.until(host.readChange(query))
    expect(readings).toMatchObject(repositories.map((repo) => ({ kind: 'read', repo })))
    for (const [repo, headSha] of heads) {
      const status = { repo, headSha, context: 'c', state: 'pending', description: `${pass}`, targetUrl: '' } as const
      const posted = await clock.until(host.postStatus(status, { urgent: false }, () => Promise.resolve(true)))
      expect(posted).toMatchObject({ kind: 'posted', status: { creator: 'orch[bot]' } })
    }
    await clock.advance(15 * minuteMs)
  }

  expect(sandbox.requests.filter(({ status }) => status === 401)).toEqual([])
  // A token is replaced between its 55th and its 60th minute, which is at the fourth pass.
  expect(sandbox.requests.filter(({ path }) => path.endsWith('/access_tokens'))).toHaveLength(2 * 3)
  await clock.until(sandbox.close())
}, 120_000)

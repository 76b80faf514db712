import { expect, test } from 'vitest'
import { runChange } from '../../../src/app/run-change.js'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import { createSandbox, type Sandbox } from '../../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../../src/sandbox/scripted-executor.js'
import { defaultRunSettings } from '../../../src/service/commands/create-change-commands.js'
import { connectApp } from '../../../src/service/github-app/app-connection.js'
import { wantedPermissions } from '../../../src/service/github-app/app-permissions.js'
import { createMemoryStore, JournalMemory } from '../../../src/store/memory-store.js'
import { buildWorkflow } from '../../support/example-graph.js'
import { loadGraphQL } from '../../support/load-graphql.js'
import { hasMachineWork } from '../../support/machine-work.js'
import { seededRandom } from '../../support/random.js'
import { TestClock } from '../../support/test-clock.js'
import { graphOfTwoOwners } from '../support/app-world.js'
import '../../../src/app/history/fold-journal.js'
import '../../../src/app/plan/plan-readings.js'
import '../../../src/app/plan/plan-refusal.js'
import '../../../src/app/run/execute-plan.js'
import '../../../src/config/workflow-file.js'

const serverUrl = 'http://127.0.0.1:9'
const branch = 'DPTA-1'
const minuteMs = 60_000

test('an App builds a change over two owners for 100 minutes, and unlocks it with tokens that it replaced on the way', async () => {
  await loadGraphQL()
  const clock = new TestClock(undefined, 12, hasMachineWork)
  const builds = createScriptedExecutor({ clock })
  const sandbox = await createSandbox({ clock, executor: builds, random: seededRandom(1), url: serverUrl })
  const parsed = parseGraphFile(graphOfTwoOwners)
  if (!parsed.ok) throw new Error('the graph file has errors')
  for (const repo of ['acme/lib', 'web/shop']) {
    await sandbox.admin.createRepository(repo)
    await sandbox.admin.commit(repo, 'main', { '.github/workflows/build.yml': buildWorkflow })
    await sandbox.admin.commit(repo, branch, { 'change.txt': 'x' })
    await sandbox.admin.openPull(repo, { head: branch })
    builds.script(repo).concludes('success', { after: 50 * minuteMs })
  }
  const app = await sandbox.admin.createApp({ name: 'Orch', owner: 'acme', permissions: wantedPermissions() })
  for (const owner of ['acme', 'web']) sandbox.admin.installApp(app.slug, owner)
  const startedAt = clock.now()
  const connected = await clock.until(
    connectApp({
      apiUrl: `${serverUrl}/api/v3`,
      credentials: { id: String(app.id), privateKey: app.privateKey },
      clock,
      random: seededRandom(5),
      keepsLimits: false,
      // The clock does not notice that a token is being signed.
      requestTimeoutMs: Infinity,
      fetch: (input, init) => clock.track(sandbox.fetch(new Request(input, init))),
      onLateRefresh: (owner, { message }) => {
        throw new Error(`${owner}: ${message}`)
      },
    }),
  )
  if (!connected.ok) throw new Error(JSON.stringify(connected.problems))

  const driver = { name: 'service', pid: null }
  const driven = await clock.until(
    runChange({
      host: connected.value.host,
      clock,
      graph: parsed.graph,
      branch,
      store: createMemoryStore({ clock, memory: new JournalMemory(), driver, onCancelRequest: () => undefined }),
      random: seededRandom(7),
      settings: defaultRunSettings,
      event: { key: null, isRepeated: false, isNamed: false },
      serverUrl,
      link: serverUrl,
      frontend: {
        openReporter: () => Promise.resolve({ report: () => undefined, close: () => Promise.resolve() }),
        onInterrupt: () => () => undefined,
      },
      note: () => undefined,
      follow: false,
    }),
  )

  expect(driven).toMatchObject({ kind: 'ended', orchestration: { ending: { outcome: 'succeeded' } } })
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(100 * minuteMs)
  expect(refusals(sandbox)).toEqual([])
  // A token lasts an hour.
  expect(sandbox.requests.filter(({ path }) => path.endsWith('/access_tokens')).length).toBe(4)
  for (const repo of ['acme/lib', 'web/shop']) {
    const statuses = sandbox.admin.statuses(repo, (await sandbox.admin.branch(repo, branch)) ?? '')
    expect(statuses.at(-1)).toMatchObject({ state: 'success', context: 'orchestrator-build' })
  }
  await clock.until(sandbox.close())
}, 120_000)

/** The requests that GitHub refused. */
function refusals({ requests }: Sandbox): string[] {
  return requests
    .filter(({ status }) => status === 401 || status === 403)
    .map(({ method, path }) => `${method} ${path}`)
}

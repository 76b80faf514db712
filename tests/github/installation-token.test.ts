import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fixedToken } from '../../src/github/api/token.js'
import { createGitHub, type GitHub } from '../../src/github/github.js'
import type { RepositoryReading } from '../../src/model/change.js'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import { createStatusComments } from '../../src/service/commands/status-comment.js'
import { commentMarker } from '../../src/service/commands/comment-text.js'
import { wantedPermissions } from '../../src/service/github-app/app-permissions.js'
import { sharedKeys } from '../support/app-keys.js'
import { loadGraphQL } from '../support/load-graphql.js'
import { seededRandom } from '../support/random.js'
import { TestClock } from '../support/test-clock.js'

const repo = 'acme/lib'
const branch = 'DPTA-1'
const context = 'orchestrator-build'
const workflow =
  'run-name: "build [orch:${{ inputs.color }}]"\non: { workflow_dispatch: { inputs: { color: {} } } }\njobs: { build: { runs-on: x, steps: [{ run: "true" }] } }\n'
const yes = (): Promise<boolean> => Promise.resolve(true)

let clock: TestClock
let sandbox: Sandbox
let head: string
let token: string

beforeEach(async () => {
  await loadGraphQL()
  clock = new TestClock(undefined, 12)
  const executor = createScriptedExecutor({ clock })
  const fixed = { clock, executor, random: seededRandom(1), url: 'http://127.0.0.1:4000' }
  sandbox = await createSandbox({ ...fixed, generateKeys: sharedKeys() })
  const { admin } = sandbox
  await admin.createRepository(repo)
  await admin.commit(repo, 'main', { '.github/workflows/build.yml': workflow })
  head = await admin.commit(repo, branch, { 'change.txt': 'x' })
  for (const name of ['Orch', 'Other']) {
    const { slug } = await admin.createApp({ name, owner: 'acme', permissions: wantedPermissions() })
    admin.installApp(slug, 'acme')
  }
  token = admin.createInstallationToken('orch', 'acme')
})

afterEach(() => sandbox.close())

function github(of = token): GitHub {
  return createGitHub({
    apiUrl: 'http://127.0.0.1:4000/api/v3',
    token: fixedToken(of),
    clock,
    random: () => 0.5,
    fetch: (input, init) => clock.track(sandbox.fetch(new Request(input, init))),
    keepsLimits: false,
  })
}

async function post(host: GitHub, state: 'pending' | 'success' = 'success'): Promise<void> {
  const status = { repo, headSha: head, context, state, description: 'run:0123456789ab', targetUrl: '' } as const
  const posted = await clock.until(host.postStatus(status, { urgent: false }, yes))
  expect(posted).toMatchObject({ kind: 'posted', status: { creator: 'orch[bot]' } })
}

const byWay = ['GraphQL', 'the REST API alone'] as const

describe.each(byWay)('a status of an App, read by %s', (way) => {
  beforeEach(() => {
    if (way === 'the REST API alone') sandbox.faults.add({ action: { kind: 'graphql-refused' } })
  })

  test('is by the same login in a change, in the pull requests, on earlier heads and in its history', async () => {
    await sandbox.admin.openPull(repo, { head: branch })
    await post(github())
    const host = github()
    const query = { branch, statusContext: context, repositories: [{ repo, workflows: ['build.yml'] }] }

    const [change]: RepositoryReading[] = await clock.until(host.readChange({ ...query, jobStatuses: true }))
    const [listed] = await clock.until(
      host.readPullRequests({ repositories: [repo], statusContext: context, matches: () => true }),
    )
    const history = await clock.until(host.listStatuses({ repo, headSha: head, context }))
    await sandbox.admin.commit(repo, branch, { 'change.txt': 'y' })
    const [earlier] = await clock.until(
      host.readEarlierStatuses({ branch, statusContext: context, repositories: [{ repo, known: [head] }] }),
    )

    const creators = JSON.stringify([change, listed, history, earlier]).match(/"creator":"[^"]*"/gu)
    expect(creators?.length).toBeGreaterThanOrEqual(3)
    expect(new Set(creators)).toEqual(new Set(['"creator":"orch[bot]"']))
  })
})

test('the login of an installation token is the one that REST names as the author', async () => {
  expect(await clock.until(github().login(repo))).toEqual({ ok: true, value: 'orch[bot]' })
})

test('the login of an installation token is unknown where GitHub has no GraphQL', async () => {
  sandbox.faults.add({ action: { kind: 'graphql-refused' } })

  expect(await clock.until(github().login(repo))).toEqual({ ok: true, value: null })
})

test('a run that the App dispatched is its own, and that of another App is not', async () => {
  const start = async (host: GitHub, color: string): Promise<void> => {
    const request = { repo, workflow: 'build.yml', ref: branch, inputs: { color } }
    expect(await clock.until(host.dispatch(request, yes))).toMatchObject({ kind: 'accepted' })
  }
  await start(github(), 'red')
  await start(github(sandbox.admin.createInstallationToken('other', 'acme')), 'blue')

  const listed = await clock.until(github().listRuns({ repo, workflow: 'build.yml', ref: branch, headSha: head }))

  const runs = listed.ok ? listed.value.map(({ title, actor, isOwn }) => ({ title, actor, isOwn })) : []
  expect(runs.sort((a, b) => a.title.localeCompare(b.title))).toEqual([
    { title: 'build [orch:blue]', actor: 'other[bot]', isOwn: false },
    { title: 'build [orch:red]', actor: 'orch[bot]', isOwn: true },
  ])
})

test('the status comment of an App is found again and updated, and one with its marker by somebody else is left', async () => {
  const number = await sandbox.admin.openPull(repo, { head: branch })
  const marker = commentMarker(context)
  const foreign = await clock.until(github(sandbox.token).createComment({ repo, number, body: `${marker}\nmine` }))
  const write = (body: string) =>
    clock.until(
      createStatusComments({ host: github(), statusContext: context }).write({ repo, number }, `${marker}\n${body}`),
    )

  await write('first')
  await write('second')

  const read = await clock.until(github().listComments(repo, number))
  expect(foreign.ok).toBe(true)
  expect(read.ok && read.value.map(({ author, body }) => `${author}: ${body.split('\n')[1]}`)).toEqual([
    'developer: mine',
    'orch[bot]: second',
  ])
})

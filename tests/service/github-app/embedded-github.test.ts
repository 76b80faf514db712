import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runChange } from '../../../src/app/run-change.js'
import type { RepoName } from '../../../src/model/repo-name.js'
import { createStatusComments } from '../../../src/service/commands/status-comment.js'
import { createAnswerComment } from '../../../src/service/commands/answer-comment.js'
import { defaultRunSettings } from '../../../src/service/commands/create-change-commands.js'
import { connectApp, type AppConnection } from '../../../src/service/github-app/app-connection.js'
import { readAppCredentials, type AppCredentials } from '../../../src/service/github-app/app-credentials.js'
import { wantedPermissions } from '../../../src/service/github-app/app-permissions.js'
import { createCheckRunReporter } from '../../../src/service/github-app/check-run-reporter.js'
import { setUpApp } from '../../../src/service/github-app/setup.js'
import { AppWorld, serverUrl } from '../../support/app-door.js'
import { PromiseClock } from '../../support/promise-clock.js'
import { KeptCommands } from '../support/kept-commands.js'
import { createMemoryLog } from '../support/memory-log.js'

const repositories: RepoName[] = ['acme/repoA', 'acme/repoB', 'acme/repoC', 'acme/repoD', 'acme/repoE']

/** An embedded GitHub with the App `orch` on acme, and the change DPTA-1 in repoB. */
class World implements AsyncDisposable {
  readonly app: AppWorld
  readonly credentials: AppCredentials

  private constructor(app: AppWorld, credentials: AppCredentials) {
    this.app = app
    this.credentials = credentials
  }

  static async open(permissions: Record<string, 'read' | 'write'> = wantedPermissions()): Promise<World> {
    const app = await AppWorld.open()
    await app.change('repoB', 'DPTA-1')
    const { admin } = app.sandbox
    const { id, privateKey } = await admin.createApp({ name: 'orch', permissions })
    admin.installApp('orch', 'acme')
    return new World(app, { id: String(id), privateKey })
  }

  async connect(): Promise<AppConnection> {
    const { clock, sandbox } = this.app
    const connecting = connectApp({
      apiUrl: `${serverUrl}/api/v3`,
      credentials: this.credentials,
      clock,
      random: () => 0.5,
      keepsLimits: false,
      // The clock does not notice that the key signs.
      requestTimeoutMs: Infinity,
      fetch: (input, init) => sandbox.fetch(new Request(input, init)),
      onLateRefresh: () => undefined,
    })
    const connected = await clock.until(connecting)
    if (!connected.ok) throw new Error(JSON.stringify(connected.problems))
    return connected.value
  }

  /** The answer of the API to a person. */
  async ask(method: string, path: string, login: string, body?: unknown): Promise<unknown> {
    const { sandbox } = this.app
    const request = new Request(`${serverUrl}/repos/acme/repoB${path}`, {
      method,
      headers: { authorization: `Bearer ${sandbox.admin.createToken(login)}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await sandbox.fetch(request)).json()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]()
  }
}

test('as an App, a change is built and unlocked, with statuses and a check run of the App', async () => {
  await using world = await World.open()
  const { clock, graph, sandbox } = world.app
  const { host, check } = await world.connect()
  expect(await clock.until(check(repositories))).toEqual({ problems: [], notes: [] })

  const reporter = createCheckRunReporter({ host, clock, log: createMemoryLog() })
  const request = {
    ...world.app.process('service').ports,
    host,
    graph,
    branch: 'DPTA-1',
    settings: defaultRunSettings,
    event: { key: null, isRepeated: false, isNamed: false },
    serverUrl,
    link: 'https://github.test/pulls',
    frontend: { openReporter: () => Promise.resolve(reporter), onInterrupt: () => () => undefined },
    follow: false,
  }
  const run = await clock.until(runChange(request))

  expect(run).toMatchObject({ kind: 'ended', orchestration: { ending: { outcome: 'succeeded' } } })
  const sha = (await sandbox.admin.branch('acme/repoB', 'DPTA-1')) ?? ''
  const statuses = sandbox.admin.statuses('acme/repoB', sha)
  expect(statuses.at(-1)).toMatchObject({ state: 'success', creator: 'orch[bot]' })
  expect(await world.ask('GET', `/commits/${sha}/check-runs?check_name=orch`, 'mona')).toMatchObject({
    total_count: 1,
    check_runs: [{ name: 'orch', status: 'completed', conclusion: 'success', app: { slug: 'orch' } }],
  })
})

test('as an App, a command in a comment is answered by reactions and one comment of the App', async () => {
  await using world = await World.open()
  const { clock, sandbox } = world.app
  sandbox.admin.setRole('mona', 'write')
  sandbox.admin.setRole('reader', 'read')
  const { host } = await world.connect()
  const commands = new KeptCommands(world.app)
  const { graph } = world.app
  const statusComments = createStatusComments({ host, statusContext: graph.statusContext })
  const runComments = { expect: () => Promise.resolve() }
  const answer = createAnswerComment({ host, graph, commands, log: createMemoryLog(), statusComments, runComments })
  const say = async (author: string, body: string): Promise<number> => {
    const { id } = (await world.ask('POST', '/issues/1/comments', author, { body })) as { id: number }
    const answered = await clock.until(answer({ repo: 'acme/repoB', number: 1, commentId: id, author, body }))
    expect(answered.kind).toBe('answered')
    return id
  }

  const first = await say('mona', '/orch status')
  await say('mona', '/orch run')
  const refused = await say('reader', '/orch run')

  expect(commands.asked).toEqual(['status DPTA-1', 'run DPTA-1 by @mona'])
  const reactions = (id: number): Promise<unknown> => world.ask('GET', `/issues/comments/${id}/reactions`, 'mona')
  expect(await reactions(first)).toMatchObject([{ content: 'eyes' }, { content: 'rocket' }])
  expect(await reactions(refused)).toMatchObject([{ content: '-1' }])
  const comments = (await world.ask('GET', '/issues/1/comments', 'mona')) as { user: { login: string }; body: string }[]
  const own = comments.filter(({ user }) => user.login === 'orch[bot]')
  expect(own).toHaveLength(1)
  expect(own[0]?.body).toContain('`/orch run` by `mona`: The run is queued.')
})

test('an App without optional permissions works, and the check says what is left out', async () => {
  await using world = await World.open({ actions: 'write', contents: 'read', pull_requests: 'read', statuses: 'write' })
  const { check } = await world.connect()

  const { problems, notes } = await world.app.clock.until(check(repositories))

  expect(problems).toEqual([])
  expect(notes.join('\n')).toContain('Checks: write')
})

test('an App on selected repositories lacks the others', async () => {
  await using world = await World.open()
  world.app.sandbox.admin.installApp('orch', 'acme', ['acme/repoA', 'acme/repoB'])
  const { check } = await world.connect()

  const { problems } = await world.app.clock.until(check(repositories))

  expect(problems.map(({ message }) => message)).toEqual([
    'the installation of the GitHub App orch on acme does not include acme/repoC, acme/repoD, acme/repoE',
  ])
})

test('an App that is suspended while the service runs is a clear failure, until it is allowed again', async () => {
  await using world = await World.open()
  const { clock, sandbox } = world.app
  const { host, forget } = await world.connect()
  const read = (): ReturnType<typeof host.readPermission> => clock.until(host.readPermission('acme/repoB', 'developer'))
  expect(await read()).toMatchObject({ ok: true })

  sandbox.admin.suspendApp('orch', 'acme')
  forget()
  expect(JSON.stringify(await read())).toContain('the installation of the GitHub App orch on acme is suspended')

  sandbox.admin.suspendApp('orch', 'acme', false)
  await clock.advance(60_000)
  expect(await read()).toMatchObject({ ok: true })
})

test('orch serve --setup creates an App on the embedded GitHub that logs in with what was stored', async () => {
  await using world = await World.open()
  const { sandbox, graph } = world.app
  const { url } = await sandbox.listen(0)
  const directory = await mkdtemp(join(tmpdir(), 'orch-setup-'))
  try {
    const appFile = join(directory, 'app.json')
    const printed: string[] = []
    const ended = setUpApp({
      graph,
      apiUrl: `${url}/api/v3`,
      serverUrl: url,
      serviceUrl: 'http://127.0.0.1:7345',
      appFile,
      clock: new PromiseClock(),
      keepsLimits: false,
      requestTimeoutMs: Infinity,
      print: (line) => void printed.push(line),
      signal: new AbortController().signal,
    })
    await expect.poll(() => printed[0]).toContain('http://127.0.0.1:')
    const page = await (await fetch(/http:\/\/127\.0\.0\.1:\d+\//u.exec(printed[0] ?? '')?.[0] ?? '')).text()

    const proposed = await submit(...formOf(page, /organizations/u), {})
    const confirmed = await submit(...formOf(await proposed.text(), /settings\/apps$/u, proposed.url), {
      token: sandbox.token,
    })

    expect(await confirmed.text()).toContain('The GitHub App was created')
    expect(await ended).toMatchObject({ ok: true, value: { slug: 'orch-acme' } })
    const stored = await readAppCredentials({ env: {}, directory, appFile })
    sandbox.admin.installApp('orch-acme', 'acme')
    Object.assign(world.credentials, stored.ok ? stored.value : {})
    const { check, login } = await world.connect()
    expect(login).toBe('orch-acme[bot]')
    expect(await world.app.clock.until(check(repositories))).toEqual({ problems: [], notes: [] })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

/** The address and the hidden fields of the form on a page whose action matches. */
function formOf(html: string, action: RegExp, base?: string): [string, Record<string, string>] {
  const text = (part: string): string =>
    part
      .replace(/&#(\d+);/gu, (_whole, code: string) => String.fromCharCode(Number(code)))
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
  for (const [form] of html.matchAll(/<form[^>]*>[\s\S]*?<\/form>/gu)) {
    const target = text(/action="([^"]*)"/u.exec(form)?.[1] ?? '')
    const href = target === '' && base !== undefined ? base : new URL(target, base).href
    if (!action.test(new URL(href).pathname)) continue
    const inputs = [...form.matchAll(/<input[^>]*>/gu)].map(([input]) => {
      const value = (name: string): string => text(new RegExp(`${name}="([^"]*)"`, 'u').exec(input)?.[1] ?? '')
      return [value('name'), value('value')] as const
    })
    return [href, Object.fromEntries(inputs)]
  }
  throw new Error(`no form for ${String(action)} in ${html}`)
}

/** Submits a form as a browser does. */
function submit(url: string, fields: Record<string, string>, filled: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams({ ...fields, ...filled }) })
}

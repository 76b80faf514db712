import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fixedToken } from '../../src/github/api/token.js'
import { createGitHub } from '../../src/github/github.js'
import type { RepositoryReading } from '../../src/model/change.js'
import type { DispatchResult, RunSearch } from '../../src/ports/host/builds.js'
import type { Host } from '../../src/ports/host/host.js'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.js'
import { createScriptedExecutor, type ScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import { seededRandom } from '../support/random.js'
import { TestClock } from '../support/test-clock.js'

const repo = 'acme/lib'
const branch = 'DPTA-1'
const context = 'orchestrator-build'
const workflow =
  'on: { workflow_dispatch: { inputs: { color: {} } } }\njobs: { build: { runs-on: x, steps: [{ run: "true" }] } }\n'
const markedWorkflow = `run-name: "build [orch:\${{ inputs.color }}]"\n${workflow}`
const yes = (): Promise<boolean> => Promise.resolve(true)

let clock: TestClock
let sandbox: Sandbox
let executor: ScriptedExecutor
let head: string

afterEach(() => sandbox.close())

function github(token: string | null = sandbox.token): Host {
  return createGitHub({
    apiUrl: 'http://127.0.0.1:4000/api/v3',
    token: token === null ? null : fixedToken(token),
    clock,
    random: () => 0.5,
    fetch: (input, init) => clock.track(sandbox.fetch(input, init)),
    keepsLimits: false,
  })
}

async function read(token?: string, name = repo): Promise<RepositoryReading> {
  const query = { branch, statusContext: context, repositories: [{ repo: name, workflows: ['build.yml', 'no.yml'] }] }
  const [reading] = await clock.until(github(token).readChange(query))
  return reading!
}

function dispatch(fields: object = {}): Promise<DispatchResult> {
  const request = { repo, workflow: 'build.yml', ref: branch, inputs: {}, ...fields }
  return clock.until(github().dispatch(request, yes))
}

describe.each(['GraphQL', 'the REST API alone'] as const)('by %s', (way) => {
  beforeEach(async () => {
    clock = new TestClock(undefined, 12)
    executor = createScriptedExecutor({ clock })
    sandbox = await createSandbox({ clock, executor, random: seededRandom(1), url: 'http://127.0.0.1:4000' })
    await sandbox.admin.createRepository(repo)
    await sandbox.admin.commit(repo, 'main', {
      '.github/workflows/build.yml': workflow,
      '.github/workflows/marked.yml': markedWorkflow,
    })
    head = await sandbox.admin.commit(repo, branch, { 'change.txt': 'x' })
    if (way === 'the REST API alone') sandbox.faults.add({ action: { kind: 'graphql-refused' } })
  })

  test('a member is read with its pull request, status and workflow files', async () => {
    const number = await sandbox.admin.openPull(repo, { head: branch, title: 'A change' })
    const post = {
      repo,
      headSha: head,
      context,
      state: 'pending' as const,
      description: 'run:0123456789ab',
      targetUrl: '',
    }
    await clock.until(github().postStatus(post, { urgent: false }, yes))

    expect(await read()).toMatchObject({
      kind: 'read',
      repo,
      isArchived: false,
      defaultBranch: 'main',
      defaultBranchSha: await sandbox.admin.branch(repo, 'main'),
      headSha: head,
      pullRequests: [{ number, title: 'A change', headRef: branch, headSha: head, baseRef: 'main', isFork: false }],
      sameHead: [],
      status: {
        state: 'pending',
        context,
        description: 'run:0123456789ab',
        creator: 'developer',
        createdAt: clock.now(),
      },
      workflows: [
        { workflow: 'build.yml', atHead: workflow, atDefaultBranch: workflow },
        { workflow: 'no.yml', atHead: null, atDefaultBranch: null },
      ],
    })
  })

  test('a repository without the branch is distinguished from a repository that does not exist', async () => {
    await sandbox.admin.createRepository('acme/other')
    await sandbox.admin.commit('acme/other', 'main', { a: 'b' })

    expect(await read(undefined, 'acme/other')).toMatchObject({ kind: 'read', headSha: null, pullRequests: [] })
    expect(await read(undefined, 'acme/none')).toMatchObject({ kind: 'unreadable', failure: { kind: 'not-found' } })
  })

  test("a fork's pull request of the same commit is read, but does not belong to the change", async () => {
    await sandbox.admin.openPull(repo, { head: branch })
    await sandbox.admin.forkRepository(repo, 'stranger/lib')
    const foreign = await sandbox.admin.openPull(repo, { head: branch, from: 'stranger/lib' })

    const reading = await read()

    expect(reading).toMatchObject({ pullRequests: [{ isFork: false }], sameHead: [{ number: foreign, isFork: true }] })
  })

  test('the failure of a renamed repository names its new name', async () => {
    sandbox.admin.renameRepository(repo, 'library')

    expect(await read()).toMatchObject({
      kind: 'unreadable',
      failure: { kind: 'renamed', message: 'the repository acme/lib is now called acme/library' },
    })
  })

  test('an archived repository is read as archived, and refuses statuses as archived', async () => {
    sandbox.admin.archiveRepository(repo)
    const post = { repo, headSha: head, context, state: 'pending' as const, description: 'x', targetUrl: '' }

    expect(await read()).toMatchObject({ kind: 'read', isArchived: true })
    expect(await clock.until(github().postStatus(post, { urgent: false }, yes))).toMatchObject({
      kind: 'failed',
      failure: { kind: 'archived' },
    })
  })

  test('a refused token is distinguished from a missing one', async () => {
    const query = { branch, statusContext: context, repositories: [{ repo, workflows: [] }] }
    const [refused] = await clock.until(github('ghp_unknown').readChange(query))
    const post = { repo, headSha: head, context, state: 'pending' as const, description: 'x', targetUrl: '' }
    const missing = await clock.until(github(null).postStatus(post, { urgent: false }, yes))

    expect(refused).toMatchObject({
      kind: 'unreadable',
      failure: { kind: 'unauthorized', message: expect.stringContaining('refused the token') as string },
    })
    expect(missing).toMatchObject({
      kind: 'failed',
      failure: { kind: 'unauthorized', message: expect.stringContaining('requires a token') as string },
    })
  })

  test('the failure of a token without a permission names the permission', async () => {
    await sandbox.admin.createRepository('acme/secret', { private: true })
    for (const name of ['main', branch]) await sandbox.admin.commit('acme/secret', name, { a: name })
    const token = sandbox.admin.createToken('reader', { 'acme/secret': { metadata: 'read', contents: 'read' } })

    expect(await read(token, 'acme/secret')).toMatchObject({
      kind: 'unreadable',
      failure: {
        kind: 'forbidden',
        permission: 'pull_requests=read',
        remedy: expect.stringContaining('Pull requests: read on acme/secret') as string,
      },
    })
  })

  test('pull requests are read one by one and by the names of their branches', async () => {
    const number = await sandbox.admin.openPull(repo, { head: branch })
    await sandbox.admin.commit(repo, 'else', { 'else.txt': 'x' })
    await sandbox.admin.openPull(repo, { head: 'else' })
    const query = { repositories: [repo], statusContext: context, matches: (name: string) => name.startsWith('DPTA-') }

    expect(await clock.until(github().readPullRequests(query))).toMatchObject([
      { repo, read: { ok: true, value: [{ pullRequest: { number }, status: null }] } },
    ])
    expect(await clock.until(github().readPullRequest(repo, number))).toMatchObject({ value: { state: 'open' } })
    await sandbox.admin.mergePull(repo, number)
    expect(await clock.until(github().readPullRequest(repo, number))).toEqual({
      ok: true,
      value: { number, state: 'merged', headSha: head, baseRef: 'main' },
    })
  })

  test('branches are listed by the prefix of their names', async () => {
    for (const name of ['DPTA-12', 'DPTA-2']) await sandbox.admin.commit(repo, name, { p: name })

    expect(await clock.until(github().listBranches(repo, 'DPTA-1'))).toEqual({ ok: true, value: ['DPTA-1', 'DPTA-12'] })
  })

  test('a dispatch returns its run, which can be read until it succeeds', async () => {
    const result = await dispatch({ inputs: { color: 'red' } })
    if (result.kind !== 'accepted') throw new Error(JSON.stringify(result))
    await clock.until(sandbox.admin.idle())

    expect(await clock.until(github().readRun(repo, result.runId))).toMatchObject({
      kind: 'run',
      run: {
        id: result.runId,
        headSha: head,
        status: 'completed',
        conclusion: 'success',
        runAttempt: 1,
        url: result.url,
      },
    })
    expect(await clock.until(github().readRun(repo, result.runId + 1000))).toEqual({ kind: 'absent' })
  })

  test.each([
    ['a missing workflow', { workflow: 'no.yml' }, 'not-found'],
    ['a missing branch', { ref: 'DPTA-9' }, 'invalid-request'],
    ['an undeclared input', { inputs: { colour: 'red' } }, 'invalid-request'],
  ])('a dispatch is refused because of %s', async (_what, fields, kind) => {
    expect(await dispatch(fields)).toMatchObject({ kind: 'refused', failure: { kind } })
    expect(sandbox.admin.runs(repo)).toEqual([])
  })

  test.each([
    ['a connection cut after the request', { kind: 'disconnect-after' as const }, 1],
    ['a bad gateway after the request', { kind: 'respond-after' as const, status: 502 }, 1],
    ['a bad gateway before it', { kind: 'respond' as const, status: 502 }, 0],
  ])('a dispatch is ambiguous after %s, and is not sent again', async (_what, action, runs) => {
    sandbox.faults.add({ method: 'POST', path: /dispatches$/u, action })

    expect(await dispatch()).toMatchObject({ kind: 'ambiguous' })
    expect(sandbox.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
    expect(sandbox.admin.runs(repo)).toHaveLength(runs)
  })

  test('a status is posted again after GitHub accepted it and the connection broke', async () => {
    sandbox.faults.add({ method: 'POST', path: /statuses/u, times: 1, action: { kind: 'disconnect-after' } })
    const post = {
      repo,
      headSha: head,
      context,
      state: 'success' as const,
      description: 'run:0123456789ab',
      targetUrl: 'https://example.com/',
    }

    expect(await clock.until(github().postStatus(post, { urgent: false }, yes))).toMatchObject({
      kind: 'posted',
      status: { state: 'success', targetUrl: 'https://example.com/' },
    })
    expect(sandbox.admin.statuses(repo, head)).toHaveLength(2)
  })

  test('the history of a context is listed newest first, down to a status', async () => {
    const ids: number[] = []
    for (const state of ['pending', 'success', 'pending'] as const) {
      const post = { repo, headSha: head, context, state, description: state, targetUrl: '' }
      const posted = await clock.until(github().postStatus(post, { urgent: false }, yes))
      if (posted.kind === 'posted') ids.unshift(posted.status.id)
    }
    const query = { repo, headSha: head, context: 'Orchestrator-Build' }

    expect(await clock.until(github().listStatuses(query))).toMatchObject({ value: ids.map((id) => ({ id })) })
    expect(await clock.until(github().listStatuses({ ...query, downTo: ids[1]! }))).toMatchObject({
      value: ids.map((id) => ({ id })),
    })
    expect(await clock.until(github().listStatuses({ ...query, newestOnly: true }))).toMatchObject({
      value: [{ id: ids[0] }],
    })
  })

  test('a failed run is explained by its workflow job, step and log', async () => {
    executor
      .script(repo)
      .concludes('failure', { log: ['expected 1, got 2', '##[error]Process completed with exit code 1.'] })
    const result = await dispatch()
    if (result.kind !== 'accepted') throw new Error(JSON.stringify(result))
    await clock.until(sandbox.admin.idle())

    const read = await clock.until(
      github().explainFailure(repo, { runId: result.runId, runAttempt: 1, url: result.url }),
    )

    expect(read).toMatchObject({ ok: true, value: { workflowJob: 'build' } })
    if (!read.ok) throw new Error(read.failure.message)
    expect(read.value.logFailure).toBeUndefined()
    expect(read.value.step).not.toBeNull()
    expect(read.value.logTail.join('\n')).toContain('expected 1, got 2')
  })

  test('a second cancel of a run finds nothing left to cancel', async () => {
    executor.script(repo).holds()
    const result = await dispatch()
    if (result.kind !== 'accepted') throw new Error(JSON.stringify(result))
    await clock.until(executor.whenStarted(repo))

    expect(await clock.until(github().cancelRun(repo, result.runId, { force: false, urgent: true }))).toEqual({
      kind: 'requested',
    })
    await clock.until(sandbox.admin.idle())
    expect(await clock.until(github().readRun(repo, result.runId))).toMatchObject({ run: { conclusion: 'cancelled' } })
    expect(await clock.until(github().cancelRun(repo, result.runId, { force: true, urgent: true }))).toEqual({
      kind: 'finished',
    })
  })

  test('a dispatch waits until the reset of a used-up rate limit, and is then sent once', async () => {
    sandbox.admin.setRateLimit('developer', 5000, 0)
    const start = clock.now()

    expect(await dispatch()).toMatchObject({ kind: 'accepted' })
    expect(clock.now() - start).toBeGreaterThanOrEqual(59 * 60_000)
    expect(sandbox.admin.runs(repo)).toHaveLength(1)
  })

  /** Dispatches whose answers were lost: their runs exist, but their ids are unknown. */
  async function dispatchUnanswered(fields: object = {}, token?: string): Promise<number> {
    const remove = sandbox.faults.add({ method: 'POST', path: /dispatches$/u, action: { kind: 'disconnect-after' } })
    const request = { repo, workflow: 'build.yml', ref: branch, inputs: {}, ...fields }
    expect(await clock.until(github(token).dispatch(request, yes))).toMatchObject({ kind: 'ambiguous' })
    remove()
    return sandbox.admin.runs(repo).at(-1)!.id
  }

  async function found(fields: Partial<RunSearch> = {}, token?: string): Promise<number[]> {
    const search = { repo, workflow: 'build.yml', ref: branch, headSha: head, createdSince: clock.now(), marker: null }
    const result = await clock.until(github(token).findRuns({ ...search, ...fields }))
    if (!result.ok) throw new Error(result.failure.message)
    return result.value.map(({ runId }) => runId)
  }

  test('the run of an unanswered dispatch is found by its marker among others of the same commit', async () => {
    const createdSince = clock.now()
    await dispatchUnanswered({ workflow: 'marked.yml', inputs: { color: 'red' } })
    const wanted = await dispatchUnanswered({ workflow: 'marked.yml', inputs: { color: 'green' } })

    expect(await found({ workflow: 'marked.yml', createdSince, marker: '[orch:green]' })).toEqual([wanted])
    expect(await found({ workflow: 'marked.yml', createdSince, marker: '[orch:blue]' })).toEqual([])
    expect(await found({ createdSince, marker: '[orch:green]' })).toEqual([])
  })

  test('without a marker the run is found by its commit and the time of the intent', async () => {
    await dispatchUnanswered()
    await clock.advance(1000)
    const createdSince = clock.now()
    const wanted = await dispatchUnanswered()

    expect(await found({ createdSince })).toEqual([wanted])
    expect(await found({ createdSince: createdSince + 999 })).toEqual([wanted])
    expect(await found({ createdSince: createdSince + 1000 })).toEqual([])
  })

  test('without a marker a run that was created in the second of a later dispatch is not found for the earlier one', async () => {
    const createdSince = clock.now()
    const wanted = await dispatchUnanswered()
    await clock.advance(2000)
    const createdUntil = clock.now()
    const later = await dispatchUnanswered()

    expect(await found({ createdSince, createdUntil })).toEqual([wanted])
    expect((await found({ createdSince })).sort()).toEqual([wanted, later].sort())
  })

  test('the search for a run finds every candidate', async () => {
    const createdSince = clock.now()
    const ids = [await dispatchUnanswered(), await dispatchUnanswered()]

    expect((await found({ createdSince })).sort((a, b) => a - b)).toEqual(ids)
  })

  test('a run that was never created is not found', async () => {
    sandbox.faults.add({ method: 'POST', path: /dispatches$/u, times: 1, action: { kind: 'disconnect' } })

    expect(await dispatch()).toMatchObject({ kind: 'ambiguous' })
    expect(await found()).toEqual([])
  })

  test('the search for a run excludes runs of another branch, commit, workflow or actor', async () => {
    const createdSince = clock.now()
    await sandbox.admin.commit(repo, 'DPTA-2', { other: 'x' })
    const stranger = sandbox.admin.createToken('stranger')
    await dispatchUnanswered({ ref: 'DPTA-2' })
    await dispatchUnanswered({ workflow: 'marked.yml' })
    const foreign = await dispatchUnanswered({}, stranger)
    const newHead = await sandbox.admin.commit(repo, branch, { 'change.txt': 'y' })
    const moved = await dispatchUnanswered()

    expect(await found({ createdSince })).toEqual([])
    expect(await found({ createdSince }, stranger)).toEqual([foreign])
    expect(await found({ createdSince, headSha: newHead })).toEqual([moved])
  })

  test("GitHub's time is that of its answers, and advances with the local clock", async () => {
    const instance = github()
    expect(instance.serverTime()).toBeNull()

    await clock.until(instance.readRun(repo, 1))
    expect(instance.serverTime()).toBe(clock.now())
    await clock.advance(90_500)
    expect(instance.serverTime()).toBe(clock.now())
  })

  test('an Enterprise Server that refuses return_run_details starts one run, which is then found', async () => {
    const createdSince = clock.now()
    const body = { message: 'Invalid request.\n\n"return_run_details" is not a permitted key.' }
    sandbox.faults.add({
      method: 'POST',
      path: /dispatches$/u,
      times: 1,
      action: { kind: 'respond', status: 422, body },
    })

    expect(await dispatch()).toMatchObject({ kind: 'ambiguous', failure: { kind: 'unexpected-answer' } })
    const runs = sandbox.admin.runs(repo)
    expect(runs).toHaveLength(1)
    expect(await found({ createdSince })).toEqual(runs.map(({ id }) => id))
  })
})

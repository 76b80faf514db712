import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import type { Executor } from '../../../src/sandbox/executor.js'
import type { ApiWorld } from './world.js'
import { at, createApiWorld, HeldExecutor, job, START, temporaryDirectory, WORKFLOW } from './world.js'

const repo = '/repos/acme/lib'
const workflow = `${repo}/actions/workflows/build.yml`

interface ActionsWorld extends ApiWorld {
  executor: HeldExecutor
  /** Dispatches the workflow and returns the ID of its run. */
  dispatch(body?: Record<string, unknown>): Promise<number>
  run(id: number, rest?: string): Promise<unknown>
}

async function createWorld(options: { concurrentRuns?: number } = {}): Promise<ActionsWorld> {
  const executor = new HeldExecutor()
  const world = await createApiWorld({ executor, ...options })
  return {
    ...world,
    executor,
    async dispatch(body = {}) {
      const sent = { ref: 'main', return_run_details: true, ...body }
      const { status, body: answer } = await world.json('POST', `${workflow}/dispatches`, sent)
      expect(status, JSON.stringify(answer)).toBe(200)
      return Number(at(answer, 'workflow_run_id'))
    },
    run: async (id, rest = '') => (await world.json('GET', `${repo}/actions/runs/${id}${rest}`)).body,
  }
}

/** Waits until pending callbacks have run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('dispatch', () => {
  test('a dispatch returns 204, or 200 with the run if the request asks for the run details', async () => {
    const world = await createWorld()
    const plain = await world.call('POST', `${workflow}/dispatches`, { ref: 'main' })
    const detailed = await world.json('POST', `${workflow}/dispatches`, { ref: 'main', return_run_details: true })
    const id = Number(at(detailed.body, 'workflow_run_id'))

    expect([plain.status, await plain.text()]).toEqual([204, ''])
    expect(id).toBeGreaterThan(2 ** 31)
    expect(detailed.body).toEqual({
      workflow_run_id: id,
      run_url: `http://127.0.0.1/api/v3${repo}/actions/runs/${id}`,
      html_url: `http://127.0.0.1/acme/lib/actions/runs/${id}`,
    })
    expect(world.sandbox.admin.runs('acme/lib')).toHaveLength(2)
  })

  test('a dispatch runs the workflow file at the head of the ref, with the defaults of the inputs', async () => {
    const world = await createWorld()
    const text = WORKFLOW.replace('run: make', 'run: make all')
    const head = await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { '.github/workflows/build.yml': text })
    const id = await world.dispatch({ ref: 'DPTA-1', inputs: { orch_id: 'o1' } })
    const execution = await world.executor.of(id)

    expect(execution).toMatchObject({
      repo: 'acme/lib',
      runId: id,
      runNumber: 1,
      runAttempt: 1,
      workflowPath: '.github/workflows/build.yml',
      workflowText: text,
      event: 'workflow_dispatch',
      ref: 'refs/heads/DPTA-1',
      sha: head,
      actor: 'developer',
      inputs: { orch_id: 'o1', level: 'low' },
      apiUrl: 'http://127.0.0.1/api/v3',
      serverUrl: 'http://127.0.0.1',
    })
    expect(await world.run(id)).toMatchObject({
      name: 'Build',
      display_title: 'Build DPTA-1 [o1]',
      head_branch: 'DPTA-1',
      head_sha: head,
      event: 'workflow_dispatch',
      actor: { login: 'developer' },
      run_attempt: 1,
    })
    const directory = await temporaryDirectory()
    await execution.checkout({ directory })
    expect(await readFile(join(directory, '.github/workflows/build.yml'), 'utf8')).toBe(text)
    await expect(execution.checkout({ directory, repo: 'acme/none' })).rejects.toThrow('acme/none does not exist')
    await expect(execution.checkout({ directory, ref: 'none' })).rejects.toThrow('acme/lib has no ref none')
  })

  test.each<[string, Record<string, unknown>, string | RegExp]>([
    ['a ref that does not exist', { ref: 'none' }, 'No ref found for: none'],
    ['a SHA', { ref: 'a'.repeat(40) }, `No ref found for: ${'a'.repeat(40)}`],
    ['the head of a pull request', { ref: 'refs/pull/1/head' }, 'No ref found for: refs/pull/1/head'],
    ['an input that is not declared', { ref: 'main', inputs: { x: '1' } }, 'Unexpected inputs provided: ["x"]'],
    ['an input without its value', { ref: 'strict' }, "Required input 'needed' not provided"],
    [
      'a value that is not a choice',
      { ref: 'main', inputs: { level: 'max' } },
      "Provided value 'max' for input 'level' not in the list of allowed values",
    ],
    ['a ref without the trigger', { ref: 'push-only' }, "Workflow does not have 'workflow_dispatch' trigger"],
    ['a ref without the file', { ref: 'no-file' }, "Workflow does not have 'workflow_dispatch' trigger"],
    ['a file that is not a workflow', { ref: 'broken' }, /^failed to parse workflow: /],
    ['no ref', {}, `Invalid request.\n\n"ref" wasn't supplied.`],
    ['a ref that is not a string', { ref: 1 }, `Invalid request.\n\nFor 'properties/ref', 1 is not a string.`],
    ['an unknown key', { ref: 'main', more: 1 }, `Invalid request.\n\n"more" is not a permitted key.`],
    [
      '26 inputs',
      { ref: 'main', inputs: Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`i${index}`, ''])) },
      'Invalid request.\n\nNo more than 25 properties are allowed; 26 were supplied.',
    ],
  ])('a dispatch with %s is rejected with 422', async (_case, body, message) => {
    const world = await createWorld()
    const file = '.github/workflows/build.yml'
    const { admin } = world.sandbox
    await admin.commit('acme/lib', 'strict', {
      [file]: 'on: { workflow_dispatch: { inputs: { needed: { required: true } } } }\njobs: {}\n',
    })
    await admin.commit('acme/lib', 'push-only', { [file]: 'on: push\njobs: {}\n' })
    await admin.commit('acme/lib', 'no-file', { [file]: null })
    await admin.commit('acme/lib', 'broken', { [file]: 'on: [\n' })
    const answer = await world.json('POST', `${workflow}/dispatches`, body)

    expect(answer.status).toBe(422)
    if (typeof message === 'string') expect(at(answer.body, 'message')).toBe(message)
    else expect(at(answer.body, 'message')).toMatch(message)
    expect(admin.runs()).toEqual([])
  })

  test('a dispatch finds a workflow only on the default branch, by file, path or ID', async () => {
    const world = await createWorld()
    await world.sandbox.admin.commit('acme/lib', 'other', { '.github/workflows/new.yml': WORKFLOW })
    const id = at((await world.json('GET', workflow)).body, 'id')
    const send = async (named: string): Promise<number> =>
      (await world.call('POST', `${repo}/actions/workflows/${named}/dispatches`, { ref: 'other' })).status

    expect(await send('new.yml')).toBe(404)
    expect(await send(String(id))).toBe(204)
    expect(await send(encodeURIComponent('.github/workflows/build.yml'))).toBe(204)
    expect(await send('..%2F..%2FREADME.md')).toBe(404)
    expect(await send('1')).toBe(404)
  })

  test('a dispatch of a disabled workflow is rejected', async () => {
    const world = await createWorld()
    await world.json('GET', workflow)
    world.sandbox.admin.setWorkflowState('acme/lib', '.github/workflows/build.yml', 'disabled_manually')

    expect((await world.call('POST', `${workflow}/dispatches`, { ref: 'main' })).status).toBe(422)
  })

  test('a workflow can be disabled and enabled through the API by a token that may write Actions', async () => {
    const world = await createWorld()
    const state = async (): Promise<unknown> => at(await world.json('GET', workflow), 'body', 'state')
    const reader = world.sandbox.admin.createToken('reader', { 'acme/lib': { actions: 'read' } })

    expect((await world.call('PUT', `${workflow}/disable`, undefined, { token: reader })).status).toBe(403)
    expect((await world.call('PUT', `${workflow}/disable`)).status).toBe(204)
    expect(await state()).toBe('disabled_manually')
    expect((await world.call('PUT', `${workflow}/enable`)).status).toBe(204)
    expect(await state()).toBe('active')
    expect((await world.call('PUT', `${repo}/actions/workflows/other.yml/disable`)).status).toBe(404)
  })

  test.each([
    ['flag', 'yes', 422],
    ['flag', 'true', 204],
    ['size', 'many', 422],
    ['size', '1.5', 204],
  ])('a dispatch with the input %s: %s is answered with %i', async (name, value, status) => {
    const world = await createWorld()
    const text =
      'on: { workflow_dispatch: { inputs: { flag: { type: boolean }, size: { type: number } } } }\njobs: {}\n'
    await world.sandbox.admin.commit('acme/lib', 'main', { '.github/workflows/build.yml': text })
    const body = { ref: 'main', inputs: { [name]: value } }

    expect((await world.call('POST', `${workflow}/dispatches`, body)).status).toBe(status)
  })

  test('a repository_dispatch runs the workflows of the default branch that subscribe to its type', async () => {
    const world = await createWorld()
    const { admin } = world.sandbox
    await admin.commit('acme/lib', 'main', {
      '.github/workflows/any.yml': 'on: repository_dispatch\njobs: {}\n',
      '.github/workflows/some.yml': 'on: { repository_dispatch: { types: [go] } }\njobs: {}\n',
    })
    const send = async (body: unknown): Promise<number> => (await world.call('POST', `${repo}/dispatches`, body)).status

    expect(await send({ event_type: 'stop', client_payload: { branch: 'x' } })).toBe(204)
    expect(await send({ event_type: 'go' })).toBe(204)
    expect(admin.runs('acme/lib').map((run) => [run.workflowPath, run.displayTitle, run.event])).toEqual([
      ['.github/workflows/any.yml', 'stop', 'repository_dispatch'],
      ['.github/workflows/any.yml', 'go', 'repository_dispatch'],
      ['.github/workflows/some.yml', 'go', 'repository_dispatch'],
    ])
    const large = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, 1]))
    expect(await send({ event_type: 'go', client_payload: large })).toBe(422)
    expect(await send({ event_type: 'x'.repeat(101) })).toBe(422)
  })

  test('a repository_dispatch passes its payload to the run and to the name of the run', async () => {
    const world = await createWorld()
    const text =
      'run-name: "${{ github.event.action }} ${{ github.event.client_payload.to.id }} of ${{ github.repository }}"'
    await world.sandbox.admin.commit('acme/lib', 'main', {
      '.github/workflows/any.yml': `${text}\non: repository_dispatch\njobs: {}\n`,
    })
    const clientPayload = { to: { id: 'o1' }, list: [1, true, null] }
    await world.call('POST', `${repo}/dispatches`, { event_type: 'go', client_payload: clientPayload })
    const [run] = world.sandbox.admin.runs()

    expect(run?.displayTitle).toBe('go o1 of acme/lib')
    expect((await world.executor.of(run?.id ?? 0)).dispatch).toEqual({ eventType: 'go', clientPayload })
  })
})

describe('workflow run', () => {
  test('a run is queued, then in progress from its first job on, then completed with the conclusion of its execution', async () => {
    const world = await createWorld()
    const id = await world.dispatch()
    const execution = await world.executor.of(id)
    expect(await world.run(id)).toMatchObject({ status: 'queued', conclusion: null })

    world.clock.advance(5_000)
    execution.update([job()])
    expect(await world.run(id)).toMatchObject({ status: 'in_progress', updated_at: '2026-01-02T03:04:10Z' })
    execution.update([job({ status: 'completed', conclusion: 'failure', completedAt: START + 9_000 })])
    world.executor.end(execution, 'failure')
    await world.sandbox.admin.idle()

    expect(await world.run(id)).toMatchObject({
      status: 'completed',
      conclusion: 'failure',
      created_at: '2026-01-02T03:04:05Z',
      run_started_at: '2026-01-02T03:04:05Z',
    })
    expect(await world.run(id, '/jobs')).toMatchObject({
      total_count: 1,
      jobs: [{ name: 'build', conclusion: 'failure', steps: [{ name: 'Run make' }] }],
    })
  })

  test('the log of a run has a link that needs no token and is valid for a minute', async () => {
    const world = await createWorld()
    const execution = await world.executor.of(await world.dispatch())
    execution.update([job({ log: ['one', 'two'] })])
    const jobId = String(at(await world.run(execution.runId, '/jobs'), 'jobs', 0, 'id'))
    const url = `http://127.0.0.1${repo}/actions/jobs/${jobId}/logs`
    const headers = { authorization: `Bearer ${world.sandbox.token}` }
    const redirect = await world.sandbox.fetch(new Request(url, { headers, redirect: 'manual' }))
    const link = redirect.headers.get('location') ?? ''

    expect(redirect.status).toBe(302)
    expect(await (await world.sandbox.fetch(new Request(link))).text()).toBe('one\ntwo\n')
    expect(await (await world.call('GET', `${repo}/actions/jobs/${jobId}/logs`)).text()).toBe('one\ntwo\n')
    world.clock.advance(60_001)
    expect((await world.sandbox.fetch(new Request(link))).status).toBe(404)
  })

  test('a run beyond the concurrency limit stays queued, and a cancel ends it without executing it', async () => {
    const world = await createWorld({ concurrentRuns: 1 })
    const [first, second, third] = [await world.dispatch(), await world.dispatch(), await world.dispatch()]
    const execution = await world.executor.of(first)
    await settle()
    expect(world.executor.executions).toHaveLength(1)

    await world.call('POST', `${repo}/actions/runs/${second}/cancel`)
    expect(await world.run(second)).toMatchObject({ status: 'completed', conclusion: 'cancelled' })
    world.executor.end(execution, 'success')
    await world.executor.of(third)
    expect(world.executor.executions.map(({ runId }) => runId)).toEqual([first, third])
  })

  test('a cancelled run ends with the conclusion of its execution, and a force-cancelled run ends at once', async () => {
    const world = await createWorld()
    const [polite, forced] = [await world.dispatch(), await world.dispatch()]
    const execution = await world.executor.of(polite)
    const other = await world.executor.of(forced)
    const send = async (id: number, what: string): Promise<number> =>
      (await world.call('POST', `${repo}/actions/runs/${id}/${what}`)).status

    expect(await send(polite, 'cancel')).toBe(202)
    expect([execution.cancelled.aborted, execution.killed.aborted]).toEqual([true, false])
    expect(await world.run(polite)).toMatchObject({ status: 'queued' })
    world.executor.end(execution, 'success')
    expect(await send(forced, 'force-cancel')).toBe(202)
    expect(other.killed.aborted).toBe(true)
    await world.sandbox.admin.idle()

    expect(await world.run(polite)).toMatchObject({ conclusion: 'success' })
    expect(await world.run(forced)).toMatchObject({ conclusion: 'cancelled' })
    expect(await send(polite, 'cancel')).toBe(409)
    expect(await send(forced, 'force-cancel')).toBe(409)
    expect(await send(1, 'cancel')).toBe(404)
  })

  test('a re-run keeps the ID of the run and its earlier attempt', async () => {
    const world = await createWorld()
    const id = await world.dispatch()
    expect((await world.call('POST', `${repo}/actions/runs/${id}/rerun`)).status).toBe(403)
    const first = await world.executor.of(id)
    first.update([job({ log: ['first'] })])
    world.executor.end(first, 'failure')
    await world.sandbox.admin.idle()
    world.clock.advance(60_000)
    expect((await world.call('POST', `${repo}/actions/runs/${id}/rerun-failed-jobs`)).status).toBe(201)
    const second = await world.executor.of(id, 2)
    second.update([job({ log: ['second'] })])

    expect(second).toMatchObject({ sha: first.sha, runNumber: first.runNumber, runAttempt: 2 })
    expect(await world.run(id)).toMatchObject({
      run_attempt: 2,
      status: 'in_progress',
      run_started_at: '2026-01-02T03:05:05Z',
      created_at: '2026-01-02T03:04:05Z',
    })
    expect(await world.run(id, '/attempts/1')).toMatchObject({ run_attempt: 1, conclusion: 'failure' })
    expect(await world.run(id, '/jobs')).toMatchObject({ total_count: 1, jobs: [{ run_attempt: 2 }] })
    expect(await world.run(id, '/attempts/1/jobs')).toMatchObject({ jobs: [{ run_attempt: 1 }] })
    expect(await world.run(id, '/jobs?filter=all')).toMatchObject({ total_count: 2 })
    world.executor.end(second, 'success')
    await world.sandbox.admin.idle()
    expect((await world.call('POST', `${repo}/actions/runs/${id}/rerun-failed-jobs`)).status).toBe(403)
  })

  test('a run cannot be re-run while it is in progress, when no job failed, or after a month', async () => {
    const world = await createWorld()
    const id = await world.dispatch()
    const again = async (what: string): Promise<unknown[]> => {
      const { status, body } = await world.json('POST', `${repo}/actions/runs/${id}/${what}`)
      return [status, at(body, 'message')]
    }

    expect(await again('rerun')).toEqual([403, 'This workflow is already running'])
    expect(await again('rerun-failed-jobs')).toEqual([403, 'This workflow is already running'])
    world.executor.end(await world.executor.of(id), 'success')
    await world.sandbox.admin.idle()
    expect(await again('rerun-failed-jobs')).toEqual([403, 'This workflow run cannot be retried'])
    world.clock.advance(31 * 86_400_000)
    expect(await again('rerun')).toEqual([
      403,
      'Unable to retry this workflow run because it was created over a month ago',
    ])
    expect(await world.run(id)).toMatchObject({ run_attempt: 1, conclusion: 'success' })
  })

  test('a re-run of failed jobs receives the jobs of the previous attempt, and a full re-run does not', async () => {
    const world = await createWorld()
    const id = await world.dispatch()
    const first = await world.executor.of(id)
    first.update([job({ key: 'build', status: 'completed', conclusion: 'failure', outputs: { a: 'b' } })])
    world.executor.end(first, 'failure')
    await world.sandbox.admin.idle()
    await world.call('POST', `${repo}/actions/runs/${id}/rerun-failed-jobs`)
    const second = await world.executor.of(id, 2)
    world.executor.end(second, 'failure')
    await world.sandbox.admin.idle()
    await world.call('POST', `${repo}/actions/runs/${id}/rerun`)

    expect(second.previous).toEqual([
      job({ key: 'build', status: 'completed', conclusion: 'failure', outputs: { a: 'b' } }),
    ])
    expect((await world.executor.of(id, 3)).previous).toBeUndefined()
  })

  test('the jobs of a run keep their IDs when a matrix adds jobs between them', async () => {
    const world = await createWorld()
    const id = await world.dispatch()
    const execution = await world.executor.of(id)
    const ids = async (): Promise<unknown> => {
      const jobs = at(await world.run(id, '/jobs'), 'jobs') as { id: number; name: string }[]
      return Object.fromEntries(jobs.map((each) => [each.name, each.id]))
    }
    const named = (key: string, name: string): ReturnType<typeof job> => job({ key, name })
    execution.update([named('a', 'a'), named('m', 'm'), named('z', 'z')])
    const before = await ids()
    execution.update([named('a', 'a'), named('m', 'm (1)'), named('m', 'm (2)'), named('z', 'z')])

    expect(await ids()).toMatchObject({ a: at(before, 'a'), z: at(before, 'z') })
  })

  test('a run whose executor throws fails with the reason in its log', async () => {
    const executor: Executor = { execute: () => Promise.reject(new Error('no disk')) }
    const world = await createApiWorld({ executor })
    await world.call('POST', `${workflow}/dispatches`, { ref: 'main' })
    await world.sandbox.admin.idle()
    const attempt = world.sandbox.admin.runs()[0]?.attempts[0]

    expect(attempt).toMatchObject({ status: 'completed', conclusion: 'failure' })
    expect(world.sandbox.admin.log(attempt?.jobs[0]?.id ?? 0)?.join('\n')).toContain('no disk')
  })

  test('a run is not found in another repository', async () => {
    const world = await createWorld()
    await world.sandbox.admin.createRepository('acme/other')
    const id = await world.dispatch()

    expect((await world.call('GET', `/repos/acme/other/actions/runs/${id}`)).status).toBe(404)
  })
})

describe('list of runs', () => {
  test('the list of runs is newest first and filtered by each of its parameters', async () => {
    const world = await createWorld()
    const head = await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { f: 'x' })
    const first = await world.dispatch()
    world.executor.end(await world.executor.of(first), 'success')
    await world.sandbox.admin.idle()
    world.clock.advance(60_000)
    const second = await world.dispatch({ ref: 'DPTA-1' })
    const ids = async (query: string, path = `${repo}/actions/runs`): Promise<unknown[]> => {
      const { body } = await world.json('GET', `${path}?${query}`)
      return (at(body, 'workflow_runs') as unknown[]).map((run) => at(run, 'id'))
    }

    expect(await ids('')).toEqual([second, first])
    expect(await ids('', `${workflow}/runs`)).toEqual([second, first])
    expect(await ids('branch=DPTA-1')).toEqual([second])
    expect(await ids(`head_sha=${head}`)).toEqual([second])
    expect(await ids('status=success')).toEqual([first])
    expect(await ids('status=queued')).toEqual([second])
    expect(await ids('event=push')).toEqual([])
    expect(await ids('event=workflow_dispatch&actor=developer')).toEqual([second, first])
    expect(await ids('actor=nobody')).toEqual([])
    expect(await ids(`created=${encodeURIComponent('>=2026-01-02T03:05:00Z')}`)).toEqual([second])
    expect(await ids(`created=${encodeURIComponent('<2026-01-02T03:05:00Z')}`)).toEqual([first])
    expect(await ids('created=2026-01-02T03:04:00Z..2026-01-02T03:04:30Z')).toEqual([first])
    expect(await ids('created=2026-01-02')).toEqual([second, first])
    expect(await ids('created=*..2025-12-31')).toEqual([])
    expect(await ids('per_page=1&page=2')).toEqual([first])
  })
})

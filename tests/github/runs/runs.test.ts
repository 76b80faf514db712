import { expect, test } from 'vitest'
import type { Read } from '../../../src/ports/host/read.js'
import type { RunFailure } from '../../../src/model/workflow-run.js'
import { job, run, sha, step } from '../support/payloads.js'
import {
  broken,
  hang,
  json,
  notFound,
  pages,
  redirect,
  ScriptedGitHub,
  text,
  token,
} from '../support/scripted-github.js'
import { SteppedClock } from '../support/stepped-clock.js'

const base = '/repos/acme/lib/actions/runs/30433642'

test('a run is read with its attempt, status and conclusion', async () => {
  const server = new ScriptedGitHub().on(`GET ${base}`, json(200, run({ run_attempt: 2 })))

  expect(await server.github().readRun('acme/lib', 30433642)).toEqual({
    kind: 'run',
    run: {
      id: 30433642,
      headSha: sha.head,
      status: 'completed',
      conclusion: 'success',
      runAttempt: 2,
      url: 'https://github.com/acme/lib/actions/runs/30433642',
    },
  })
})

test('an unknown status or conclusion of a run is returned unchanged', async () => {
  const server = new ScriptedGitHub().on(`GET ${base}`, json(200, run({ status: 'daydreaming', conclusion: null })))

  expect(await server.github().readRun('acme/lib', 30433642)).toMatchObject({
    run: { status: 'daydreaming', conclusion: null },
  })
})

test('a run that does not exist is absent, and an unreadable run is not', async () => {
  const absent = new ScriptedGitHub().on(`GET ${base}`, notFound)
  const unreadable = new ScriptedGitHub().on(`GET ${base}`, json(403, { message: 'Resource not accessible' }))

  expect(await absent.github().readRun('acme/lib', 30433642)).toEqual({ kind: 'absent' })
  expect(await unreadable.github().readRun('acme/lib', 30433642)).toMatchObject({
    kind: 'unreadable',
    failure: { kind: 'forbidden', remedy: expect.stringContaining('Actions: read on acme/lib') as string },
  })
})

test.each([
  ['cancel', false],
  ['force-cancel', true],
])('a %s of a run is one request', async (action, force) => {
  const server = new ScriptedGitHub().on(`POST ${base}/${action}`, json(202, {}))

  expect(await server.github().cancelRun('acme/lib', 30433642, { force, urgent: false })).toEqual({ kind: 'requested' })
  expect(server.asked()).toEqual([`POST ${base}/${action}`])
})

test('a run that can no longer be cancelled is finished', async () => {
  const server = new ScriptedGitHub().on(
    `POST ${base}/cancel`,
    json(409, { message: 'Cannot cancel a workflow run that is completed.' }),
  )

  expect(await server.github().cancelRun('acme/lib', 30433642, { force: false, urgent: true })).toEqual({
    kind: 'finished',
  })
})

test('a cancel that fails for a transient reason is sent again, and finally returns the failure', async () => {
  const server = new ScriptedGitHub().on(`POST ${base}/cancel`, broken('ECONNRESET'))
  const cancelled = server.github().cancelRun('acme/lib', 30433642, { force: false, urgent: true })

  expect(await server.clock.until(cancelled)).toMatchObject({ kind: 'failed', failure: { kind: 'network' } })
  expect(server.requests).toHaveLength(3)
})

test('urgent cancels leave all at once', async () => {
  const server = new ScriptedGitHub().on(`POST ${base}/cancel`, json(202, {}))
  // The clock does not move: a request that waits for its turn never leaves.
  const github = server.github({ clock: new SteppedClock(), keepsLimits: true })

  const results = await Promise.all(
    Array.from({ length: 50 }, () => github.cancelRun('acme/lib', 30433642, { force: false, urgent: true })),
  )

  expect(results).toHaveLength(50)
  expect(results.every(({ kind }) => kind === 'requested')).toBe(true)
})

const jobs = `GET ${base}/attempts/2/jobs`
const logs = 'GET /repos/acme/lib/actions/jobs/399444496/logs'
const storage = 'https://results.blob.example/log.txt?sig=SIGNATURE'
const failedStep = step({
  name: 'Run npm test',
  conclusion: 'failure',
  started_at: '2026-11-21T08:09:10Z',
  completed_at: '2026-11-21T08:09:12Z',
})
const failedJob = job({ conclusion: 'failure', steps: [step(), failedStep, step({ name: 'Post checkout' })] })

function listing(...list: unknown[]): ReturnType<typeof pages> {
  return pages(list, (page) => ({ total_count: list.length, jobs: page }))
}

function explain(server: ScriptedGitHub): Promise<Read<RunFailure>> {
  const which = { runId: 30433642, runAttempt: 2, url: 'https://github.com/acme/lib/actions/runs/30433642' }
  return server.clock.until(server.github().explainFailure('acme/lib', which))
}

test('the environments that a run waits for are read with their reviewers and the end of their wait timers', async () => {
  const environment = { id: 1, node_id: 'E', name: 'production', url: 'u', html_url: 'h' }
  const alice = { type: 'User', reviewer: { login: 'alice' } }
  const ops = { type: 'Team', reviewer: { name: 'Operations', slug: 'ops' } }
  const waits = { wait_timer: 30, wait_timer_started_at: '2026-11-29T12:00:00Z', current_user_can_approve: false }
  const server = new ScriptedGitHub().on(
    `GET ${base}/pending_deployments`,
    json(200, [
      { environment, ...waits, reviewers: [alice, ops] },
      { environment: { ...environment, name: 'canary' }, wait_timer: 0, wait_timer_started_at: null, reviewers: [] },
    ]),
  )

  expect(await server.github().readPendingDeployments('acme/lib', 30433642)).toEqual({
    ok: true,
    value: [
      { environment: 'production', reviewers: ['alice', 'team ops'], timerEndsAt: Date.UTC(2026, 10, 29, 12, 30) },
      { environment: 'canary', reviewers: [], timerEndsAt: null },
    ],
  })
})

test('pending deployments that cannot be read are a failure with the missing permission', async () => {
  const server = new ScriptedGitHub().on(
    `GET ${base}/pending_deployments`,
    json(403, { message: 'Resource not accessible' }),
  )
  expect(await server.github().readPendingDeployments('acme/lib', 30433642)).toMatchObject({
    ok: false,
    failure: { kind: 'forbidden', remedy: expect.stringContaining('Actions: read on acme/lib') as string },
  })
})

function review(state: string, name = 'production'): Record<string, unknown> {
  return { state, environments: [{ id: 1, name }], user: { login: 'alice' }, comment: 'Not on a Friday.' }
}

function explainRejected(server: ScriptedGitHub): Promise<Read<RunFailure>> {
  const url = 'https://github.com/acme/lib/actions/runs/30433642'
  const which = { runId: 30433642, runAttempt: 2, url, hasWaited: true }
  return server.clock.until(server.github().explainFailure('acme/lib', which))
}

test('a run that failed while it waited is explained by the review that rejected it, without its jobs and its log', async () => {
  const server = new ScriptedGitHub().on(
    `GET ${base}/approvals`,
    json(200, [review('approved', 'canary'), review('rejected')]),
  )
  expect(await explainRejected(server)).toEqual({
    ok: true,
    value: {
      workflowJob: null,
      step: null,
      url: 'https://github.com/acme/lib/actions/runs/30433642',
      logTail: [],
      rejection: { environments: ['production'], by: 'alice', comment: 'Not on a Friday.' },
    },
  })
})

test.each([
  ['nobody rejected it', []],
  ['its environment was rejected in one attempt and approved in another', [review('rejected'), review('approved')]],
])('a run that failed after it waited is explained by its jobs where %s', async (_name, reviews) => {
  const server = new ScriptedGitHub()
    .on(`GET ${base}/approvals`, json(200, reviews))
    .on(jobs, listing(job({ conclusion: 'failure', steps: [] })))
    .on(logs, notFound)
  const read = await explainRejected(server)
  expect(read).toMatchObject({ ok: true, value: { workflowJob: 'build' } })
  expect(read.ok && read.value.rejection).toBeUndefined()
})

const log = [
  '\uFEFF2026-11-21T08:09:01.1000000Z ##[group]Run actions/checkout@v5',
  '2026-11-21T08:09:02.1000000Z checked out',
  '2026-11-21T08:09:10.1000000Z ##[group]Run npm test',
  '2026-11-21T08:09:10.2000000Z ##[endgroup]',
  '2026-11-21T08:09:11.0000000Z expected 1, got 2',
  '2026-11-21T08:09:12.7000000Z ##[error]Process completed with exit code 1.',
  '2026-11-21T08:09:12.8000000Z Post job cleanup.',
  '2026-11-21T08:09:14.0000000Z ##[error]something of a later step',
  '',
].join('\n')

test('a failed run is explained by its workflow job, its step and the end of that step of the log', async () => {
  const server = new ScriptedGitHub()
    .on(jobs, listing(job({ id: 1, name: 'lint' }), failedJob))
    .on(logs, redirect(302, storage))
    .on('GET https://results.blob.example/log.txt', text(200, log))

  expect(await explain(server)).toEqual({
    ok: true,
    value: {
      workflowJob: 'build',
      step: 'Run npm test',
      url: 'https://github.com/acme/lib/actions/runs/30433642/job/399444496',
      logTail: ['Run npm test', 'expected 1, got 2', 'Error: Process completed with exit code 1.'],
    },
  })
})

test('the log is fetched from its own server without the token, and its signature is redacted', async () => {
  const server = new ScriptedGitHub()
    .on(jobs, listing(failedJob))
    .on(logs, redirect(302, storage))
    .on('GET https://results.blob.example/log.txt', text(200, log))

  await explain(server)

  const fetched = server.requests.filter(({ origin }) => origin === 'https://results.blob.example')
  expect(fetched).toHaveLength(1)
  expect([...fetched[0]!.headers]).toEqual([])
  expect(JSON.stringify(server.entries)).not.toMatch(/SIGNATURE|SECRET/u)
  expect(server.entries.at(-1)).toMatchObject({ path: 'results.blob.example/log.txt', status: 200 })
  expect(server.requests[0]?.headers.get('authorization')).toContain(token)
})

test('the explanation names the workflow job that failed first, not the ones cancelled because of it', async () => {
  const list = [
    job({ id: 1, name: 'cancelled by it', conclusion: 'cancelled', completed_at: '2026-11-21T08:00:00Z' }),
    job({ id: 2, name: 'later', conclusion: 'failure', completed_at: '2026-11-21T08:09:00Z' }),
    job({ id: 3, name: 'first', conclusion: 'timed_out', completed_at: '2026-11-21T08:05:00Z' }),
    job({ id: 4, name: 'still going', conclusion: null, completed_at: null }),
  ]
  const server = new ScriptedGitHub().on(jobs, listing(...list)).on('GET /repos/acme/lib/actions/jobs/3/logs', notFound)

  expect(await explain(server)).toMatchObject({ value: { workflowJob: 'first', step: null, logTail: [] } })
})

test('the explanation names the workflow job that was cancelled first when none failed', async () => {
  const server = new ScriptedGitHub()
    .on(jobs, listing(job({ id: 1 }), job({ id: 2, name: 'slow', conclusion: 'cancelled' })))
    .on('GET /repos/acme/lib/actions/jobs/2/logs', notFound)

  expect(await explain(server)).toMatchObject({ value: { workflowJob: 'slow' } })
})

test('a run without workflow jobs, such as a startup failure, is explained by its page', async () => {
  const server = new ScriptedGitHub().on(jobs, listing())

  expect(await explain(server)).toEqual({
    ok: true,
    value: {
      workflowJob: null,
      step: null,
      url: 'https://github.com/acme/lib/actions/runs/30433642',
      logTail: [],
    },
  })
})

test('the explanation considers the workflow jobs of all pages', async () => {
  const many = Array.from({ length: 120 }, (_, index) => job({ id: index + 1, name: `matrix ${index}` }))
  const server = new ScriptedGitHub()
    .on(jobs, listing(...many, job({ id: 500, name: 'the last', conclusion: 'failure' })))
    .on('GET /repos/acme/lib/actions/jobs/500/logs', notFound)

  expect(await explain(server)).toMatchObject({ value: { workflowJob: 'the last' } })
})

test.each([
  ['at GitHub', (server: ScriptedGitHub) => server.on(logs, json(410, { message: 'Gone' }))],
  [
    'at its server',
    (server: ScriptedGitHub) =>
      server.on(logs, redirect(302, storage)).on('GET https://results.blob.example/log.txt', text(404, 'BlobNotFound')),
  ],
])('the explanation has no log lines when the log is gone %s', async (_where, arrange) => {
  const server = arrange(new ScriptedGitHub().on(jobs, listing(failedJob)))

  const read = await explain(server)

  expect(read).toMatchObject({ ok: true, value: { step: 'Run npm test', logTail: [] } })
  expect(read.ok && read.value.logFailure).toBeUndefined()
})

test.each([
  ['its server refuses', text(403, 'signature expired'), 'unexpected-answer'],
  ['its server breaks the connection', broken('ECONNRESET'), 'network'],
])(
  'the explanation reports that the log cannot be read because %s, and keeps its other parts',
  async (_why, reply, kind) => {
    const server = new ScriptedGitHub()
      .on(jobs, listing(failedJob))
      .on(logs, redirect(302, storage))
      .on('GET https://results.blob.example/log.txt', reply)

    expect(await explain(server)).toMatchObject({
      ok: true,
      value: { workflowJob: 'build', step: 'Run npm test', logTail: [], logFailure: { kind } },
    })
  },
)

test('the explanation ends at the deadline when the log server never answers', async () => {
  const server = new ScriptedGitHub()
    .on(jobs, listing(failedJob))
    .on(logs, redirect(302, storage))
    .on('GET https://results.blob.example/log.txt', hang)
  const github = server.github({ requestTimeoutMs: 30_000 })

  const read = await server.clock.until(github.explainFailure('acme/lib', { runId: 30433642, runAttempt: 2, url: 'u' }))

  expect(read).toMatchObject({ value: { logFailure: { kind: 'timeout' } } })
})

test('the explanation fails when the workflow jobs cannot be read', async () => {
  const server = new ScriptedGitHub().on(jobs, json(403, { message: 'Resource not accessible' }))

  expect(await explain(server)).toMatchObject({ ok: false, failure: { kind: 'forbidden' } })
})

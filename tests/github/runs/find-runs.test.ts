import { expect, test } from 'vitest'
import type { RunSearch } from '../../../src/ports/host/builds.js'
import type { Read } from '../../../src/ports/host/read.js'
import type { FoundRun } from '../../../src/model/build/state/job-state.js'
import { listedRun, sha } from '../support/payloads.js'
import { broken, json, notFound, pages, ScriptedGitHub, text, type Reply } from '../support/scripted-github.js'

const route = 'GET /repos/acme/lib/actions/workflows/build.yml/runs'
const search: RunSearch = {
  repo: 'acme/lib',
  workflow: 'build.yml',
  ref: 'DPTA-1',
  headSha: sha.head,
  createdSince: Date.UTC(2026, 10, 21, 9, 0, 0, 750),
  marker: null,
}
const octocat = json(200, { login: 'octocat' })
const found: FoundRun = { runId: 30433642, url: 'https://github.com/acme/lib/actions/runs/30433642' }

function listing(runs: readonly unknown[]): Reply {
  return pages(runs, (page) => ({ total_count: runs.length, workflow_runs: page }))
}

function serve(user: Reply, ...runs: Record<string, unknown>[]): ScriptedGitHub {
  return new ScriptedGitHub().on('GET /user', user).on(route, listing(runs))
}

function find(server: ScriptedGitHub, fields: Partial<RunSearch> = {}): Promise<Read<FoundRun[]>> {
  return server.clock.until(server.github().findRuns({ ...search, ...fields }))
}

test('runs are requested by event, branch, commit and the second of the intent', async () => {
  const server = serve(octocat, listedRun())

  expect(await find(server)).toEqual({ ok: true, value: [found] })
  expect(Object.fromEntries(server.requests[1]!.query)).toEqual({
    event: 'workflow_dispatch',
    branch: 'DPTA-1',
    head_sha: sha.head,
    created: '>=2026-11-21T09:00:00Z',
    exclude_pull_requests: 'true',
    per_page: '100',
    page: '1',
  })
})

test.each<[string, Record<string, unknown>]>([
  ['another event', { event: 'push' }],
  ['another branch', { head_branch: 'DPTA-12' }],
  ['no branch', { head_branch: null }],
  ['another commit', { head_sha: sha.other }],
  ['the second before the intent', { created_at: '2026-11-21T08:59:59Z' }],
  ['another actor', { actor: { login: 'hubot' }, triggering_actor: { login: 'hubot' } }],
  ['no actor', { actor: null, triggering_actor: null }],
])('a run of %s is excluded, even though the server listed it', async (_what, fields) => {
  expect(await find(serve(octocat, listedRun(fields), listedRun({ id: 2 })))).toMatchObject({ value: [{ runId: 2 }] })
})

test('a run is found if the actor started it or re-ran it', async () => {
  const runs = [
    listedRun({ id: 1, triggering_actor: { login: 'hubot' } }),
    listedRun({ id: 2, actor: { login: 'hubot' } }),
  ]

  expect(await find(serve(octocat, ...runs))).toMatchObject({ value: [{ runId: 1 }, { runId: 2 }] })
})

test('a run without the marker in its title is excluded', async () => {
  const runs = [listedRun(), listedRun({ id: 2, display_title: 'build [orch:ba9876543210]' })]
  const server = serve(octocat, ...runs, listedRun({ id: 3, display_title: undefined }))

  expect(await find(server, { marker: '[orch:0123456789ab]' })).toEqual({ ok: true, value: [found] })
  expect(await find(server, { marker: '[orch:none]' })).toEqual({ ok: true, value: [] })
})

test('all pages of runs are read, and a run that shifts between pages counts once', async () => {
  const runs = Array.from({ length: 150 }, (_, index) => listedRun({ id: 1000 - index }))
  const server = serve(octocat, ...runs.slice(0, 100), runs[99]!, ...runs.slice(100))

  const read = await find(server)

  expect(read.ok && read.value.map(({ runId }) => runId)).toEqual(runs.map(({ id }) => id))
  expect(server.asked()).toEqual(['GET /user', route, route])
})

test.each<[string, Reply]>([
  ['an installation', json(403, { message: 'Resource not accessible by integration' })],
  ['a server without such a user', notFound],
])('runs of every actor count when the token has no user (%s)', async (_what, user) => {
  const server = serve(user, listedRun({ actor: { login: 'github-actions[bot]' }, triggering_actor: null }))

  expect(await find(server)).toEqual({ ok: true, value: [found] })
})

test('simultaneous searches request the user of the token once', async () => {
  const server = serve(octocat, listedRun())
  const github = server.github()

  await Promise.all([github.findRuns(search), github.findRuns(search)])
  await github.findRuns(search)

  expect(server.asked()).toEqual(['GET /user', route, route, route])
})

test('a token without a user is requested once', async () => {
  const server = serve(notFound, listedRun())
  const github = server.github()

  await github.findRuns(search)
  await github.findRuns(search)

  expect(server.asked()).toEqual(['GET /user', route, route])
})

test.each<[string, Reply, string, number]>([
  ['a refused token', json(401, { message: 'Bad credentials' }), 'unauthorized', 1],
  ['a rate limit', json(403, { message: 'rate limit' }, { 'retry-after': '7' }), 'rate-limited', 6],
  ['a bad gateway', text(502, 'Bad Gateway'), 'server-error', 3],
  ['a cut connection', broken('ECONNRESET'), 'network', 3],
  ['an answer without a login', json(200, {}), 'unexpected-answer', 1],
])(
  'a search fails while the user is unknown (%s), and the next search requests the user again',
  async (_what, user, kind, tries) => {
    const server = new ScriptedGitHub()
      .on('GET /user', ...Array.from({ length: tries }, () => user), octocat)
      .on(route, listing([listedRun()]))
    const github = server.github()

    expect(await server.clock.until(github.findRuns(search))).toMatchObject({
      ok: false,
      failure: { kind, repo: 'acme/lib' },
    })
    expect(server.asked()).toEqual(Array.from({ length: tries }, () => 'GET /user'))
    expect(await server.clock.until(github.findRuns(search))).toEqual({ ok: true, value: [found] })
  },
)

test('a listing of runs that fails for a transient reason is sent again', async () => {
  const server = new ScriptedGitHub()
    .on('GET /user', octocat)
    .on(route, text(502, 'Bad Gateway'), broken('ECONNRESET'), listing([listedRun()]))

  expect(await find(server)).toEqual({ ok: true, value: [found] })
})

test.each<[string, Reply, string]>([
  ['does not exist', notFound, 'not-found'],
  ['may not be read', json(403, { message: 'Resource not accessible by integration' }), 'forbidden'],
  ['is not a list', json(200, { workflow_runs: {} }), 'unexpected-answer'],
  ['is missing', json(200, []), 'unexpected-answer'],
  ['has a run without a time', json(200, { workflow_runs: [listedRun({ created_at: 'x' })] }), 'unexpected-answer'],
])('a listing of runs that %s is a failure, never "no run"', async (_what, reply, kind) => {
  const server = new ScriptedGitHub().on('GET /user', octocat).on(route, reply)

  expect(await find(server)).toMatchObject({ ok: false, failure: { kind, repo: 'acme/lib' } })
})

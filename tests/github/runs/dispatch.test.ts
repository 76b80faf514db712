import { expect, test } from 'vitest'
import type { DispatchResult } from '../../../src/ports/host/builds.js'
import { eventually, SteppedClock } from '../support/stepped-clock.js'
import { broken, hang, json, notFound, redirect, ScriptedGitHub, text, type Reply } from '../support/scripted-github.js'

const route = 'POST /repos/acme/lib/actions/workflows/build.yml/dispatches'
const request = { repo: 'acme/lib', workflow: 'build.yml', ref: 'DPTA-1', inputs: { orch_id: 'x' } }
const accepted = json(200, {
  workflow_run_id: 30433642,
  run_url: 'https://api.github.com/repos/acme/lib/actions/runs/30433642',
  html_url: 'https://github.com/acme/lib/actions/runs/30433642',
})
const yes = (): Promise<boolean> => Promise.resolve(true)

async function dispatch(...replies: Reply[]): Promise<{ result: DispatchResult; server: ScriptedGitHub }> {
  const server = new ScriptedGitHub().on(route, ...replies)
  const result = await server.clock.until(server.github({ requestTimeoutMs: 30_000 }).dispatch(request, yes))
  return { result, server }
}

test('a dispatch requests the details of its run and returns the run ID', async () => {
  const { result, server } = await dispatch(accepted)

  expect(result).toEqual({
    kind: 'accepted',
    runId: 30433642,
    url: 'https://github.com/acme/lib/actions/runs/30433642',
  })
  expect(server.requests.map(({ body }) => body)).toEqual([
    { ref: 'DPTA-1', inputs: { orch_id: 'x' }, return_run_details: true },
  ])
})

test('a dispatch calls beforeSend before anything is sent', async () => {
  const server = new ScriptedGitHub().on(route, accepted)
  const sentBefore: number[] = []

  await server.github().dispatch(request, () => {
    sentBefore.push(server.requests.length)
    return Promise.resolve(true)
  })

  expect(sentBefore).toEqual([0])
  expect(server.requests).toHaveLength(1)
})

test('a dispatch that beforeSend withholds is not sent', async () => {
  const server = new ScriptedGitHub().on(route, accepted)

  expect(await server.github().dispatch(request, () => Promise.resolve(false))).toEqual({ kind: 'withheld' })
  expect(server.requests).toEqual([])
  expect(server.entries).toEqual([])
})

test('a dispatch is not sent when the journal cannot be written, and rejects with the error of the journal', async () => {
  const server = new ScriptedGitHub().on(route, accepted)
  const full = new Error('ENOSPC: no space left on device')

  await expect(server.github().dispatch(request, () => Promise.reject(full))).rejects.toBe(full)
  expect(server.requests).toEqual([])
})

test('a dispatch also rejects with a journal error that looks like an aborted request', async () => {
  const server = new ScriptedGitHub().on(route, accepted)
  const aborted = new DOMException('aborted', 'AbortError')

  await expect(server.github().dispatch(request, () => Promise.reject(aborted))).rejects.toBe(aborted)
  expect(server.requests).toEqual([])
})

const invalid = (message: string): Reply => json(422, { message, documentation_url: 'https://docs.github.com/rest' })

test.each<[string, Reply, string, RegExp, RegExp]>([
  [
    'a missing workflow or permission',
    notFound,
    'not-found',
    /^workflow build\.yml on the default branch of acme\/lib does not exist, or/u,
    /Actions: write on acme\/lib/u,
  ],
  [
    'a missing permission',
    json(
      403,
      { message: 'Resource not accessible by integration' },
      { 'x-accepted-github-permissions': 'actions=write' },
    ),
    'forbidden',
    /may not dispatch workflows in acme\/lib \(Resource not accessible by integration\)/u,
    /^give the token Actions: write on acme\/lib/u,
  ],
  [
    'a refused token',
    json(401, { message: 'Bad credentials' }),
    'unauthorized',
    /api\.github\.com refused the token \(Bad credentials\)/u,
    /gh auth login/u,
  ],
  [
    'a branch that is gone',
    invalid('No ref found for: DPTA-1'),
    'invalid-request',
    /No ref found for: DPTA-1/u,
    /the branch is gone/u,
  ],
  [
    'an undeclared input',
    invalid('Unexpected inputs provided: ["orch_id"]'),
    'invalid-request',
    /orch_id/u,
    /declare the inputs/u,
  ],
  [
    'a missing input',
    invalid("Required input 'x' not provided"),
    'invalid-request',
    /Required input 'x'/u,
    /give the input/u,
  ],
  [
    'a missing trigger',
    invalid("Workflow does not have 'workflow_dispatch' trigger"),
    'invalid-request',
    /workflow_dispatch/u,
    /add "on: workflow_dispatch"/u,
  ],
  [
    'an archived repository',
    json(403, { message: 'Repository was archived so is read-only.' }),
    'archived',
    /acme\/lib is archived/u,
    /unarchive/u,
  ],
])(
  'a dispatch is refused because of %s, which proves that no run started',
  async (_what, reply, kind, message, remedy) => {
    const { result, server } = await dispatch(reply)

    expect(result).toMatchObject({ kind: 'refused', failure: { kind, repo: 'acme/lib' } })
    if (result.kind !== 'refused') throw new Error('unreachable')
    expect(result.failure.message).toMatch(message)
    expect(result.failure.remedy).toMatch(remedy)
    expect(server.requests).toHaveLength(1)
  },
)

test.each<[string, Reply]>([
  ['refused', broken('ECONNREFUSED', { syscall: 'connect' })],
  ['without a name in the DNS', broken('ENOTFOUND', { syscall: 'getaddrinfo' })],
  ['without a DNS', broken('EAI_AGAIN', { syscall: 'getaddrinfo' })],
  ['too slow', broken('UND_ERR_CONNECT_TIMEOUT')],
  ['without a route', broken('EHOSTUNREACH', { syscall: 'connect' })],
  ['with an untrusted certificate', broken('SELF_SIGNED_CERT_IN_CHAIN')],
  ['with a certificate of another host', broken('ERR_TLS_CERT_ALTNAME_INVALID')],
  [
    'refused at every address',
    () => {
      const each = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })
      throw new TypeError('fetch failed', { cause: new AggregateError([each, each]) })
    },
  ],
])('a dispatch is refused when no connection was established (%s)', async (_what, reply) => {
  const { result, server } = await dispatch(reply)

  expect(result).toMatchObject({ kind: 'refused', failure: { kind: 'network' } })
  expect(server.requests).toHaveLength(1)
})

test.each<[string, Reply, string]>([
  ['no answer in time', hang, 'timeout'],
  ['a cut connection', broken('ECONNRESET', { syscall: 'read' }), 'network'],
  ['a closed connection', broken('UND_ERR_SOCKET'), 'network'],
  ['a route lost in the middle', broken('EHOSTUNREACH', { syscall: 'read' }), 'network'],
  ['an unknown reason', broken('ESOMETHING'), 'network'],
  [
    'one address refused, the other cut',
    () => {
      const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' })
      const cut = Object.assign(new Error('cut'), { code: 'ECONNRESET' })
      throw new TypeError('fetch failed', { cause: new AggregateError([refused, cut]) })
    },
    'network',
  ],
  ['a bad gateway', text(502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' }), 'server-error'],
  ['an internal error', json(500, { message: 'Server Error' }), 'server-error'],
  [
    'an unavailable service that asks to come back',
    json(503, { message: 'x' }, { 'retry-after': '1' }),
    'server-error',
  ],
  [
    'an answer that is not JSON',
    text(200, '{"workflow_run_id": 304', { 'content-type': 'application/json' }),
    'unexpected-answer',
  ],
  ['an answer without the id', json(200, { html_url: 'https://github.com/x' }), 'unexpected-answer'],
  [
    'an id beyond what a number can hold',
    text(200, '{"workflow_run_id":90071992547409931,"html_url":"x"}', { 'content-type': 'application/json' }),
    'unexpected-answer',
  ],
  ['a redirect to the result (303)', redirect(303, 'https://api.github.com/elsewhere'), 'unexpected-answer'],
])('a dispatch is ambiguous after %s, and is not sent again', async (_what, reply, kind) => {
  const { result, server } = await dispatch(reply)

  expect(result).toMatchObject({ kind: 'ambiguous', failure: { kind } })
  expect(server.asked()).toEqual([route])
})

test('a dispatch is ambiguous when the answer has no run ID', async () => {
  const { result } = await dispatch(json(204, null))

  expect(result).toMatchObject({
    kind: 'ambiguous',
    failure: {
      kind: 'unexpected-answer',
      message: expect.stringContaining('this server returned no run ID (HTTP 204)') as string,
      remedy: expect.stringContaining('from version 3.21 on') as string,
    },
  })
})

test.each([301, 302, 307, 308])(
  'a dispatch is refused when it is redirected (%s), and is not sent again',
  async (status) => {
    const { result, server } = await dispatch(redirect(status, 'https://login.example/'))

    expect(result).toMatchObject({
      kind: 'refused',
      failure: { kind: 'unexpected-answer', message: expect.stringContaining('a redirect to login.example') as string },
    })
    expect(server.asked()).toEqual([route])
  },
)

test('a dispatch to a renamed repository is refused without being redirected, and its failure names the new name', async () => {
  const server = new ScriptedGitHub()
    .on(route, redirect(307, 'https://api.github.com/repositories/10/actions/workflows/build.yml/dispatches'))
    .on('GET /repositories/10', json(200, { full_name: 'acme/library', archived: false, default_branch: 'main' }))

  expect(await server.github().dispatch(request, yes)).toMatchObject({
    kind: 'refused',
    failure: { kind: 'renamed', message: 'the repository acme/lib is now called acme/library' },
  })
  expect(server.asked()).toEqual([route, 'GET /repositories/10'])
})

test('twenty dispatches leave at once and then one each 750 ms, and each calls beforeSend when it leaves', async () => {
  const server = new ScriptedGitHub().on(route, accepted)
  const start = server.clock.now()
  const left: number[] = []
  const beforeSend = (): Promise<boolean> => {
    left.push(server.clock.now() - start)
    return Promise.resolve(true)
  }
  const github = server.github({ keepsLimits: true })

  const results = await server.clock.until(
    Promise.all(Array.from({ length: 23 }, () => github.dispatch(request, beforeSend))),
  )

  expect(results.every(({ kind }) => kind === 'accepted')).toBe(true)
  expect(left).toEqual([...Array.from({ length: 20 }, () => 0), 750, 1500, 2250])
})

test('two clients of one process do not wait for each other', async () => {
  const server = new ScriptedGitHub().on(route, accepted)
  // The clock does not move: a request that waits never leaves.
  const gitHubs = [1, 2, 3].map(() => server.github({ clock: new SteppedClock(), keepsLimits: true }))

  const results = await Promise.all(gitHubs.map((github) => github.dispatch(request, yes)))

  expect(results.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted'])
})

test('hanging requests of one token do not delay those of another', async () => {
  const server = new ScriptedGitHub().on(route, accepted).on('GET /repos/acme/lib/actions/runs/1', hang)
  const stuck = server.github({ clock: new SteppedClock(), keepsLimits: true, concurrency: 20 })
  for (let index = 0; index < 20; index += 1) void stuck.readRun('acme/lib', 1)
  await eventually(() => server.requests.length >= 10)

  const other = server.github({ clock: new SteppedClock(), keepsLimits: true })

  expect(await other.dispatch(request, yes)).toMatchObject({ kind: 'accepted' })
})

test('the deadline of a dispatch begins when it leaves, not while it waits for beforeSend', async () => {
  const server = new ScriptedGitHub().on(route, accepted)
  const clock = new SteppedClock()
  const github = server.github({ clock, requestTimeoutMs: 30_000 })
  const waiting: (() => void)[] = []
  const slowly = (): Promise<boolean> => new Promise((resolve) => waiting.push(() => resolve(true)))

  const result = github.dispatch(request, slowly)
  await eventually(() => waiting.length === 1)
  clock.step(60_000)
  waiting[0]?.()

  expect(await result).toMatchObject({ kind: 'accepted' })
})

test('requests to a server on this machine start no timer', async () => {
  const server = new ScriptedGitHub().on(route, accepted)
  const sleeps: number[] = []
  const clock = {
    now: () => server.clock.now(),
    sleep: (ms: number) => {
      sleeps.push(ms)
      return Promise.resolve()
    },
  }

  await Promise.all([1, 2, 3].map(() => server.github({ clock }).dispatch(request, yes)))

  expect(sleeps).toEqual([])
})

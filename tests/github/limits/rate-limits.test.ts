import { expect, test } from 'vitest'
import type { Answer } from '../../../src/github/api/ask.js'
import { createRequesting } from '../../../src/github/api/requesting.js'
import { fixedToken } from '../../../src/github/api/token.js'
import { createRedaction } from '../../../src/lib/redaction.js'
import type { DispatchRequest } from '../../../src/ports/host/builds.js'
import type { StatusPost } from '../../../src/ports/host/statuses.js'
import type { Pause } from '../../../src/ports/pause.js'
import { run, sha, status } from '../support/payloads.js'
import { hang, json, ScriptedGitHub, text, token, type Reply } from '../support/scripted-github.js'

const reading = (id: number): string => `GET /repos/acme/lib/actions/runs/${id}`
const dispatching = 'POST /repos/acme/lib/actions/workflows/build.yml/dispatches'
const posting = `POST /repos/acme/lib/statuses/${sha.head}`
const cancelling = 'POST /repos/acme/lib/actions/runs/1/cancel'
const request: DispatchRequest = { repo: 'acme/lib', workflow: 'build.yml', ref: 'DPTA-1', inputs: {} }
const post: StatusPost = {
  repo: 'acme/lib',
  headSha: sha.head,
  context: 'orchestrator-build',
  state: 'pending',
  description: 'run:0123456789ab',
  targetUrl: '',
}
const yes = (): Promise<boolean> => Promise.resolve(true)
const paced = { urgent: false }
const fine = json(200, run({ id: 1 }))
const accepted = json(200, { workflow_run_id: 30433642, html_url: 'https://github.com/acme/lib/actions/runs/30433642' })
/** GitHub's time is years apart from the local clock. */
const gitHubNow = Date.UTC(2031, 5, 1, 12)
const date = new Date(gitHubNow).toUTCString()

function limited(status: number, headers: Record<string, string> = {}, message = 'a secondary rate limit'): Reply {
  return json(status, { message }, { date, ...headers })
}

interface ScriptedServer {
  server: ScriptedGitHub
  pauses: Pause[]
  left: { what: string; afterMs: number }[]
}

/** A server that records when each request left. */
function serve(...routes: [string, ...Reply[]][]): ScriptedServer {
  const server = new ScriptedGitHub()
  const start = server.clock.now()
  const left: ScriptedServer['left'] = []
  for (const [route, ...replies] of routes) {
    const noting = replies.map((reply): Reply => {
      // The test clock recognizes a reply that never comes by its identity.
      if (reply === hang) return hang
      return (...args) => {
        left.push({ what: route.replace(/ .*\//u, ' '), afterMs: server.clock.now() - start })
        return reply(...args)
      }
    })
    server.on(route, ...noting)
  }
  return { server, pauses: [], left }
}

function open({ server, pauses }: ScriptedServer, options: object = {}): ReturnType<ScriptedGitHub['github']> {
  return server.github({ onPause: (pause) => pauses.push(pause), ...options })
}

test.each<[string, Reply, number, string]>([
  ['429 with retry-after in seconds', limited(429, { 'retry-after': '7' }), 7000, 'secondary'],
  ['403 with retry-after in seconds', limited(403, { 'retry-after': '7' }, 'slow down'), 7000, 'secondary'],
  [
    "retry-after as a date, by GitHub's clock",
    limited(429, { 'retry-after': new Date(gitHubNow + 90_000).toUTCString() }),
    90_000,
    'secondary',
  ],
  [
    "the reset of a used-up limit, by GitHub's clock and a second more",
    limited(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(gitHubNow / 1000 + 600) }, 'exceeded'),
    601_000,
    'primary',
  ],
  [
    'retry-after before the reset',
    limited(429, {
      'retry-after': '7',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(gitHubNow / 1000 + 600),
    }),
    7000,
    'primary',
  ],
  ['a secondary limit without a time', limited(403), 60_000, 'secondary'],
  ['429 of something in between', text(429, '<html>', { 'content-type': 'text/html' }), 60_000, 'secondary'],
  ['a retry-after of no time', limited(429, { 'retry-after': '0' }), 1000, 'secondary'],
])(
  'a read waits for the end of a rate limit (%s), and the pause is reported once',
  async (_what, reply, waitMs, limit) => {
    const scripted = serve([reading(1), reply, fine])
    const start = scripted.server.clock.now()

    const read = await scripted.server.clock.until(open(scripted).readRun('acme/lib', 1))

    expect(read.kind).toBe('run')
    expect(scripted.left.map(({ afterMs }) => afterMs)).toEqual([0, waitMs])
    expect(scripted.pauses).toEqual([{ limit, at: start, until: start + waitMs }])
  },
)

test('a rate limit that one request meets delays requests of every kind until the pause is over', async () => {
  const scripted = serve(
    [reading(1), limited(429, { 'retry-after': '120' }), fine],
    [reading(2), fine],
    [dispatching, accepted],
    [posting, json(201, status())],
    [cancelling, json(202, {})],
  )
  const github = open(scripted)
  const first = github.readRun('acme/lib', 1)
  await scripted.server.clock.advance(1000)

  const others = [
    github.readRun('acme/lib', 2),
    github.dispatch(request, yes),
    github.postStatus(post, paced, yes),
    github.cancelRun('acme/lib', 1, { force: false, urgent: false }),
  ]
  await scripted.server.clock.advance(118_000)
  expect(scripted.left).toHaveLength(1)
  const results = await scripted.server.clock.until(Promise.all([first, ...others]))

  expect(results.map(({ kind }) => kind)).toEqual(['run', 'run', 'accepted', 'posted', 'requested'])
  expect(scripted.left.slice(1).map(({ afterMs }) => afterMs)).toEqual(Array.from({ length: 5 }, () => 120_000))
  expect(scripted.pauses).toHaveLength(1)
})

test('an urgent request waits neither for the pause nor for a rate limit of its own', async () => {
  const scripted = serve(
    [reading(1), limited(429, { 'retry-after': '120' }), fine],
    [cancelling, limited(403, { 'retry-after': '120' })],
  )
  const github = open(scripted)
  void github.readRun('acme/lib', 1)
  await scripted.server.clock.advance(1000)

  const cancelled = github.cancelRun('acme/lib', 1, { force: false, urgent: true })

  expect(await scripted.server.clock.until(cancelled)).toMatchObject({
    kind: 'failed',
    failure: { kind: 'rate-limited' },
  })
  expect(scripted.left.map(({ what, afterMs }) => `${what} ${afterMs}`)).toEqual(['GET 1 0', 'POST cancel 1000'])
})

test('the pause doubles while a rate limit without a time lasts, and then the request fails', async () => {
  const scripted = serve([reading(1), limited(403)])

  const read = await scripted.server.clock.until(open(scripted).readRun('acme/lib', 1))

  expect(scripted.left.map(({ afterMs }) => afterMs / 60_000)).toEqual([0, 1, 3, 7, 15, 30])
  expect(scripted.pauses).toHaveLength(6)
  expect(read).toMatchObject({
    failure: {
      kind: 'rate-limited',
      message: expect.stringMatching(/asks to slow down until .*, tried 6 times$/u) as string,
    },
  })
})

test('requests that meet the rate limit together cause one pause, which does not grow with their number', async () => {
  const scripted = serve(...[1, 2, 3, 4, 5].map((id): [string, ...Reply[]] => [reading(id), limited(403), fine]))
  const github = open(scripted)

  await scripted.server.clock.until(Promise.all([1, 2, 3, 4, 5].map((id) => github.readRun('acme/lib', id))))

  expect(scripted.left.map(({ afterMs }) => afterMs)).toEqual([
    0,
    0,
    0,
    0,
    0,
    ...Array.from({ length: 5 }, () => 60_000),
  ])
  expect(scripted.pauses).toHaveLength(1)
})

test('the pause starts at its shortest length again after a successful answer', async () => {
  const scripted = serve([reading(1), limited(403), fine, limited(403), fine])
  const github = open(scripted)

  await scripted.server.clock.until(github.readRun('acme/lib', 1))
  await scripted.server.clock.until(github.readRun('acme/lib', 1))

  expect(scripted.left.map(({ afterMs }) => afterMs)).toEqual([0, 60_000, 60_000, 120_000])
})

test('a rate limit beyond the longest pause fails every request at once and names its end', async () => {
  const scripted = serve(
    [reading(1), limited(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(gitHubNow / 1000 + 3600) })],
    [reading(2), fine],
    [dispatching, accepted],
  )
  const github = open(scripted, { longestPauseMs: 30 * 60_000 })
  const start = scripted.server.clock.now()
  const failure = {
    kind: 'rate-limited',
    message: expect.stringContaining('used up until 2026-11-21T10:00:01Z') as string,
  }

  expect(await scripted.server.clock.until(github.readRun('acme/lib', 1))).toMatchObject({ failure })
  expect(await scripted.server.clock.until(github.readRun('acme/lib', 2))).toMatchObject({ failure })
  expect(await scripted.server.clock.until(github.dispatch(request, yes))).toMatchObject({ kind: 'refused', failure })
  expect(scripted.server.clock.now()).toBe(start)
  expect(scripted.left).toHaveLength(1)
  expect(scripted.pauses).toEqual([])
  await scripted.server.clock.advance(3_601_000)
  expect(await scripted.server.clock.until(github.readRun('acme/lib', 2))).toMatchObject({ kind: 'run' })
})

test('a dispatch that met a rate limit calls beforeSend again and is sent again after the pause', async () => {
  const scripted = serve([dispatching, limited(429, { 'retry-after': '60' }), limited(403), accepted])
  const asked: number[] = []
  const start = scripted.server.clock.now()
  const beforeSend = (): Promise<boolean> => {
    asked.push(scripted.server.clock.now() - start)
    return Promise.resolve(true)
  }

  const result = await scripted.server.clock.until(open(scripted).dispatch(request, beforeSend))

  expect(result).toMatchObject({ kind: 'accepted', runId: 30433642 })
  expect(scripted.left.map(({ afterMs }) => afterMs)).toEqual(asked)
  expect(asked).toEqual([0, 60_000, 60_000 + 120_000])
})

test('a dispatch that beforeSend withholds after the pause is refused as rate-limited and not sent', async () => {
  const scripted = serve([dispatching, limited(429, { 'retry-after': '60' }), accepted])
  const leaves = [true, false]

  const result = await scripted.server.clock.until(
    open(scripted).dispatch(request, () => Promise.resolve(leaves.shift() ?? false)),
  )

  expect(result).toMatchObject({ kind: 'refused', failure: { kind: 'rate-limited' } })
  expect(scripted.left).toHaveLength(1)
})

test.each<[string, Reply, string]>([
  ['no answer', hang, 'ambiguous'],
  ['a bad gateway', json(502, { message: 'rate limit' }, { 'retry-after': '1' }), 'ambiguous'],
  ['a 429 that is not in the words of GitHub', text(429, 'slow down', { 'retry-after': '1' }), 'refused'],
  ['a missing permission', json(403, { message: 'Resource not accessible by integration' }), 'refused'],
])('a dispatch that met a rate limit and then %s is not sent a third time', async (_what, reply, kind) => {
  const scripted = serve([dispatching, limited(429, { 'retry-after': '1' }), reply])

  const result = await scripted.server.clock.until(open(scripted, { requestTimeoutMs: 30_000 }).dispatch(request, yes))

  expect(result.kind).toBe(kind)
  expect(scripted.server.requests).toHaveLength(2)
})

test('a dispatch is sent six times at most under a rate limit that never ends, and is then refused, not ambiguous', async () => {
  const scripted = serve([dispatching, limited(429, { 'retry-after': '5' })])

  const result = await scripted.server.clock.until(open(scripted).dispatch(request, yes))

  expect(result).toMatchObject({ kind: 'refused', failure: { kind: 'rate-limited' } })
  expect(scripted.left).toHaveLength(6)
})

test('the time in a pause counts neither against the deadline of a request nor against its tries', async () => {
  const scripted = serve([
    reading(1),
    json(502, { message: 'x' }),
    limited(429, { 'retry-after': '600' }),
    json(502, { message: 'x' }),
    fine,
  ])

  const read = await scripted.server.clock.until(open(scripted, { requestTimeoutMs: 30_000 }).readRun('acme/lib', 1))

  expect(read.kind).toBe('run')
  expect(scripted.left).toHaveLength(4)
})

/** Whether it is still open after many turns of the event loop. */
async function isOpen(work: Promise<unknown>): Promise<boolean> {
  let isSettled = false
  const settle = (): void => {
    isSettled = true
  }
  work.then(settle, settle)
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  return !isSettled
}

test('shutdown sends and settles no waiting request, and leaves no timer', async () => {
  const scripted = serve([reading(1), limited(429, { 'retry-after': '600' }), fine], [reading(2), json(502, {})])
  const controller = new AbortController()
  const github = open(scripted, { closed: controller.signal })
  const retried = github.readRun('acme/lib', 2)
  const limitedRead = github.readRun('acme/lib', 1)
  await scripted.server.clock.advance(500)
  const dispatch = github.dispatch(request, yes)
  await scripted.server.clock.advance(100)

  controller.abort()
  const after = github.cancelRun('acme/lib', 1, { force: false, urgent: true })

  for (const work of [retried, limitedRead, dispatch, after]) expect(await isOpen(work)).toBe(true)
  expect(scripted.left).toHaveLength(2)
  expect(scripted.server.clock.hasSleepers()).toBe(false)
})

test('shutdown abandons a request in flight without reporting a failure', async () => {
  const scripted = serve([reading(1), hang])
  const controller = new AbortController()
  const github = open(scripted, { closed: controller.signal, requestTimeoutMs: 30_000 })
  const read = github.readRun('acme/lib', 1)
  await scripted.server.clock.advance(1000)

  controller.abort()

  expect(await isOpen(read)).toBe(true)
  expect(scripted.server.entries).toEqual([])
  expect(scripted.server.clock.hasSleepers()).toBe(false)
})

function query(server: ScriptedGitHub, pauses: Pause[] = [], apiUrl = 'https://api.github.com'): Promise<Answer> {
  const { clock, fetch } = server
  const { requests } = createRequesting(
    { apiUrl, token: fixedToken(token), clock, fetch, random: () => 0.5, onPause: (pause) => pauses.push(pause) },
    createRedaction(),
  )
  const need = { permission: 'metadata=read', act: 'read anything' }
  const asked = requests.query({ repo: 'acme/lib', need, thing: 'the repositories', query: '{ viewer { login } }' })
  return server.clock.until(asked)
}

const data = { data: { viewer: { login: 'octocat' } } }

test.each<[string, Reply, number, string]>([
  [
    '200 with an error of the type RATE_LIMITED, until the reset',
    json(
      200,
      { data: null, errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] },
      { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(gitHubNow / 1000 + 300) },
    ),
    301_000,
    'primary',
  ],
  [
    '200 in the words of a secondary limit',
    json(200, { errors: [{ message: 'You have exceeded a secondary rate limit.' }] }, { date, 'retry-after': '30' }),
    30_000,
    'secondary',
  ],
  [
    '403 in the words of a secondary limit',
    limited(403, {}, 'You have exceeded a secondary rate limit.'),
    60_000,
    'secondary',
  ],
])('a GraphQL query that GitHub answers with %s is sent again after the pause', async (_what, reply, waitMs, limit) => {
  const server = new ScriptedGitHub().on('POST /graphql', reply, json(200, data))
  const start = server.clock.now()
  const pauses: Pause[] = []

  expect(await query(server, pauses)).toMatchObject({ ok: true, body: data })
  expect(pauses).toEqual([{ limit, at: start, until: start + waitMs }])
  expect(server.requests.map(({ body }) => body)).toEqual([
    { query: '{ viewer { login } }', variables: {} },
    { query: '{ viewer { login } }', variables: {} },
  ])
})

test('a GraphQL answer with other errors, or with the words of a limit in its data, is not a rate limit', async () => {
  const answer = { data: { repository: { name: 'rate limit' } }, errors: [{ type: 'NOT_FOUND', message: 'no such' }] }
  const server = new ScriptedGitHub().on('POST /graphql', json(200, answer))

  expect(await query(server)).toMatchObject({ ok: true, body: answer })
  expect(server.requests).toHaveLength(1)
})

test('a GraphQL query to an Enterprise Server goes to /api/graphql', async () => {
  const server = new ScriptedGitHub().on(
    'POST https://ghe.example/api/graphql',
    json(502, { message: 'x' }),
    json(200, data),
  )

  expect(await query(server, [], 'https://ghe.example/api/v3')).toMatchObject({ ok: true, body: data })
  expect(server.requests).toHaveLength(2)
})

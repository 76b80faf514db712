import { expect, test } from 'vitest'
import type { Token, TokenProvider } from '../../../src/github/api/token.js'
import type { DispatchRequest } from '../../../src/ports/host/builds.js'
import { run } from '../support/payloads.js'
import { json, redirect, ScriptedGitHub, text, type Reply, type SeenRequest } from '../support/scripted-github.js'

const route = 'GET /repos/acme/lib/actions/runs/1'
const dispatching = 'POST /repos/acme/lib/actions/workflows/build.yml/dispatches'
const request: DispatchRequest = { repo: 'acme/lib', workflow: 'build.yml', ref: 'DPTA-1', inputs: {} }
const fine = json(200, run({ id: 1 }))
const accepted = json(200, { workflow_run_id: 7, html_url: 'https://github.com/acme/lib/actions/runs/7' })
const badCredentials = json(401, { message: 'Bad credentials' })
const first = tokenOf('ghs_firstFIRSTfirst')
const second = tokenOf('ghs_secondSECONDsecond')
const ofAnother = tokenOf('ghs_otherOTHERother', 'installation 2')

function tokenOf(value: string, identity = 'installation 1', expiresAt: number | null = null): Token {
  return { value, identity, expiresAt }
}

/** A provider whose token a test replaces. */
function provider(token: Token): { provide: TokenProvider; replace: (next: Token) => void; calls: () => number } {
  let current = token
  let calls = 0
  const provide = (): Promise<Token> => {
    calls += 1
    return Promise.resolve(current)
  }
  return { provide, replace: (next) => (current = next), calls: () => calls }
}

function sentTokens(server: ScriptedGitHub): (string | undefined)[] {
  return server.requests.map(tokenIn)
}

function tokenIn({ headers }: SeenRequest): string | undefined {
  return headers.get('authorization')?.split(' ')[1]
}

test('a request in flight across a refresh keeps its token, and the next request gets the new one', async () => {
  const tokens = provider(first)
  let answer: (value: Response) => void = () => undefined
  const late = new Promise<Response>((resolve) => (answer = resolve))
  const server = new ScriptedGitHub().on(route, () => late, fine)
  const github = server.github({ token: tokens.provide })

  const inFlight = github.readRun('acme/lib', 1)
  await server.clock.until(Promise.resolve())
  tokens.replace(second)
  expect((await github.readRun('acme/lib', 1)).kind).toBe('run')
  answer(await fine(server.requests[0]!, null))

  expect((await inFlight).kind).toBe('run')
  expect(sentTokens(server)).toEqual([first.value, second.value])
})

test('a request that met a 401 for a token that was replaced in flight is sent again once with the new token', async () => {
  const tokens = provider(first)
  const replacing: Reply = (seen, signal) => {
    tokens.replace(second)
    return badCredentials(seen, signal)
  }
  const server = new ScriptedGitHub().on(route, replacing, fine)

  expect((await server.github({ token: tokens.provide }).readRun('acme/lib', 1)).kind).toBe('run')
  expect(sentTokens(server)).toEqual([first.value, second.value])
})

test('a request that met a 401 for the current token is not sent again', async () => {
  const server = new ScriptedGitHub().on(route, badCredentials)

  const reading = await server.github({ token: provider(first).provide }).readRun('acme/lib', 1)

  expect(reading).toMatchObject({
    failure: { kind: 'unauthorized', message: 'api.github.com refused the token (Bad credentials)' },
  })
  expect(server.requests).toHaveLength(1)
})

test('a second 401 ends the request even if the token was replaced again', async () => {
  const tokens = provider(first)
  let replaced = 0
  const replacing: Reply = (seen, signal) => {
    replaced += 1
    tokens.replace(tokenOf(`ghs_another${replaced}`))
    return badCredentials(seen, signal)
  }
  const server = new ScriptedGitHub().on(route, replacing)

  const reading = await server.github({ token: tokens.provide }).readRun('acme/lib', 1)

  expect(reading).toMatchObject({ failure: { kind: 'unauthorized' } })
  expect(server.requests).toHaveLength(2)
})

test.each([
  [true, 'accepted', 2],
  [false, 'refused', 1],
])(
  'a dispatch that met a 401 for a replaced token calls beforeSend again: when that returns %s, it is %s',
  async (isStillWanted, kind, sent) => {
    const tokens = provider(first)
    const replacing: Reply = (seen, signal) => {
      tokens.replace(second)
      return badCredentials(seen, signal)
    }
    const server = new ScriptedGitHub().on(dispatching, replacing, accepted)
    let asked = 0
    const beforeSend = (): Promise<boolean> => Promise.resolve(++asked === 1 || isStillWanted)

    const result = await server.github({ token: tokens.provide }).dispatch(request, beforeSend)

    expect(result.kind).toBe(kind)
    expect(asked).toBe(2)
    expect(server.requests).toHaveLength(sent)
  },
)

test('every token that was handed out is redacted, old ones included', async () => {
  const tokens = provider(first)
  const server = new ScriptedGitHub().on(
    route,
    fine,
    json(422, { message: `you sent ${first.value.toUpperCase()} and then x${second.value}y` }),
  )
  const github = server.github({ token: tokens.provide })

  await github.readRun('acme/lib', 1)
  tokens.replace(second)

  expect(await github.readRun('acme/lib', 1)).toMatchObject({
    failure: { message: 'GitHub refused to read workflow runs in acme/lib: you sent [token] and then x[token]y' },
  })
})

const tagged = json(200, run({ id: 1 }), { etag: '"a"' })
const unchanged: Reply = () => new Response(null, { status: 304 })

test('the cached ETags survive a refresh of the token', async () => {
  const tokens = provider(first)
  const server = new ScriptedGitHub().on(route, tagged, unchanged)
  const github = server.github({ token: tokens.provide })

  await github.readRun('acme/lib', 1)
  tokens.replace(second)
  const reading = await github.readRun('acme/lib', 1)

  expect(reading.kind).toBe('run')
  expect(server.requests.map(({ headers }) => headers.get('if-none-match'))).toEqual([null, '"a"'])
})

test('an answer to one identity is never reused for another', async () => {
  const tokens = provider(first)
  const server = new ScriptedGitHub().on(route, tagged)
  const github = server.github({ token: tokens.provide })

  for (const token of [first, ofAnother, first]) {
    tokens.replace(token)
    await github.readRun('acme/lib', 1)
  }

  expect(server.requests.map(({ headers }) => headers.get('if-none-match'))).toEqual([null, null, '"a"'])
})

test('the login is requested once for each identity, also after a refresh of the token', async () => {
  const tokens = provider(first)
  const server = new ScriptedGitHub().on('GET /user', (seen, signal) =>
    json(200, { login: tokenIn(seen) === ofAnother.value ? 'other' : 'octocat' })(seen, signal),
  )
  const github = server.github({ token: tokens.provide })
  const logins: unknown[] = []

  for (const token of [first, second, ofAnother, first]) {
    tokens.replace(token)
    logins.push(await github.login('acme/lib'))
  }

  expect(logins).toEqual(['octocat', 'octocat', 'other', 'octocat'].map((value) => ({ ok: true, value })))
  expect(sentTokens(server)).toEqual([first.value, ofAnother.value])
})

test('the login that a GraphQL answer named belongs to the identity whose token was sent', async () => {
  const tokens = provider(first)
  const server = new ScriptedGitHub()
    .on('POST /graphql', (seen, signal) => {
      // The identity changes while the query is in flight.
      tokens.replace(ofAnother)
      return json(200, { data: { viewer: { login: 'octocat' }, r0: null }, errors: [] })(seen, signal)
    })
    .on('GET /user', json(200, { login: 'other' }))
  const github = server.github({ token: tokens.provide })
  const query = {
    branch: 'x',
    statusContext: 'c',
    jobStatuses: true,
    repositories: [{ repo: 'acme/lib', workflows: [] }],
  }

  await github.readChange(query)

  expect(await github.login('acme/lib')).toEqual({ ok: true, value: 'other' })
  tokens.replace(second)
  expect(await github.login('acme/lib')).toEqual({ ok: true, value: 'octocat' })
  expect(server.asked()).toEqual(['POST /graphql', 'GET /user'])
})

test('requests that leave together call the token provider once', async () => {
  const tokens = provider(first)
  const server = new ScriptedGitHub().on(route, fine)
  const github = server.github({ token: tokens.provide })

  await Promise.all([1, 1, 1].map((id) => github.readRun('acme/lib', id)))

  expect(server.requests).toHaveLength(3)
  expect(tokens.calls()).toBe(1)
})

test('a token provider that fails is called again with the waits of a failed request, and nothing is sent', async () => {
  const server = new ScriptedGitHub().on(dispatching, accepted).on(route, fine)
  let calls = 0
  const token = (): Promise<Token> => {
    calls += 1
    return calls < 3 ? Promise.reject(new Error('the App key is not readable')) : Promise.resolve(first)
  }
  const github = server.github({ token })
  let asked = 0

  const result = await github.dispatch(request, () => Promise.resolve(++asked > 0))
  const reading = await server.clock.until(github.readRun('acme/lib', 1))

  expect(result).toMatchObject({
    kind: 'refused',
    failure: {
      kind: 'unauthorized',
      message: 'no token for api.github.com could be obtained: the App key is not readable',
    },
  })
  expect(asked).toBe(0)
  expect(reading.kind).toBe('run')
  expect(calls).toBe(3)
  expect(server.asked()).toEqual([route])
})

test('a token provider that never returns is abandoned at the deadline of a request', async () => {
  const server = new ScriptedGitHub()
  const token = (): Promise<Token> => new Promise(() => undefined)

  const reading = await server.clock.until(server.github({ token, requestTimeoutMs: 30_000 }).readRun('acme/lib', 1))

  expect(reading).toMatchObject({
    failure: { message: 'no token for api.github.com could be obtained: no answer within 30 s, tried 3 times' },
  })
  expect(server.requests).toEqual([])
})

test('the failure of an expired token names the time of its expiry', async () => {
  const date = 'Sun, 01 Jun 2031 12:00:00 GMT'
  const server = new ScriptedGitHub().on(route, json(401, { message: 'Bad credentials' }, { date }))
  const expired = tokenOf('ghs_expired', 'installation 1', Date.UTC(2031, 5, 1, 11))

  expect(await server.github({ token: provider(expired).provide }).readRun('acme/lib', 1)).toMatchObject({
    failure: { message: 'api.github.com refused the token, which expired at 2031-06-01T11:00:00Z (Bad credentials)' },
  })
})

test('no token is sent to the server that stores a log, before or after a refresh', async () => {
  const tokens = provider(first)
  const failed = { id: 5, name: 'build', conclusion: 'failure', completed_at: null, html_url: 'https://github.com/x' }
  const server = new ScriptedGitHub()
    .on('GET /repos/acme/lib/actions/runs/1/attempts/1/jobs', json(200, { jobs: [{ ...failed, steps: [] }] }))
    .on('GET /repos/acme/lib/actions/jobs/5/logs', redirect(302, 'https://logs.example/5?sig=1'))
    .on('GET https://logs.example/5', text(200, 'the end'))
  const github = server.github({ token: tokens.provide })
  const explain = (): Promise<unknown> =>
    github.explainFailure('acme/lib', { runId: 1, runAttempt: 1, url: 'https://github.com/x' })

  await explain()
  tokens.replace(second)
  await explain()

  const elsewhere = server.requests.filter(({ origin }) => origin !== 'https://api.github.com')
  expect(elsewhere.map(({ origin, headers }) => [origin, headers.get('authorization')])).toEqual([
    ['https://logs.example', null],
    ['https://logs.example', null],
  ])
})

test('shutdown while the token provider is pending calls no beforeSend and sends nothing', async () => {
  const closed = new AbortController()
  const server = new ScriptedGitHub().on(dispatching, accepted)
  let provide: (token: Token) => void = () => undefined
  const token = (): Promise<Token> => new Promise((resolve) => (provide = resolve))
  let asked = 0

  void server.github({ token, closed: closed.signal }).dispatch(request, () => Promise.resolve(++asked > 0))
  await server.clock.until(Promise.resolve())
  closed.abort()
  provide(first)
  await server.clock.until(new Promise((resolve) => setImmediate(resolve)))

  expect(asked).toBe(0)
  expect(server.requests).toEqual([])
})

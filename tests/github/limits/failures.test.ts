import { expect, test } from 'vitest'
import { fixedToken } from '../../../src/github/api/token.js'
import type { RunReading } from '../../../src/ports/host/builds.js'
import { run } from '../support/payloads.js'
import { broken, json, redirect, ScriptedGitHub, text, token, type Reply } from '../support/scripted-github.js'

const route = 'GET /repos/acme/lib/actions/runs/1'
const fine = json(200, run({ id: 1 }))

async function read(...replies: Reply[]): Promise<{ reading: RunReading; server: ScriptedGitHub; waitedMs: number }> {
  const server = new ScriptedGitHub().on(route, ...replies)
  const start = server.clock.now()
  const reading = await server.clock.until(server.github().readRun('acme/lib', 1))
  return { reading, server, waitedMs: server.clock.now() - start }
}

test.each<[string, Reply, number]>([
  ['a cut connection', broken('ECONNRESET'), 750 + 1500],
  ['no connection', broken('ECONNREFUSED', { syscall: 'connect' }), 750 + 1500],
  ['an internal error', json(500, { message: 'x' }), 750 + 1500],
  ['a bad gateway', text(502, '<html>', { 'content-type': 'text/html' }), 750 + 1500],
  ['an unavailable service', json(503, { message: 'x' }), 750 + 1500],
  ['a gateway timeout', json(504, { message: 'x' }), 750 + 1500],
])('a read that fails with %s is sent again after a growing wait', async (_what, reply, waits) => {
  const { reading, server, waitedMs } = await read(reply, reply, fine)

  expect(reading.kind).toBe('run')
  expect(server.requests).toHaveLength(3)
  expect(waitedMs).toBe(waits)
})

test('a read is tried three times at most, and its failure gives the number of tries', async () => {
  const { reading, server } = await read(json(502, { message: 'x' }))

  expect(server.requests).toHaveLength(3)
  expect(reading).toMatchObject({
    kind: 'unreadable',
    failure: {
      kind: 'server-error',
      message: 'api.github.com answered 502 about workflow run 1 of acme/lib, tried 3 times',
    },
  })
})

test('a read is sent again after the time in retry-after', async () => {
  const { reading, waitedMs } = await read(json(503, { message: 'x' }, { 'retry-after': '20' }), fine)

  expect(reading.kind).toBe('run')
  expect(waitedMs).toBe(20_000)
})

test('a read fails at once when retry-after is longer than 90 seconds', async () => {
  const { reading, server, waitedMs } = await read(json(503, { message: 'x' }, { 'retry-after': '91' }))

  expect(waitedMs).toBe(0)
  expect(server.requests).toHaveLength(1)
  expect(reading).toMatchObject({ failure: { kind: 'server-error' } })
})

test.each<[string, Reply, string]>([
  ['a refused token', json(401, { message: 'Bad credentials' }), 'unauthorized'],
  ['a missing permission', json(403, { message: 'Resource not accessible by integration' }), 'forbidden'],
  ['an IP allow list', json(403, { message: 'the `acme` organization has an IP allow list enabled' }), 'blocked'],
  ['a repository that GitHub has blocked', json(451, { message: 'Repository access blocked' }), 'blocked'],
  ['a suspended installation', json(403, { message: 'This installation has been suspended' }), 'forbidden'],
  ['a 403 for a reason that is not known', json(403, { message: 'Upgrade to GitHub Pro' }), 'blocked'],
  ['a repository without the rights', json(403, { message: 'Must have admin rights to Repository.' }), 'forbidden'],
  ['an archived repository', json(403, { message: 'Repository was archived so is read-only.' }), 'archived'],
  ['a request that GitHub refuses', json(422, { message: 'Invalid request' }), 'invalid-request'],
  ['an untrusted certificate', broken('DEPTH_ZERO_SELF_SIGNED_CERT'), 'network'],
  ['an answer of another kind', text(200, 'hello'), 'unexpected-answer'],
  ["a proxy's page", text(403, '<html>Blocked</html>', { 'content-type': 'text/html' }), 'unexpected-answer'],
  ['a redirect to another server', redirect(302, 'https://evil.example/x'), 'unexpected-answer'],
])('a read that fails with %s is not sent again', async (_what, reply, kind) => {
  const { reading, server } = await read(reply)

  expect(server.requests).toHaveLength(1)
  expect(reading).toMatchObject({ kind: 'unreadable', failure: { kind, repo: 'acme/lib' } })
})

test('a request without an answer is abandoned at its deadline', async () => {
  const server = new ScriptedGitHub()
  let givenUp = 0
  const silent: typeof fetch = (_input, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => {
        givenUp += 1
        reject(new DOMException('This operation was aborted', 'AbortError'))
      })
    })
  const start = server.clock.now()

  const reading = await server.clock.until(
    server.github({ requestTimeoutMs: 30_000, fetch: silent }).readRun('acme/lib', 1),
  )

  expect(reading).toMatchObject({
    failure: {
      kind: 'timeout',
      message: 'api.github.com gave no answer within 30 s when asked to read workflow runs in acme/lib, tried 3 times',
    },
  })
  expect(givenUp).toBe(3)
  expect(server.clock.now() - start).toBe(30_000 + 750 + 30_000 + 1500 + 30_000)
})

test('a request whose body never ends is abandoned at its deadline', async () => {
  const server = new ScriptedGitHub()
  const endless: typeof fetch = () => Promise.resolve(new Response(new ReadableStream({ pull: () => undefined })))

  const reading = await server.clock.until(
    server.github({ requestTimeoutMs: 30_000, fetch: endless }).readRun('acme/lib', 1),
  )

  expect(reading).toMatchObject({ failure: { kind: 'timeout' } })
})

test('the failure of a token without single sign-on asks to authorize it for the organization', async () => {
  const header = 'required; url=https://github.com/orgs/acme-corp/sso?authorization_request=A1B2'
  const { reading } = await read(
    json(403, { message: 'Resource protected by organization SAML enforcement.' }, { 'x-github-sso': header }),
  )

  expect(reading).toMatchObject({
    failure: {
      kind: 'forbidden',
      message:
        'the organization acme-corp requires single sign-on before this token may read workflow runs in acme/lib',
      remedy: expect.stringMatching(/^authorize the token for SSO/u) as string,
    },
  })
  expect(JSON.stringify(reading)).not.toContain('A1B2')
})

test('a failure reports the permission that GitHub names', async () => {
  const { reading } = await read(
    json(
      403,
      { message: 'Resource not accessible' },
      { 'x-accepted-github-permissions': 'actions=read,contents=read; administration=write' },
    ),
  )

  expect(reading).toMatchObject({
    failure: {
      permission: 'actions=read,contents=read; administration=write',
      remedy:
        'give the token Actions: read and Contents: read or Administration: write on acme/lib (a classic token: the scope repo)',
    },
  })
})

test('a refusal that no permission mends shows the message of GitHub and names no permission', async () => {
  const { reading } = await read(json(403, { message: 'The organization has an IP allow list enabled.' }))

  expect(reading).toMatchObject({
    failure: {
      message: 'GitHub refused to read workflow runs in acme/lib: The organization has an IP allow list enabled',
      remedy: 'run from an address on the IP allow list of acme, or ask its owners to add this one',
    },
  })
  expect(reading).not.toHaveProperty('failure.permission')
})

test('a 401 to a request without a token asks for a token', async () => {
  const server = new ScriptedGitHub().on(route, json(401, { message: 'Requires authentication' }))

  expect(await server.github({ token: null }).readRun('acme/lib', 1)).toMatchObject({
    failure: {
      kind: 'unauthorized',
      message: 'api.github.com requires a token to read workflow runs in acme/lib',
      remedy: 'run "gh auth login" or set GH_TOKEN. It needs Actions: read on acme/lib',
    },
  })
  expect(server.requests[0]?.headers.get('authorization')).toBeNull()
})

test('a very long message of the server is truncated to one line', async () => {
  const { reading } = await read(json(422, { message: `a\nb ${'x'.repeat(5000)}` }))

  if (reading.kind !== 'unreadable') throw new Error('unreachable')
  expect(reading.failure.message).toMatch(/a b x+…$/u)
  expect(reading.failure.message.length).toBeLessThan(400)
})

test('a listing ends when the server always names a next page', async () => {
  const server = new ScriptedGitHub().on('GET /repos/acme/lib/git/matching-refs/heads/x', (request, signal) =>
    json(200, [], { link: '<https://evil.example/next>; rel="next"' })(request, signal),
  )

  expect(await server.github().listBranches('acme/lib', 'x')).toMatchObject({
    ok: false,
    failure: { kind: 'unexpected-answer' },
  })
  expect(server.requests.every(({ origin }) => origin === 'https://api.github.com')).toBe(true)
})

test.each<[string, Reply]>([
  ['in a message', json(422, { message: `your token ${token} is odd` })],
  ['in a header', json(403, { message: 'no' }, { 'x-accepted-github-permissions': token })],
  ['in an error', broken(`E${token}`)],
  [
    'in the name of an organization',
    json(403, { message: 'no' }, { 'x-github-sso': `required; url=https://github.com/orgs/${token}/sso` }),
  ],
  ['in a redirect', redirect(302, `https://${token}.example/${token}`)],
])('a token that a server sends back %s is redacted', async (_where, reply) => {
  const { reading, server } = await read(reply)

  expect(reading.kind).toBe('unreadable')
  expect(JSON.stringify([reading, server.entries]).toLowerCase()).not.toContain(token.toLowerCase())
})

test('a token in the new name of a renamed repository is redacted', async () => {
  const { reading } = await (async () => {
    const server = new ScriptedGitHub()
      .on(route, redirect(301, '/repositories/10/actions/runs/1'))
      .on('GET /repositories/10', json(200, { full_name: `acme/${token}`, archived: false, default_branch: 'main' }))
    return { reading: await server.github().readRun('acme/lib', 1) }
  })()

  expect(reading).toMatchObject({ failure: { kind: 'renamed' } })
  expect(JSON.stringify(reading)).not.toContain(token)
})

test('a redirect to another server is never followed', async () => {
  const { server } = await read(redirect(301, 'https://evil.example/repositories/10'))

  expect(server.requests.map(({ origin }) => origin)).toEqual(['https://api.github.com'])
})

test('each exchange is reported with its path, status, time and remaining limit', async () => {
  const { server } = await read(
    broken('ECONNRESET'),
    json(200, run({ id: 1 }), { 'x-ratelimit-remaining': '4987', 'x-ratelimit-limit': '5000' }),
  )

  expect(server.entries).toEqual([
    {
      method: 'GET',
      path: '/repos/acme/lib/actions/runs/1?exclude_pull_requests=true',
      status: null,
      isCounted: true,
      ms: 0,
      remaining: null,
      limit: null,
      failure: 'something with ECONNRESET',
    },
    {
      method: 'GET',
      path: '/repos/acme/lib/actions/runs/1?exclude_pull_requests=true',
      status: 200,
      isCounted: true,
      ms: 0,
      remaining: 4987,
      limit: 5000,
    },
  ])
})

test('requests and renames work with an API below a path, as on an Enterprise Server', async () => {
  const api = 'https://github.acme.example/api/v3'
  const server = new ScriptedGitHub()
    .on(`GET ${api}/repos/acme/lib/actions/runs/1`, redirect(301, `${api}/repositories/10/actions/runs/1`))
    .on(`GET ${api}/repositories/10`, json(200, { full_name: 'acme/new', archived: false, default_branch: 'main' }))

  expect(await server.github({ apiUrl: `${api}/` }).readRun('acme/lib', 1)).toMatchObject({
    failure: { kind: 'renamed', message: 'the repository acme/lib is now called acme/new' },
  })
})

test('a token that is not valid in a header is never sent and never shown', async () => {
  const server = new ScriptedGitHub().on(route, fine)

  const reading = await server.github({ token: fixedToken('ghp_SECRET\nx') }).readRun('acme/lib', 1)

  expect(server.requests).toEqual([])
  expect(reading).toMatchObject({
    failure: {
      kind: 'unauthorized',
      message: 'no token for api.github.com could be obtained: it has a space or a line break inside',
    },
  })
  expect(JSON.stringify(reading)).not.toContain('SECRET')
})

test('a token that is too short is never sent, and does not garble the messages', async () => {
  const server = new ScriptedGitHub().on(route, fine)

  const reading = await server.github({ token: fixedToken('X') }).readRun('acme/lib', 1)

  expect(server.requests).toEqual([])
  expect(reading).toMatchObject({
    failure: {
      kind: 'unauthorized',
      message: 'no token for api.github.com could be obtained: it has fewer than 8 characters, which no token has',
    },
  })
})

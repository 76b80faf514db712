import { expect, test } from 'vitest'
import { missingToken, resolveAuthentication, type Authentication } from '../../../src/github/api/authentication.js'
import type { Read } from '../../../src/ports/host/read.js'

type Env = Record<string, string>

function resolve(env: Env, gh: Record<string, string> = {}): Promise<Read<Authentication>> {
  return resolveAuthentication(env, (hostname) => Promise.resolve(gh[hostname] ?? null))
}

async function resolveWell(env: Env, gh?: Record<string, string>): Promise<Authentication> {
  const read = await resolve(env, gh)
  if (!read.ok) throw new Error(read.failure.message)
  return read.value
}

test.each<[string, Env, string, string, string, boolean]>([
  ['nothing', {}, 'github.com', 'https://api.github.com', 'https://github.com', false],
  [
    'GH_HOST of github.com',
    { GH_HOST: 'GitHub.com' },
    'github.com',
    'https://api.github.com',
    'https://github.com',
    false,
  ],
  [
    'GH_HOST of the API',
    { GH_HOST: 'api.github.com' },
    'github.com',
    'https://api.github.com',
    'https://github.com',
    false,
  ],
  [
    'GH_HOST of Enterprise Cloud',
    { GH_HOST: 'acme.ghe.com' },
    'acme.ghe.com',
    'https://api.acme.ghe.com',
    'https://acme.ghe.com',
    false,
  ],
  [
    'GH_HOST of an Enterprise Server',
    { GH_HOST: 'git.acme.example' },
    'git.acme.example',
    'https://git.acme.example/api/v3',
    'https://git.acme.example',
    true,
  ],
  [
    'GITHUB_API_URL of github.com',
    { GITHUB_API_URL: 'https://api.github.com' },
    'github.com',
    'https://api.github.com',
    'https://github.com',
    false,
  ],
  [
    'GITHUB_API_URL of Enterprise Cloud',
    { GITHUB_API_URL: 'https://api.acme.ghe.com/' },
    'acme.ghe.com',
    'https://api.acme.ghe.com',
    'https://acme.ghe.com',
    false,
  ],
  [
    'GITHUB_API_URL of an Enterprise Server',
    { GITHUB_API_URL: 'https://git.acme.example/api/v3/' },
    'git.acme.example',
    'https://git.acme.example/api/v3',
    'https://git.acme.example',
    true,
  ],
  [
    'GITHUB_API_URL of this machine',
    { GITHUB_API_URL: 'http://127.0.0.1:4000' },
    '127.0.0.1:4000',
    'http://127.0.0.1:4000',
    'http://127.0.0.1:4000',
    true,
  ],
  [
    'GH_HOST, which a person set, before GITHUB_API_URL, which Actions sets',
    { GH_HOST: 'git.acme.example', GITHUB_API_URL: 'https://api.github.com' },
    'git.acme.example',
    'https://git.acme.example/api/v3',
    'https://git.acme.example',
    true,
  ],
  [
    'both, of the same host',
    { GH_HOST: 'git.acme.example:8443', GITHUB_API_URL: 'https://git.acme.example:8443/github/api/v3' },
    'git.acme.example:8443',
    'https://git.acme.example:8443/github/api/v3',
    'https://git.acme.example:8443',
    true,
  ],
])('the host comes from %s', async (_what, env, hostname, apiUrl, serverUrl, isEnterpriseServer) => {
  expect((await resolveWell(env)).host).toEqual({ hostname, apiUrl, serverUrl, isEnterpriseServer })
})

test.each<[string, Env, string | null, string | null]>([
  ['GH_TOKEN first', { GH_TOKEN: 'token-one', GITHUB_TOKEN: 'token-two' }, 'token-one', 'GH_TOKEN'],
  ['GITHUB_TOKEN next', { GH_TOKEN: ' ', GITHUB_TOKEN: 'token-two' }, 'token-two', 'GITHUB_TOKEN'],
  ['gh last', {}, 'token_of_gh', 'gh auth token'],
  ['no enterprise token for github.com', { GH_ENTERPRISE_TOKEN: 'token-three' }, 'token_of_gh', 'gh auth token'],
  [
    'a token of GH_TOKEN for Enterprise Cloud',
    { GH_HOST: 'acme.ghe.com', GH_TOKEN: 'token-one' },
    'token-one',
    'GH_TOKEN',
  ],
  [
    'GH_ENTERPRISE_TOKEN for an Enterprise Server',
    {
      GH_HOST: 'git.acme.example',
      GH_TOKEN: 'token-one',
      GH_ENTERPRISE_TOKEN: 'token-three',
      GITHUB_ENTERPRISE_TOKEN: 'token-four',
    },
    'token-three',
    'GH_ENTERPRISE_TOKEN',
  ],
  [
    'GITHUB_ENTERPRISE_TOKEN next',
    { GH_HOST: 'git.acme.example', GITHUB_ENTERPRISE_TOKEN: 'token-four' },
    'token-four',
    'GITHUB_ENTERPRISE_TOKEN',
  ],
  [
    'GITHUB_TOKEN of the Actions of an Enterprise Server',
    { GITHUB_ACTIONS: 'true', GITHUB_API_URL: 'https://git.acme.example/api/v3', GITHUB_TOKEN: 'token-two' },
    'token-two',
    'GITHUB_TOKEN',
  ],
  [
    'GH_TOKEN first in the Actions of an Enterprise Server',
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: 'https://git.acme.example/api/v3',
      GH_HOST: 'Git.acme.example',
      GH_TOKEN: 'token-one',
      GITHUB_TOKEN: 'token-two',
    },
    'token-one',
    'GH_TOKEN',
  ],
  [
    'GH_ENTERPRISE_TOKEN before both in the Actions of an Enterprise Server',
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: 'https://git.acme.example/api/v3',
      GH_ENTERPRISE_TOKEN: 'token-three',
      GH_TOKEN: 'token-one',
    },
    'token-three',
    'GH_ENTERPRISE_TOKEN',
  ],
  [
    'no token of an Enterprise Server for another one that GH_HOST names in its Actions',
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: 'https://git.acme.example/api/v3',
      GH_HOST: 'git.other.example',
      GH_TOKEN: 'token-one',
      GITHUB_TOKEN: 'token-two',
    },
    null,
    null,
  ],
  [
    'no token of github.com for an Enterprise Server that GH_HOST names in the Actions of github.com',
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: 'https://api.github.com',
      GH_HOST: 'git.acme.example',
      GITHUB_TOKEN: 'token-two',
    },
    null,
    null,
  ],
  [
    'no token of github.com for an Enterprise Server that GITHUB_API_URL names outside Actions',
    { GITHUB_API_URL: 'https://git.acme.example/api/v3', GH_TOKEN: 'token-one', GITHUB_TOKEN: 'token-two' },
    null,
    null,
  ],
  [
    'no token of github.com for an Enterprise Server',
    { GH_HOST: 'git.acme.example', GH_TOKEN: 'token-one', GITHUB_TOKEN: 'token-two' },
    null,
    null,
  ],
])('the token is chosen: %s', async (_what, env, token, source) => {
  const authentication = await resolveWell(env, { 'github.com': 'token_of_gh' })

  expect(authentication).toMatchObject({ token: token, source })
})

test('gh is asked for a token of the chosen host, and only if no variable has a token', async () => {
  const asked: string[] = []
  const gh = (hostname: string): Promise<string | null> => {
    asked.push(hostname)
    return Promise.resolve('gho_abcdef\n')
  }

  const fromVariable = await resolveAuthentication({ GH_TOKEN: 'token-one' }, gh)
  const fromGh = await resolveAuthentication({ GH_HOST: 'git.acme.example' }, gh)

  expect(fromVariable).toMatchObject({ value: { token: 'token-one' } })
  expect(fromGh).toMatchObject({ value: { token: 'gho_abcdef', source: 'gh auth token' } })
  expect(asked).toEqual(['git.acme.example'])
})

test('white space around a token is removed', async () => {
  expect((await resolveWell({ GH_TOKEN: ' ghp_abcdef\r\n' })).token).toBe('ghp_abcdef')
})

test.each<[string, string, RegExp]>([
  ['a line break inside', 'ghp_SECRET\nSECRET', /the token in GH_TOKEN has a space or a line break inside/u],
  ['a space inside', 'bearer SECRET', /a space or a line break inside/u],
  ['a sign that no token has', 'ghp_SECRETé', /characters that no token has/u],
  ['one letter', 'Q', /the token in GH_TOKEN has fewer than 8 characters/u],
  ['seven characters', 'SECRET!', /fewer than 8 characters/u],
])('a token with %s is refused without being shown', async (_what, token, message) => {
  const read = await resolve({ GH_TOKEN: token })

  expect(read).toMatchObject({ ok: false, failure: { kind: 'unauthorized' } })
  expect(JSON.stringify(read)).toMatch(message)
  expect(JSON.stringify(read)).not.toContain('SECRET')
})

test.each<[string, Env]>([
  ['GH_HOST with a scheme', { GH_HOST: 'https://git.acme.example' }],
  ['GH_HOST with a path', { GH_HOST: 'git.acme.example/x' }],
  ['GH_HOST with a user', { GH_HOST: 'git.acme.example@evil.example' }],
  ['GH_HOST with an impossible port', { GH_HOST: 'git.acme.example:99999' }],
  ['GITHUB_API_URL that is not an address', { GITHUB_API_URL: 'git.acme.example' }],
  ['GITHUB_API_URL of another scheme', { GITHUB_API_URL: 'ftp://git.acme.example' }],
  ['GITHUB_API_URL without encryption', { GITHUB_API_URL: 'http://git.acme.example/api/v3' }],
  ['GITHUB_API_URL with a query', { GITHUB_API_URL: 'https://git.acme.example/api/v3?x=1' }],
])('authentication refuses %s', async (_what, env) => {
  const read = await resolve({ ...env, GH_TOKEN: 'token-one' })

  expect(read).toMatchObject({ ok: false, failure: { kind: 'unauthorized', remedy: expect.any(String) as string } })
})

test('a password in GITHUB_API_URL is refused without being shown', async () => {
  const read = await resolve({ GITHUB_API_URL: 'https://user:SECRET@git.acme.example/api/v3' })

  expect(read.ok).toBe(false)
  expect(JSON.stringify(read)).not.toContain('SECRET')
})

test('the failure of a missing token names its variable, its permissions and the repositories', async () => {
  const { host } = await resolveWell({})

  expect(missingToken(host, {}, ['acme/lib', 'acme/app'])).toEqual({
    kind: 'unauthorized',
    message: 'there is no token for github.com',
    remedy:
      'run "gh auth login --hostname github.com" or set GH_TOKEN. It needs Metadata: read, Contents: read, ' +
      'Pull requests: read, Commit statuses: write, Actions: write on acme/lib, acme/app',
  })
})

test('the failure of a missing token of an Enterprise Server names GH_ENTERPRISE_TOKEN', async () => {
  const { host } = await resolveWell({ GH_HOST: 'git.acme.example' })

  expect(missingToken(host, {}, []).remedy).toContain('set GH_ENTERPRISE_TOKEN (GH_TOKEN is for github.com only)')
})

test('the failure of a missing token in the Actions of an Enterprise Server names GH_TOKEN', async () => {
  const env = { GITHUB_ACTIONS: 'true', GITHUB_API_URL: 'https://git.acme.example/api/v3' }
  const { host } = await resolveWell(env)

  const { remedy } = missingToken(host, env, [])
  expect(remedy).toContain('or set GH_TOKEN. It needs')
})

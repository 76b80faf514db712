import { describe, expect, test } from 'vitest'
import { pull, ref, repository, sha, status } from '../support/payloads.js'
import { json, notFound, pages, ScriptedGitHub } from '../support/scripted-github.js'

const base = 'GET /repos/acme/lib'

const memberOf = (graphQL: 'none' | 'same'): ScriptedGitHub =>
  new ScriptedGitHub(graphQL).on(base, json(200, repository())).on('GET /repos/acme/app', notFound)

describe.each([
  ['the REST API alone', 'none'],
  ['GraphQL', 'same'],
] as const)('by %s', (_way, graphQL) => {
  test('open pull requests of matching branches are read with the newest status of the context, without those of forks', async () => {
    const open = [
      pull({ number: 1, branch: 'DPTA-1' }),
      pull({ number: 2, branch: 'DPTA-2', headSha: sha.other, draft: true }),
      pull({ number: 3, branch: 'DPTA-3', headRepo: { id: 99 } }),
      pull({ number: 4, branch: 'main-2' }),
      pull({ number: 5, branch: 'DPTA-5', headRepo: null }),
    ]
    const server = memberOf(graphQL)
      .on(`${base}/pulls`, pages(open))
      .on(`${base}/commits/${sha.head}/statuses`, pages([status({ id: 8, context: 'ci' }), status({ id: 7 })]))
      .on(`${base}/commits/${sha.other}/statuses`, pages([]))

    const [answer] = await server.github().readPullRequests({
      repositories: ['acme/lib'],
      statusContext: 'orchestrator-build',
      matches: (headRef) => headRef.startsWith('DPTA-'),
    })

    expect(answer).toMatchObject({
      repo: 'acme/lib',
      read: {
        ok: true,
        value: [
          { pullRequest: { number: 1, isFork: false }, status: { description: 'run:0123456789ab' } },
          { pullRequest: { number: 2, isDraft: true }, status: null },
        ],
      },
    })
  })

  test('a repository that cannot be read does not hide the others', async () => {
    const server = memberOf(graphQL).on('GET /repos/acme/app/pulls', notFound).on(`${base}/pulls`, pages([]))

    const answers = await server
      .github()
      .readPullRequests({ repositories: ['acme/app', 'acme/lib'], statusContext: 'x', matches: () => true })

    expect(answers).toMatchObject([
      { repo: 'acme/app', read: { ok: false, failure: { kind: 'not-found' } } },
      { repo: 'acme/lib', read: { ok: true, value: [] } },
    ])
  })

  test('a pull request whose statuses cannot be read fails its repository', async () => {
    const server = memberOf(graphQL)
      .on(`${base}/pulls`, pages([pull({ number: 1 })]))
      .on(`${base}/commits/${sha.head}/statuses`, json(403, { message: 'Resource not accessible' }))

    const [answer] = await server
      .github()
      .readPullRequests({ repositories: ['acme/lib'], statusContext: 'x', matches: () => true })

    expect(answer).toMatchObject({ read: { ok: false, failure: { kind: 'forbidden' } } })
  })
})

test('pull requests of one commit share one reading of its statuses', async () => {
  const open = [pull({ number: 1 }), pull({ number: 2, branch: 'DPTA-2' })]
  const server = new ScriptedGitHub()
    .on(`${base}/pulls`, pages(open))
    .on(`${base}/commits/${sha.head}/statuses`, pages([status()]))

  await server.github().readPullRequests({ repositories: ['acme/lib'], statusContext: 'x', matches: () => true })

  expect(server.requests).toHaveLength(2)
})

test.each([
  ['open', { state: 'open', merged: false }],
  ['closed', { state: 'closed', merged: false }],
  ['merged', { state: 'closed', merged: true }],
])('a single pull request is read as %s', async (state, fields) => {
  const server = new ScriptedGitHub().on(`${base}/pulls/7`, json(200, { ...pull({ number: 7 }), ...fields }))

  expect(await server.github().readPullRequest('acme/lib', 7)).toEqual({
    ok: true,
    value: { number: 7, state, headSha: sha.head, baseRef: 'main' },
  })
})

test('the failure of a missing pull request names its number', async () => {
  const server = new ScriptedGitHub().on(`${base}/pulls/7`, notFound)

  expect(await server.github().readPullRequest('acme/lib', 7)).toMatchObject({
    failure: { kind: 'not-found', message: 'pull request #7 of acme/lib does not exist, or this token cannot see it' },
  })
})

test('branches are listed by the prefix of their names', async () => {
  const refs = ['DPTA-1', 'DPTA-12', 'DPTA-1/x', 'dpta-1'].map((name) => ref(name, sha.head))
  const server = new ScriptedGitHub().on(`${base}/git/matching-refs/heads/DPTA-1`, pages(refs))

  expect(await server.github().listBranches('acme/lib', 'DPTA-1')).toEqual({
    ok: true,
    value: ['DPTA-1', 'DPTA-12', 'DPTA-1/x'],
  })
})

test('only the first five hundred branches are read', async () => {
  const refs = Array.from({ length: 900 }, (_, index) => ref(`DPTA-${index}`, sha.head))
  const server = new ScriptedGitHub().on(`${base}/git/matching-refs/heads/DPTA-`, pages(refs))

  const read = await server.github().listBranches('acme/lib', 'DPTA-')

  expect(read.ok && read.value.length).toBe(500)
  expect(server.requests).toHaveLength(5)
})

test('an empty repository has no branches', async () => {
  const empty = json(409, { message: 'Git Repository is empty.' })
  const server = new ScriptedGitHub().on(`${base}/git/matching-refs/heads/DPTA-`, empty)

  expect(await server.github().listBranches('acme/lib', 'DPTA-')).toEqual({ ok: true, value: [] })
})

test('a name that would leave the path of the repository is never requested', async () => {
  const server = new ScriptedGitHub()

  await expect(server.github().listBranches('acme/lib', '../../app')).rejects.toThrow('not a path of acme/lib')
  expect(server.requests).toEqual([])
})

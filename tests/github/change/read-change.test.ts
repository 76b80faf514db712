import { describe, expect, test } from 'vitest'
import type { RepositoryRead, RepositoryReading } from '../../../src/model/change.js'
import type { ChangeQuery } from '../../../src/ports/host/changes.js'
import { pull, ref, repository, sha, status } from '../support/payloads.js'
import { json, notFound, pages, raw, redirect, ScriptedGitHub, text, token } from '../support/scripted-github.js'

const repo = 'acme/lib'
const base = 'GET /repos/acme/lib'

/** A repository with the branch DPTA-1, a pull request and a workflow. */
function memberOf(graphQL: 'none' | 'same'): ScriptedGitHub {
  return new ScriptedGitHub(graphQL)
    .on(base, json(200, repository()))
    .on(`${base}/git/ref/heads/DPTA-1`, json(200, ref('DPTA-1', sha.head)))
    .on(`${base}/git/ref/heads/main`, json(200, ref('main', sha.main)))
    .on(`${base}/pulls`, pages([pull({ number: 7 })]))
    .on(`${base}/commits/${sha.head}/statuses`, pages([status()]))
    .on(`${base}/contents/.github/workflows/build.yml`, raw('on: workflow_dispatch'))
}

type Reads = Pick<ChangeQuery, 'mergeability' | 'ahead'>

async function read(server: ScriptedGitHub, workflows: string[] = [], reads: Reads = {}): Promise<RepositoryReading> {
  const query = { branch: 'DPTA-1', statusContext: 'orchestrator-build', repositories: [{ repo, workflows }], ...reads }
  const [reading] = await server.clock.until(server.github().readChange(query))
  return reading!
}

async function readWell(server: ScriptedGitHub, workflows: string[] = [], reads: Reads = {}): Promise<RepositoryRead> {
  const reading = await read(server, workflows, reads)
  if (reading.kind !== 'read') throw new Error(reading.failure.message)
  return reading
}

describe.each([
  ['the REST API alone', 'none'],
  ['GraphQL', 'same'],
] as const)('by %s', (_way, graphQL) => {
  const member = (): ScriptedGitHub => memberOf(graphQL)
  const idOf = (id: number): number | null => (graphQL === 'same' ? null : id)

  test.each([
    [true, 'mergeable'],
    [false, 'conflicting'],
    [null, 'unknown'],
  ] as const)('mergeable: %s of a pull request is read as %s if it is asked for', async (mergeable, mergeability) => {
    const server = member().on(`${base}/pulls`, pages([pull({ number: 7, mergeable })]))
    server.on(`${base}/pulls/7`, json(200, pull({ number: 7, mergeable })))
    const asked = await readWell(server, [], { mergeability: true })
    expect(asked.pullRequests.map((each) => each.mergeability)).toEqual([mergeability])
    expect((await readWell(server)).pullRequests[0]).not.toHaveProperty('mergeability')
  })

  test.each([
    [{ ahead_by: 2 }, true],
    [{ ahead_by: 0 }, false],
  ])('a head without a pull request and with the comparison %j is ahead: %s', async (comparison, isAhead) => {
    const server = member().on(`${base}/pulls`, pages([]))
    server.on(`${base}/compare/${sha.main}...${sha.head}`, json(200, comparison))
    expect((await readWell(server, [], { ahead: true })).isAhead).toBe(isAhead)
    expect(await readWell(server)).not.toHaveProperty('isAhead')
  })

  test('a head that has no common ancestor with the default branch is ahead', async () => {
    const server = member().on(`${base}/pulls`, pages([]))
    server.on(`${base}/compare/${sha.main}...${sha.head}`, notFound)
    expect((await readWell(server, [], { ahead: true })).isAhead).toBe(true)
  })

  test('a comparison that fails makes the repository unreadable', async () => {
    const server = member().on(`${base}/pulls`, pages([]))
    server.on(`${base}/compare/${sha.main}...${sha.head}`, json(403, { message: 'Resource not accessible' }))
    expect(await read(server, [], { ahead: true })).toMatchObject({
      kind: 'unreadable',
      failure: { kind: 'forbidden' },
    })
  })

  test('a head with a pull request is not compared', async () => {
    expect(await readWell(member(), [], { ahead: true })).not.toHaveProperty('isAhead')
  })

  test('a repository with the branch is read with its pull requests, status and workflow files', async () => {
    const reading = await readWell(member(), ['build.yml'])

    expect(reading).toEqual({
      kind: 'read',
      repo,
      isArchived: false,
      defaultBranch: 'main',
      defaultBranchSha: sha.main,
      headSha: sha.head,
      pullRequests: [
        {
          number: 7,
          url: 'https://github.com/acme/lib/pull/7',
          title: 'Pull request 7',
          headRef: 'DPTA-1',
          headSha: sha.head,
          baseRef: 'main',
          isDraft: false,
          isFork: false,
          // The REST API does not say so.
          ...(graphQL === 'same' ? { hasMergeQueue: false } : {}),
        },
      ],
      sameHead: [],
      status: {
        id: idOf(1),
        state: 'pending',
        context: 'orchestrator-build',
        description: 'run:0123456789ab',
        targetUrl: 'https://example.com/run',
        creator: 'octocat',
        createdAt: Date.UTC(2026, 10, 21, 8),
      },
      workflows: [{ workflow: 'build.yml', atHead: 'on: workflow_dispatch', atDefaultBranch: 'on: workflow_dispatch' }],
    })
  })

  test('an answer about another ref than the requested one does not count as the branch', async () => {
    const server = member().on(`${base}/git/ref/heads/DPTA-1`, json(200, ref('DPTA-12', sha.head)))

    expect((await readWell(server)).headSha).toBeNull()
  })

  test('an empty repository is read without the branch and without a default branch head', async () => {
    const empty = json(409, { message: 'Git Repository is empty.', documentation_url: 'https://docs.github.com/rest' })
    const server = member().on(`${base}/git/ref/heads/DPTA-1`, empty).on(`${base}/git/ref/heads/main`, empty)

    expect(await readWell(server)).toMatchObject({ headSha: null, defaultBranchSha: null })
  })

  test('a repository that is not available yet is unreadable, not empty', async () => {
    const unavailable = json(409, { message: 'Git Repository is unavailable.' })

    expect(await read(member().on(`${base}/git/ref/heads/DPTA-1`, unavailable))).toMatchObject({
      kind: 'unreadable',
      failure: { kind: 'invalid-request', httpStatus: 409 },
    })
  })

  test('an absent branch does not count as absent when the default branch cannot be read either', async () => {
    const server = member().on(`${base}/git/ref/heads/DPTA-1`, notFound).on(`${base}/git/ref/heads/main`, notFound)

    expect(await read(server)).toEqual({
      kind: 'unreadable',
      repo,
      failure: {
        kind: 'forbidden',
        message: 'this token cannot read the branches of acme/lib: not even its default branch main is visible',
        remedy: 'give the token Contents: read on acme/lib (a classic token: the scope repo)',
        repo,
        permission: 'contents=read',
      },
    })
  })

  test('a missing default branch is distinguished from a missing permission', async () => {
    expect(await read(member().on(`${base}/git/ref/heads/main`, notFound))).toMatchObject({
      kind: 'unreadable',
      failure: { kind: 'not-found', message: 'the default branch main of acme/lib does not exist' },
    })
  })

  test('a missing or hidden repository is unreadable', async () => {
    const server = member().on(base, notFound).on(`${base}/git/ref/heads/DPTA-1`, notFound)

    expect(await read(server)).toMatchObject({
      kind: 'unreadable',
      failure: { kind: 'not-found', message: 'repository acme/lib does not exist, or this token cannot see it' },
    })
  })

  test('the failure of a renamed repository names its new name', async () => {
    const moved = redirect(301, 'https://api.github.com/repositories/10')
    const server = member()
      .on(base, moved)
      .on(`${base}/git/ref/heads/DPTA-1`, redirect(301, 'https://api.github.com/repositories/10/git/ref/heads/DPTA-1'))
      .on('GET /repositories/10', json(200, repository({ full_name: 'acme/library' })))

    expect(await read(server)).toMatchObject({
      kind: 'unreadable',
      failure: {
        kind: 'renamed',
        message: 'the repository acme/lib is now called acme/library',
        remedy: 'write acme/library in the graph file',
      },
    })
  })

  test('a repository that answers under another name is renamed, and a difference in case does not matter', async () => {
    expect(await read(member().on(base, json(200, repository({ full_name: 'acme/other' }))))).toMatchObject({
      failure: { kind: 'renamed', message: 'the repository acme/lib is now called acme/other' },
    })
    expect(await read(member().on(base, json(200, repository({ full_name: 'Acme/LIB' }))))).toMatchObject({
      kind: 'read',
      repo,
    })
  })

  test('an archived repository is read as archived', async () => {
    expect((await readWell(member().on(base, json(200, repository({ archived: true }))))).isArchived).toBe(true)
  })

  test("a fork's pull request of the same branch name does not belong to the change, even if the fork is deleted", async () => {
    const open = [
      pull({ number: 1, headRepo: { id: 99 }, headSha: sha.other }),
      pull({ number: 2, headRepo: null, headSha: sha.other }),
      pull({ number: 3 }),
    ]
    const reading = await readWell(member().on(`${base}/pulls`, pages(open)))

    expect(reading.pullRequests.map(({ number }) => number)).toEqual([3])
    expect(reading.sameHead).toEqual([])
  })

  test('another pull request of the same commit, from another branch or a fork, is listed separately', async () => {
    const open = [
      pull({ number: 1 }),
      pull({ number: 2, branch: 'dpta-1' }),
      pull({ number: 3, headRepo: { id: 99 } }),
      pull({ number: 4, headRepo: null }),
      pull({ number: 5, branch: 'else', headSha: sha.other }),
    ]
    const reading = await readWell(member().on(`${base}/pulls`, pages(open)))

    expect(reading.pullRequests.map(({ number }) => number)).toEqual([1])
    expect(reading.sameHead.map(({ number, isFork }) => [number, isFork])).toEqual([
      [2, false],
      [3, true],
      [4, true],
    ])
  })

  test('other pull requests of a commit are found even if the head of the pull request lags behind the branch', async () => {
    const open = [pull({ number: 1, headSha: sha.other }), pull({ number: 2, branch: 'else', headSha: sha.other })]
    const reading = await readWell(member().on(`${base}/pulls`, pages(open)))

    expect(reading.pullRequests[0]?.headSha).toBe(sha.other)
    expect(reading.sameHead.map(({ number }) => number)).toEqual([2])
  })

  test('the pull requests of all pages are read, each once', async () => {
    const others = Array.from({ length: 150 }, (_, index) =>
      pull({ number: index + 1, branch: 'else', headSha: sha.other }),
    )
    const server = member().on(`${base}/pulls`, pages([...others, pull({ number: 200 }), pull({ number: 200 })]))

    expect((await readWell(server)).pullRequests.map(({ number }) => number)).toEqual([200])
  })

  test('the newest status of the context is found in any case and on later pages', async () => {
    const others = Array.from({ length: 100 }, (_, index) => status({ id: 500 - index, context: 'ci' }))
    const wanted = [status({ id: 40, context: 'Orchestrator-Build' }), status({ id: 30 })]
    const server = member().on(`${base}/commits/${sha.head}/statuses`, pages([...others, ...wanted]))

    expect((await readWell(server)).status).toMatchObject({ id: idOf(40), context: 'Orchestrator-Build' })
  })

  test('a workflow file that is missing on one branch is null there, and the head is read by its SHA', async () => {
    const path = `${base}/contents/.github/workflows/build.yml`
    const server = member().on(path, (request, signal) =>
      request.query.get('ref') === sha.head ? notFound(request, signal) : raw('name: build')(request, signal),
    )

    expect((await readWell(server, ['build.yml'])).workflows).toEqual([
      { workflow: 'build.yml', atHead: null, atDefaultBranch: 'name: build' },
    ])
  })

  test('a folder at the path of a workflow file is a failure', async () => {
    const server = member().on(`${base}/contents/.github/workflows/build.yml`, json(200, []))

    expect(await read(server, ['build.yml'])).toMatchObject({
      kind: 'unreadable',
      failure: { kind: 'unexpected-answer', message: expect.stringContaining('it is not a file') as string },
    })
  })

  test.each([
    ['the branch', `${base}/git/ref/heads/DPTA-1`, 'Contents: read'],
    ['the default branch', `${base}/git/ref/heads/main`, 'Contents: read'],
    ['pull requests', `${base}/pulls`, 'Pull requests: read'],
    ['statuses', `${base}/commits/${sha.head}/statuses`, 'Commit statuses: read'],
    ['a workflow file', `${base}/contents/.github/workflows/build.yml`, 'Contents: read'],
  ])(
    'a repository is unreadable when the token may not read %s, and the failure names the permission',
    async (_what, route, label) => {
      const forbidden = json(403, { message: 'Resource not accessible by personal access token' })

      expect(await read(member().on(route, forbidden), ['build.yml'])).toMatchObject({
        kind: 'unreadable',
        failure: {
          kind: 'forbidden',
          message: expect.stringContaining('Resource not accessible by personal access token') as string,
          remedy: `give the token ${label} on acme/lib (a classic token: the scope repo)`,
        },
      })
    },
  )

  test('each repository has its own reading, in the requested order', async () => {
    const server = member().on('GET /repos/acme/app', notFound).on('GET /repos/acme/app/git/ref/heads/DPTA-1', notFound)
    const repositories = ['acme/app', 'acme/lib'].map((name) => ({ repo: name, workflows: [] }))

    const readings = await server.github().readChange({ branch: 'DPTA-1', statusContext: 'x', repositories })

    expect(readings.map(({ kind, repo: name }) => [kind, name])).toEqual([
      ['unreadable', 'acme/app'],
      ['read', 'acme/lib'],
    ])
  })

  test('an answer without a documented field is a failure', async () => {
    const server = member().on(base, json(200, { id: 10, full_name: 'acme/lib', default_branch: 'main' }))

    expect(await read(server)).toMatchObject({
      failure: {
        kind: 'unexpected-answer',
        message: 'GitHub answered unexpectedly about repository acme/lib: archived is missing',
      },
    })
  })
})

describe('by the REST API alone', () => {
  const member = (): ScriptedGitHub => memberOf('none')

  test('a page of a proxy with status 404 does not prove that the branch is absent', async () => {
    const page = text(404, '<html><title>Not here</title></html>', { 'content-type': 'text/html' })
    const server = member().on(`${base}/git/ref/heads/DPTA-1`, page)

    expect(await read(server)).toMatchObject({
      kind: 'unreadable',
      failure: { kind: 'unexpected-answer', httpStatus: 404 },
    })
  })

  test('every request has the token, the API version and the media type, and goes to the API only', async () => {
    const server = member()
    await readWell(server, ['build.yml'])

    expect(server.requests).toHaveLength(7)
    for (const { origin, headers } of server.requests) {
      expect(origin).toBe('https://api.github.com')
      expect(headers.get('authorization')).toBe(`token ${token}`)
      expect(headers.get('x-github-api-version')).toBe('2022-11-28')
      expect(headers.get('accept')).toMatch(/^application\/vnd\.github(\.raw)?\+json$/u)
    }
  })

  test('a repository without the branch costs three requests', async () => {
    const server = member().on(`${base}/git/ref/heads/DPTA-1`, notFound)

    expect(await readWell(server, ['build.yml'])).toMatchObject({
      headSha: null,
      defaultBranchSha: sha.main,
      pullRequests: [],
      sameHead: [],
      status: null,
      workflows: [],
    })
    expect(server.asked().sort()).toEqual([base, `${base}/git/ref/heads/DPTA-1`, `${base}/git/ref/heads/main`])
  })

  test('a branch with slashes and special characters is requested by its exact name', async () => {
    const branch = 'DPTA-1/a#b?c%d+é'
    const server = member().on(`${base}/git/ref/heads/${branch}`, notFound)
    const query = { branch, statusContext: 'x', repositories: [{ repo, workflows: [] }] }

    const [reading] = await server.github().readChange(query)

    expect(reading).toMatchObject({ kind: 'read', headSha: null })
  })

  test('the number of reads in flight never exceeds the limit', async () => {
    const server = member()
    let underWay = 0
    let most = 0
    const counted: typeof fetch = async (input, init) => {
      underWay += 1
      most = Math.max(most, underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay -= 1
      return server.fetch(input, init)
    }
    const repositories = Array.from({ length: 12 }, () => ({ repo, workflows: ['build.yml'] }))

    await server
      .github({ fetch: counted, concurrency: 3 })
      .readChange({ branch: 'DPTA-1', statusContext: 'x', repositories })

    expect(most).toBe(3)
  })
})

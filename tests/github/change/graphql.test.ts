import { parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { changeQuery } from '../../../src/github/change/graphql/change-query.js'
import { headStatusesQuery } from '../../../src/github/change/graphql/head-statuses.js'
import { morePullRequestsQuery, openPullRequestsQuery } from '../../../src/github/change/graphql/open-pull-requests.js'
import type { RepositoryReading } from '../../../src/model/change.js'
import { publicSchema } from '../support/graphql-from-rest.js'
import { notFound, json, ScriptedGitHub, type Reply, type SeenRequest } from '../support/scripted-github.js'

const heads = { head: 'a'.repeat(40), main: '1'.repeat(40) }
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `acme/lib-${index}`)
const queryOf = (repos: readonly string[], more: object = {}) => ({
  branch: 'DPTA-1',
  statusContext: 'orchestrator-build',
  repositories: repos.map((repo) => ({ repo, workflows: [] as string[] })),
  ...more,
})

interface Sent {
  query: string
  variables: Record<string, string>
}

/** Names of the repositories in a request. */
function askedFor({ body }: SeenRequest): string[] {
  const { variables } = body as Sent
  return Object.entries(variables).flatMap(([key, value]) => (/^n\d+$/u.test(key) ? [value] : []))
}

/** A readable repository without the branch, unless changed. */
function repositoryOf(name: string, changed: object = {}): object {
  return {
    nameWithOwner: `acme/${name}`,
    isArchived: false,
    defaultBranchRef: { name: 'main', target: { __typename: 'Commit', oid: heads.main } },
    ref: null,
    pullRequests: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] },
    earlier: { totalCount: 0, nodes: [] },
    ...changed,
  }
}

/** Answers each requested repository with the result of `of` for its name. */
function answering(of: (name: string) => object | null = (name) => repositoryOf(name), more: object = {}): Reply {
  return (request, signal) => {
    const data = Object.fromEntries(askedFor(request).map((name, index) => [`r${index}`, of(name)]))
    return json(200, { data, ...more })(request, signal)
  }
}

const refHead = {
  ref: {
    prefix: 'refs/heads/',
    name: 'DPTA-1',
    target: { __typename: 'Commit', oid: heads.head, status: null },
  },
}

const server = (...replies: Reply[]): ScriptedGitHub => new ScriptedGitHub().on('POST /graphql', ...replies)

/** Lets the REST API answer that two repositories do not exist. */
function withoutRepositories(it: ScriptedGitHub): ScriptedGitHub {
  for (const name of names(2))
    it.on(`GET /repos/${name}`, notFound).on(`GET /repos/${name}/git/ref/heads/DPTA-1`, notFound)
  return it
}

function kinds(readings: readonly RepositoryReading[]): string[] {
  return readings.map((reading) => (reading.kind === 'read' ? 'read' : reading.failure.kind))
}

describe('the GraphQL queries', () => {
  const repositories = [
    { repo: 'acme/lib', workflows: ['build.yml', 'deploy.yml'] },
    { repo: 'acme/app', workflows: ['build.yml'] },
    { repo: 'acme/bare', workflows: [] },
  ]
  const change = queryOf([], { repositories })
  test.each([
    [
      'planning',
      changeQuery(change, repositories, {
        isPlanning: true,
        mergeability: true,
        membership: true,
        runs: true,
        viewer: true,
      }).query,
    ],
    [
      'planning without checks',
      changeQuery(change, repositories, {
        isPlanning: true,
        mergeability: true,
        membership: true,
        runs: false,
        viewer: false,
      }).query,
    ],
    [
      'a repeated reading',
      changeQuery(change, repositories.slice(2), {
        isPlanning: false,
        mergeability: false,
        membership: false,
        runs: false,
        viewer: false,
      }).query,
    ],
    [
      'a status',
      changeQuery(change, repositories.slice(2), {
        isPlanning: false,
        mergeability: true,
        membership: true,
        runs: false,
        viewer: false,
      }).query,
    ],
    [
      'the reading before success',
      changeQuery(change, repositories.slice(2), {
        isPlanning: false,
        mergeability: true,
        membership: false,
        runs: false,
        viewer: false,
      }).query,
    ],
    ['open pull requests', openPullRequestsQuery(repositories).query],
    ['more open pull requests', morePullRequestsQuery],
    ['statuses of heads', headStatusesQuery('x', [{ repo: 'acme/lib', headSha: heads.head }]).query],
  ])("the query for %s is valid in GitHub's public schema", (_, query) => {
    expect(validate(publicSchema(), parse(query)).map(({ message }) => message)).toEqual([])
  })

  test('the text of a query contains no name, branch or path', () => {
    const hostile = { branch: 'x"){evil}', statusContext: '"ctx"', repositories }
    const { query, variables } = changeQuery(hostile, repositories, {
      isPlanning: true,
      mergeability: true,
      membership: true,
      runs: true,
      viewer: true,
    })
    expect(query).not.toMatch(/evil|ctx|acme|lib|build\.yml/u)
    expect(Object.values(variables)).toEqual(expect.arrayContaining(['refs/heads/x"){evil}', '"ctx"', 'acme', 'lib']))
  })
})

describe('the size of a query', () => {
  test('a query requests a hundred repositories, or fifty with the files of their workflows', async () => {
    const plain = server(answering())
    await plain.github().readChange(queryOf(names(250)))
    expect(plain.requests.map((request) => askedFor(request).length)).toEqual([100, 100, 50])
    const planning = server(answering())
    const repositories = names(100).map((repo) => ({ repo, workflows: ['build.yml'] }))
    await planning.github().readChange({ ...queryOf([]), repositories, jobStatuses: true })
    expect(planning.requests.map((request) => askedFor(request).length)).toEqual([50, 50])
  })

  test.each([502, 504])('queries request half as many repositories from a %s on', async (status) => {
    const tooMuch: Reply = (request, signal) =>
      askedFor(request).length > 30 ? json(status, {})(request, signal) : answering()(request, signal)
    const it = server(tooMuch)
    const github = it.github()
    const readings = await it.clock.until(github.readChange(queryOf(names(100))))
    expect(readings.map(({ repo }) => repo)).toEqual(names(100))
    expect(new Set(kinds(readings))).toEqual(new Set(['read']))
    expect(it.requests.map((request) => askedFor(request).length)).toEqual([100, 50, 25, 25, 25, 25])
    await it.clock.until(github.readChange(queryOf(names(50))))
    expect(it.requests.slice(-2).map((request) => askedFor(request).length)).toEqual([25, 25])
  })

  test('queries request half as many repositories from an answer with RESOURCE_LIMITS_EXCEEDED on', async () => {
    const error = { type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Resource limits for this query exceeded.' }
    const it = server(
      answering(() => null, { errors: [error] }),
      answering(),
    )
    const readings = await it.clock.until(it.github().readChange(queryOf(names(4))))
    expect(kinds(readings)).toEqual(['read', 'read', 'read', 'read'])
    expect(it.requests.map((request) => askedFor(request).length)).toEqual([4, 2, 2])
  })

  test('a server that fails every query does not receive a query for each repository', async () => {
    const it = server(json(502, {}))
    const readings = await it.clock.until(it.github().readChange(queryOf(names(100))))
    expect(new Set(kinds(readings))).toEqual(new Set(['server-error']))
    expect(it.requests.length).toBeLessThan(30)
  })
})

describe('a failure of GitHub inside an answer of status 200', () => {
  const wrong = { message: 'Something went wrong while executing your query. This may be the result of a timeout.' }
  const failures: [string, object][] = [
    ['beside null', { data: null, errors: [wrong] }],
    ['without data', { errors: [wrong] }],
    ['with a type', { data: null, errors: [{ type: 'SERVICE_UNAVAILABLE', message: 'try later' }] }],
    ['in words that are not known', { data: null, errors: [{ message: 'no idea' }] }],
  ]

  test.each(failures)('%s is followed by the same query after a growing wait', async (_, body) => {
    const it = server(json(200, body), json(200, body), answering())
    const start = it.clock.now()
    const readings = await it.clock.until(it.github().readChange(queryOf(names(4))))
    expect(kinds(readings)).toEqual(['read', 'read', 'read', 'read'])
    expect(it.requests.map((request) => askedFor(request).length)).toEqual([4, 4, 4])
    expect(it.clock.now() - start).toBe(750 + 1500)
  })

  test.each(failures)('%s that persists makes the REST API answer', async (_, body) => {
    const it = withoutRepositories(server(json(200, body)))
    const reasons: string[] = []
    const github = it.github({ onGraphQLRefused: (reason) => reasons.push(reason) })
    expect(kinds(await it.clock.until(github.readChange(queryOf(names(2)))))).toEqual(['not-found', 'not-found'])
    expect(it.asked().filter((line) => line === 'POST /graphql')).toHaveLength(6)
    expect(it.asked()).toContain('GET /repos/acme/lib-1')
    expect(reasons).toEqual([])
  })

  test('the open pull requests and the statuses of heads are read over the REST API as well', async () => {
    const it = server(json(200, { data: null, errors: [wrong] })).on('GET /repos/acme/lib-0/pulls', json(200, []))
    const query = { statusContext: 'orchestrator-build', repositories: names(1), matches: () => true }
    expect(await it.clock.until(it.github().readPullRequests(query))).toEqual([
      { repo: 'acme/lib-0', read: { ok: true, value: [] } },
    ])
  })

  test('a query for many repositories is split at once and not repeated', async () => {
    const it = server(json(200, { data: null, errors: [wrong] }), answering())
    const start = it.clock.now()
    const readings = await it.clock.until(it.github().readChange(queryOf(names(40))))
    expect(new Set(kinds(readings))).toEqual(new Set(['read']))
    expect(it.requests.map((request) => askedFor(request).length)).toEqual([40, 20, 20])
    expect(it.clock.now()).toBe(start)
  })
})

describe('membership', () => {
  const membership = { membership: true }
  const pull = (number: number, changed: object = {}) => ({
    number,
    url: `https://github.test/acme/lib-0/pull/${number}`,
    state: 'MERGED',
    headRefOid: heads.head,
    baseRefName: 'main',
    isCrossRepository: false,
    headRepository: { id: 'R_1' },
    ...changed,
  })
  const empty = { totalCount: 0, nodes: [] }
  const listed = (nodes: object[], totalCount = nodes.length) => ({ totalCount, nodes })

  test('a query returns the ended pull requests of the branch without those of forks', async () => {
    const ended = listed([
      pull(1),
      pull(2, { state: 'CLOSED' }),
      pull(3, { isCrossRepository: true }),
      pull(4, { headRepository: null }),
    ])
    const it = server(answering((name) => repositoryOf(name, { ...refHead, ended, alike: empty })))
    const [reading] = await it.github().readChange(queryOf(names(1), membership))
    const { url } = pull(1)
    expect(reading).toMatchObject({
      endedPullRequests: [
        { number: 1, url, isMerged: true, headSha: heads.head, baseRef: 'main' },
        { number: 2, isMerged: false },
      ],
    })
    expect(reading).not.toHaveProperty('caseVariants')
    expect(it.requests).toHaveLength(1)
  })

  test('a list of ended pull requests that does not fit is read by the REST API', async () => {
    const ended = listed([pull(1)], 21)
    const it = server(answering((name) => repositoryOf(name, { ...refHead, ended, alike: empty })))
    it.on('GET /repos/acme/lib-0/pulls', json(200, []))
    const [reading] = await it.github().readChange(queryOf(names(1), membership))
    expect(reading).toMatchObject({ endedPullRequests: [] })
    expect(it.requests.map(({ path }) => path)).toContain('/repos/acme/lib-0/pulls')
  })

  test('a query returns the branches that differ only in case, where the branch does not exist', async () => {
    const alike = listed([{ name: 'dpta-1' }, { name: 'DPTA-12' }, { name: 'x/dpta-1' }, { name: 'Dpta-1' }])
    const it = server(answering((name) => repositoryOf(name, { ended: empty, alike })))
    const [reading] = await it.github().readChange(queryOf(names(1), membership))
    expect(reading).toMatchObject({ headSha: null, caseVariants: ['dpta-1', 'Dpta-1'] })
    expect(it.requests[0]?.body).toMatchObject({ variables: { like: '-1' } })
  })

  test('a list of branches that does not fit is read by the REST API, with both cases of the first letter', async () => {
    const alike = listed([{ name: 'a-1' }], 101)
    const it = server(answering((name) => repositoryOf(name, { ended: empty, alike })))
    const refOf = (name: string) => ({ ref: `refs/heads/${name}`, object: { sha: heads.head } })
    it.on('GET /repos/acme/lib-0/git/matching-refs/heads/d', json(200, [refOf('dpta-1'), refOf('develop')]))
    it.on('GET /repos/acme/lib-0/git/matching-refs/heads/D', json(200, [refOf('DPTA-2')]))
    const [reading] = await it.github().readChange(queryOf(names(1), membership))
    expect(reading).toMatchObject({ caseVariants: ['dpta-1'] })
  })

  test('a failed reading of either list is a failure of the repository, not an absent branch', async () => {
    const it = server(answering((name) => repositoryOf(name, { ended: empty, alike: listed([], 101) })))
    it.on('GET /repos/acme/lib-0/git/matching-refs/heads/d', json(403, { message: 'no' }))
    it.on('GET /repos/acme/lib-0/git/matching-refs/heads/D', json(403, { message: 'no' }))
    const readings = await it.clock.until(it.github().readChange(queryOf(names(1), membership)))
    expect(readings.map(({ kind }) => kind)).toEqual(['unreadable'])
  })
})

describe('a server or a token that refuses GraphQL', () => {
  const unknownField = { message: "Field 'file' doesn't exist on type 'Commit'", path: ['query', 'r0'], locations: [] }
  test.each<[string, Reply]>([
    ['404', notFound],
    ['403', json(403, { message: 'Resource not accessible by integration' })],
    ['410', json(410, { message: 'Gone' })],
    ['an unknown field', json(200, { errors: [unknownField] })],
  ])('a server or a token that refuses GraphQL (%s) is read over the REST API from then on', async (_, refusal) => {
    const it = server(refusal)
      .on('GET /repos/acme/lib-0', notFound)
      .on('GET /repos/acme/lib-0/git/ref/heads/DPTA-1', notFound)
    const reasons: string[] = []
    const github = it.github({ onGraphQLRefused: (reason) => reasons.push(reason) })
    await it.clock.until(github.readChange(queryOf(names(1))))
    await it.clock.until(github.readChange(queryOf(names(1))))
    expect(it.asked().filter((line) => line === 'POST /graphql')).toHaveLength(1)
    expect(it.asked()).toContain('GET /repos/acme/lib-0')
    expect(reasons).toHaveLength(1)
  })

  test.each<[string, Reply, string]>([
    ['a refused token', json(401, { message: 'Bad credentials' }), 'unauthorized'],
    ['a page of some proxy', json(200, 'hello'), 'unexpected-answer'],
    ['an answer without data', json(200, { data: null }), 'unexpected-answer'],
  ])('a refusal of GraphQL is not %s, which is a failure', async (_, reply, kind) => {
    const it = server(reply)
    expect(kinds(await it.clock.until(it.github().readChange(queryOf(names(2)))))).toEqual([kind, kind])
    expect(new Set(it.asked())).toEqual(new Set(['POST /graphql']))
  })
})

describe('an incomplete answer', () => {
  test('a repository that the answer leaves out is unreadable', async () => {
    const it = server(json(200, { data: { r0: repositoryOf('lib-0') } }))
    expect(kinds(await it.github().readChange(queryOf(names(2))))).toEqual(['read', 'unexpected-answer'])
  })

  test.each<[string, object, object]>([
    ['an error about an unknown path', { message: 'no idea', path: ['r7'] }, {}],
    ['a refusal of the whole query', { type: 'FORBIDDEN', message: 'IP allow list' }, { data: null }],
  ])('%s makes the REST API answer for all repositories of the query', async (_, error, more) => {
    const it = withoutRepositories(server(answering(undefined, { errors: [error], ...more })))
    const readings = await it.clock.until(it.github().readChange(queryOf(names(2))))
    expect(kinds(readings)).toEqual(['not-found', 'not-found'])
    expect(it.asked()).toEqual(expect.arrayContaining(['GET /repos/acme/lib-0', 'GET /repos/acme/lib-1']))
  })

  test.each(['NOT_FOUND', 'FORBIDDEN'])(
    'a repository with the error %s, or with a part that has it, is read over the REST API',
    async (type) => {
      const rest = { message: 'Not Found' }
      for (const path of [['r0'], ['r0', 'ref'], ['r0', 'ref', 'target', 'status']]) {
        const it = server(answering(undefined, { errors: [{ type, message: 'no', path }] }))
          .on('GET /repos/acme/lib-0', json(404, rest))
          .on('GET /repos/acme/lib-0/git/ref/heads/DPTA-1', json(404, rest))
        expect(kinds(await it.github().readChange(queryOf(names(2))))).toEqual(['not-found', 'read'])
      }
    },
  )

  test('a repository that is null because of an error in one of its parts is read over the REST API', async () => {
    const error = { message: 'Something went wrong', path: ['r0', 'earlier'] }
    const it = server(json(200, { data: { r0: null, r1: repositoryOf('lib-1') }, errors: [error] }))
      .on('GET /repos/acme/lib-0', notFound)
      .on('GET /repos/acme/lib-0/git/ref/heads/DPTA-1', notFound)
    expect(kinds(await it.github().readChange(queryOf(names(2))))).toEqual(['not-found', 'read'])
  })

  test('a branch with another full name than the requested one does not count', async () => {
    const ref = { ...refHead.ref, prefix: 'refs/tags/', name: 'DPTA-1' }
    const it = server(answering((name) => repositoryOf(name, { ref })))
    const [reading] = await it.github().readChange(queryOf(names(1)))
    expect(reading).toMatchObject({ kind: 'read', headSha: null })
  })

  test('a list with a null item is a failure', async () => {
    const pullRequests = { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [null] }
    const it = server(answering((name) => repositoryOf(name, { pullRequests })))
    expect(kinds(await it.github().readChange(queryOf(names(1))))).toEqual(['unexpected-answer'])
  })
})

describe('a planning query', () => {
  const contextOf = (context: string, login: string, __typename = 'User') => ({
    state: 'SUCCESS',
    context,
    description: 'x',
    targetUrl: null,
    createdAt: '2026-11-21T08:00:00Z',
    creator: { __typename, login },
  })
  const suite = {
    status: 'COMPLETED',
    conclusion: 'SUCCESS',
    workflowRun: {
      url: 'https://github.com/acme/lib-0/actions/runs/30433642001',
      createdAt: '2026-11-21T08:00:00Z',
      updatedAt: '2026-11-21T08:05:00Z',
      workflow: { resourcePath: '/acme/lib-0/actions/workflows/build.yml', state: 'DISABLED_MANUALLY' },
    },
  }
  const target = {
    ...refHead.ref.target,
    status: {
      contexts: [
        contextOf('orchestrator-build', 'octocat'),
        contextOf('orchestrator-build/lib', 'github-actions', 'Bot'),
      ],
    },
    suites: { nodes: [suite, { status: 'QUEUED', conclusion: null, workflowRun: null }] },
  }
  const member = (changed: object = {}) => ({ ref: { ...refHead.ref, target }, ...changed })
  const read = async (changed: object, more: object = {}) => {
    const it = server(answering((name) => repositoryOf(name, changed), more))
    const [reading] = await it.github().readChange(queryOf(names(1), { jobStatuses: true }))
    if (reading?.kind !== 'read') throw new Error(reading?.failure.message)
    return reading
  }

  test("a planning query returns the jobs' statuses, with a bot's name as in the REST API", async () => {
    const { status, jobStatuses } = await read(member())
    expect(status).toMatchObject({ id: null, context: 'orchestrator-build', creator: 'octocat', state: 'success' })
    expect(jobStatuses).toMatchObject([{ context: 'orchestrator-build/lib', creator: 'github-actions[bot]' }])
  })

  test('a planning query returns the runs of the head, with the id from their URL', async () => {
    expect((await read(member())).runs).toEqual([
      {
        runId: 30433642001,
        url: suite.workflowRun.url,
        workflow: 'build.yml',
        workflowState: 'disabled',
        headSha: heads.head,
        status: 'completed',
        conclusion: 'success',
        createdAt: Date.UTC(2026, 10, 21, 8),
        updatedAt: Date.UTC(2026, 10, 21, 8, 5),
      },
    ])
  })

  test('a planning query without access to checks returns everything else, and later queries do not request checks', async () => {
    const error = { type: 'FORBIDDEN', message: 'no', path: ['r0', 'ref', 'target', 'suites'] }
    const hidden = { ref: { ...refHead.ref, target: { ...target, suites: null } } }
    const it = server(answering((name) => repositoryOf(name, hidden), { errors: [error] }))
    const github = it.github()
    const query = queryOf(names(1), { jobStatuses: true })
    const [reading] = await github.readChange(query)
    expect(reading).toMatchObject({ kind: 'read', headSha: heads.head })
    expect(reading).not.toHaveProperty('runs')
    await github.readChange(query)
    const texts = it.requests.map(({ body }) => (body as Sent).query.includes('checkSuites'))
    expect(texts).toEqual([true, false])
  })

  const commitsOf = (total: number, ...oids: string[]) => ({
    totalCount: total,
    nodes: oids.map((oid) => ({ commit: { oid, status: { context: contextOf('orchestrator-build', 'octocat') } } })),
  })
  const pull = (commits: object, forced: object[] = []) => ({
    isCrossRepository: false,
    commits,
    timelineItems: { nodes: forced },
  })
  const old = 'c'.repeat(40)

  test('a planning query returns the statuses of earlier heads if the pull requests prove that the list is complete', async () => {
    const nodes = [pull(commitsOf(2, old, heads.head))]
    const { earlierStatuses } = await read(member({ earlier: { totalCount: 1, nodes } }))
    expect(earlierStatuses).toMatchObject([{ headSha: old, status: { state: 'success' } }])
  })

  test.each([
    [
      'a push by force',
      { totalCount: 1, nodes: [pull(commitsOf(1, old), [{ __typename: 'HeadRefForcePushedEvent' }])] },
    ],
    ['more commits than were listed', { totalCount: 1, nodes: [pull(commitsOf(21, old))] }],
    ['more pull requests than were listed', { totalCount: 3, nodes: [pull(commitsOf(1, old))] }],
  ])('a planning query returns no statuses of earlier heads after %s', async (_, earlier) => {
    expect(await read(member({ earlier }))).not.toHaveProperty('earlierStatuses')
  })

  test("a planning query returns the login of the token's user, which is not requested again", async () => {
    const it = server(answering(undefined))
    const withViewer: Reply = (request, signal) =>
      json(200, { data: { viewer: { login: 'octocat' }, r0: repositoryOf('lib-0') } })(request, signal)
    it.on('POST /graphql', withViewer)
    const github = it.github()
    await github.readChange(queryOf(names(1), { jobStatuses: true }))
    expect(await github.login('acme/lib')).toEqual({ ok: true, value: 'octocat' })
    expect(it.asked()).toEqual(['POST /graphql'])
  })

  test("a planning query returns everything else when the token's user is hidden", async () => {
    const error = { type: 'FORBIDDEN', message: 'no', path: ['viewer'] }
    const it = server(json(200, { data: null, errors: [error] }), answering())
    const github = it.github()
    expect(kinds(await github.readChange(queryOf(names(1), { jobStatuses: true })))).toEqual(['read'])
    expect(kinds(await github.readChange(queryOf(names(1), { jobStatuses: true })))).toEqual(['read'])
    expect(it.requests.map(({ body }) => (body as Sent).query.includes('viewer'))).toEqual([true, false, false])
  })
})

describe('an outdated answer', () => {
  const shown = (updatedAt: string, createdAt: string | null) => ({
    ref: {
      ...refHead.ref,
      target: {
        ...refHead.ref.target,
        status: createdAt && {
          context: {
            state: 'PENDING',
            context: 'orchestrator-build',
            description: 'x',
            targetUrl: null,
            createdAt,
            creator: null,
          },
        },
      },
    },
    pullRequests: {
      pageInfo: { hasNextPage: false, endCursor: null },
      nodes: [
        {
          number: 7,
          url: 'https://github.com/acme/lib-0/pull/7',
          title: 'x',
          headRefName: 'DPTA-1',
          headRefOid: heads.head,
          baseRefName: 'main',
          isDraft: false,
          isCrossRepository: false,
          updatedAt,
          headRepository: { id: 'R' },
        },
      ],
    },
  })
  const lagOf = async (...answers: ReturnType<typeof shown>[]): Promise<(string | undefined)[]> => {
    const it = server(...answers.map((answer) => answering((name) => repositoryOf(name, answer))))
    const github = it.github()
    const lags: (string | undefined)[] = []
    while (lags.length < answers.length) {
      const [reading] = await github.readChange(queryOf(names(1)))
      lags.push(reading?.kind === 'read' ? reading.lag : 'unreadable')
    }
    return lags
  }
  const [early, late] = ['2026-11-21T08:00:00Z', '2026-11-21T08:00:05Z']

  test('an outdated answer shows a pull request in an older state', async () => {
    expect(await lagOf(shown(late, null), shown(early, null), shown(late, null))).toEqual([
      undefined,
      '#7 is shown in an older state',
      undefined,
    ])
  })

  test('an outdated answer lacks a known status or shows an older one', async () => {
    const missing = 'a status that was there before is missing'
    expect(await lagOf(shown(early, late), shown(early, null), shown(early, early), shown(early, late))).toEqual([
      undefined,
      missing,
      missing,
      undefined,
    ])
  })

  test('an outdated answer lacks a status that GitHub accepted from us', async () => {
    const taken = {
      id: 5,
      state: 'pending',
      context: 'orchestrator-build',
      description: 'x',
      target_url: null,
      creator: null,
      created_at: late,
    }
    const it = server(answering((name) => repositoryOf(name, shown(early, null)))).on(
      `POST /repos/acme/lib-0/statuses/${heads.head}`,
      json(201, taken),
    )
    const github = it.github()
    const post = {
      repo: 'acme/lib-0',
      headSha: heads.head,
      context: 'orchestrator-build',
      state: 'pending' as const,
      description: 'x',
      targetUrl: '',
    }
    await github.postStatus(post, { urgent: false }, () => Promise.resolve(true))
    const [reading] = await github.readChange(queryOf(names(1)))
    expect(reading).toMatchObject({ lag: 'a status that was there before is missing' })
  })
})

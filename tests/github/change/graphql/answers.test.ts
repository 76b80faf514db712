import { describe, expect, test } from 'vitest'
import {
  answering,
  heads,
  kinds,
  names,
  queryOf,
  refHead,
  repositoryOf,
  server,
  withoutRepositories,
} from '../../support/graphql-answers.js'
import { notFound, json } from '../../support/scripted-github.js'

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

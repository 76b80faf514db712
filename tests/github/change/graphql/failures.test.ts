import { describe, expect, test } from 'vitest'
import {
  answering,
  askedFor,
  kinds,
  names,
  queryOf,
  server,
  withoutRepositories,
} from '../../support/graphql-answers.js'
import { notFound, json } from '../../support/scripted-github.js'
import type { Reply } from '../../support/scripted-github.js'

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

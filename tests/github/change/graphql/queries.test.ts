import { parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { changeQuery } from '../../../../src/github/change/graphql/change-query.js'
import { headStatusesQuery } from '../../../../src/github/change/graphql/head-statuses.js'
import {
  morePullRequestsQuery,
  openPullRequestsQuery,
} from '../../../../src/github/change/graphql/open-pull-requests.js'
import { publicSchema } from '../../support/graphql-from-rest.js'
import { answering, askedFor, heads, kinds, names, queryOf, server } from '../../support/graphql-answers.js'
import { json } from '../../support/scripted-github.js'
import type { Reply } from '../../support/scripted-github.js'

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

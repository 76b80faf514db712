import { describe, expect, test } from 'vitest'

import { at } from '../api/world.js'
import { createGraphqlWorld } from './world.js'

const LIB = 'repository(owner: "acme", name: "lib")'

test.each([
  ['plain fields only', `{ ${LIB} { name } rateLimit { cost nodeCount } }`, 1, 0],
  [
    'a connection of one repository',
    `{ ${LIB} { pullRequests(first: 10) { totalCount } } rateLimit { cost nodeCount } }`,
    1,
    10,
  ],
  [
    'a connection of each of a hundred records',
    `{ ${LIB} { pullRequests(last: 100) { nodes { commits(last: 1) { totalCount } } } } rateLimit { cost nodeCount } }`,
    1,
    200,
  ],
  [
    'two connections of each of a hundred records, one in a fragment',
    `query($n: Int!) { ${LIB} { pullRequests(first: $n) { nodes { commits(last: 1) { totalCount } ...T } } } rateLimit { cost nodeCount } }
     fragment T on PullRequest { timelineItems(itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT], last: 5) { totalCount } }`,
    2,
    700,
  ],
  [
    'a skipped selection',
    `{ ${LIB} { pullRequests(first: 100) @skip(if: true) { nodes { commits(last: 1) { totalCount } } } } rateLimit { cost nodeCount } }`,
    1,
    0,
  ],
])('a query with %s has the cost of the formula', async (_what, text, cost, nodeCount) => {
  const world = await createGraphqlWorld()
  const { body, headers } = await world.query(text, { n: 100 })

  expect(at(body, 'errors')).toBeUndefined()
  expect(at(body, 'data', 'rateLimit')).toEqual({ cost, nodeCount })
  expect(headers.get('x-ratelimit-used')).toBe(String(cost))
  expect(headers.get('x-ratelimit-resource')).toBe('graphql')
})

test('GraphQL has a separate rate limit, which counts points', async () => {
  const world = await createGraphqlWorld()
  const { body } = await world.query('{ rateLimit { limit used remaining resetAt } }')
  const rest = await world.json('GET', '/repos/acme/lib')
  const limits = await world.json('GET', '/rate_limit')

  expect(at(body, 'data', 'rateLimit')).toEqual({
    limit: 5000,
    used: 1,
    remaining: 4999,
    resetAt: '2026-01-02T04:04:05Z',
  })
  expect(rest.headers.get('x-ratelimit-used')).toBe('1')
  expect(at(limits.body, 'resources')).toMatchObject({ core: { used: 1 }, graphql: { used: 1, remaining: 4999 } })
})

test('an exhausted GraphQL rate limit is reported in a 200 response until it resets', async () => {
  const world = await createGraphqlWorld()
  world.sandbox.admin.setRateLimit('developer', 5_000, 0, { resource: 'graphql', resetMs: 60_000 })
  const refused = await world.query('{ viewer { login } }')

  expect(refused.status).toBe(200)
  expect(refused.body).toMatchObject({ errors: [{ type: 'RATE_LIMITED', code: 'graphql_rate_limit' }] })
  expect(refused.body).not.toHaveProperty('data')
  expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
  expect((await world.call('GET', '/repos/acme/lib')).status).toBe(200)
  world.clock.advance(60_000)
  expect(at((await world.query('{ viewer { login } }')).body, 'data', 'viewer', 'login')).toBe('developer')
})

describe('GraphQL size limits', () => {
  test('a query for 100 node IDs succeeds, and a query for 101 is rejected', async () => {
    const world = await createGraphqlWorld()
    const user = at((await world.query('{ viewer { id } }')).body, 'data', 'viewer', 'id')
    const ask = (count: number): ReturnType<typeof world.query> => {
      return world.query('query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: Array(count).fill(user) })
    }

    expect(at((await ask(100)).body, 'data', 'nodes')).toHaveLength(100)
    expect((await ask(101)).body).toMatchObject({
      data: null,
      errors: [
        {
          type: 'ARGUMENT_LIMIT',
          path: ['nodes'],
          message: 'You may not provide more than 100 node ids; you provided 101.',
        },
      ],
    })
  })

  test.each([
    ['', 'MISSING_PAGINATION_BOUNDARIES'],
    ['(states: OPEN)', 'MISSING_PAGINATION_BOUNDARIES'],
    ['(first: 101)', 'EXCESSIVE_PAGINATION'],
    ['(last: -1)', 'INVALID_PAGINATION_BOUNDARIES'],
    ['(first: 1, after: "x")', 'INVALID_CURSOR_ARGUMENTS'],
  ])('a connection with the arguments "%s" is rejected with %s', async (args, type) => {
    const world = await createGraphqlWorld()
    const { body } = await world.query(`{ ${LIB} { pullRequests${args} { totalCount } } }`)

    expect(body).toMatchObject({
      data: { repository: null },
      errors: [{ type, path: ['repository', 'pullRequests'] }],
    })
  })

  test('a query for more than 500,000 records is rejected', async () => {
    const world = await createGraphqlWorld()
    const { body } = await world.query(
      `{ ${LIB} { pullRequests(first: 100) { nodes { commits(first: 100) { nodes { commit { history(first: 100) { totalCount } } } } } } } }`,
    )

    expect(body).toMatchObject({ errors: [{ type: 'MAX_NODE_LIMIT_EXCEEDED' }] })
    expect(body).not.toHaveProperty('data')
  })
})

import { describe, expect, test } from 'vitest'

import { at, HeldExecutor } from '../api/world.js'
import { createGraphqlWorld } from './world.js'

const repo = '/repos/acme/lib'
const LIB = '{ repository(owner: "acme", name: "lib") { name } }'
const HEAD = '{ repository(owner: "acme", name: "lib") { ref(qualifiedName: "refs/heads/DPTA-1") { target { oid } } } }'
const oid = (body: unknown): unknown => at(body, 'data', 'repository', 'ref', 'target', 'oid')

test('every GraphQL URL is logged as /graphql with the name of the operation', async () => {
  const world = await createGraphqlWorld()
  await world.query('query Plan { viewer { id } }', {}, { path: '/graphql' })
  await world.query('fragment F on User { id } query Poll($a: Int) { viewer { ...F } }', { a: 1 })
  await world.query(LIB, {}, { path: '/api/v3/graphql' })
  await world.json('POST', '/graphql', {
    query: 'query A { viewer { id } } query B { viewer { id } }',
    operationName: 'B',
  })
  await world.call('GET', repo)

  expect(world.sandbox.requests.map(({ path, operation, status }) => [path, operation, status])).toEqual([
    ['/graphql', 'Plan', 200],
    ['/graphql', 'Poll', 200],
    ['/graphql', null, 200],
    ['/graphql', 'B', 200],
    [repo, undefined, 200],
  ])
})

test('a fault for an operation name does not apply to other queries and other requests', async () => {
  const world = await createGraphqlWorld()
  world.sandbox.faults.add({ operation: /^Pl/, times: 1, action: { kind: 'respond', status: 502 } })

  expect((await world.query('query Poll { viewer { id } }')).status).toBe(200)
  expect((await world.call('GET', repo)).status).toBe(200)
  expect((await world.query('query Plan { viewer { id } }')).status).toBe(502)
  expect((await world.query('query Plan { viewer { id } }')).status).toBe(200)
})

test('a fault can apply only to reads, including GraphQL, or only to writes', async () => {
  const world = await createGraphqlWorld()
  const head = await world.sandbox.admin.branch('acme/lib', 'main')
  const statuses = async (): Promise<number[]> => [
    (await world.query(LIB)).status,
    (await world.call('GET', repo)).status,
    (await world.call('POST', `${repo}/statuses/${head}`, { state: 'pending' })).status,
  ]
  const remove = world.sandbox.faults.add({ access: 'read', action: { kind: 'respond', status: 503 } })
  const reads = await statuses()
  remove()
  world.sandbox.faults.add({ access: 'write', action: { kind: 'respond', status: 503 } })

  expect(reads).toEqual([503, 503, 201])
  expect(await statuses()).toEqual([200, 200, 503])
})

test.each([
  ['secondary-limit', { kind: 'secondary-limit', retryAfter: 3 }, 403],
  ['respond-after', { kind: 'respond-after', status: 504 }, 504],
] as const)('the fault %s applies to GraphQL as to any other request', async (_kind, action, status) => {
  const world = await createGraphqlWorld()
  world.sandbox.faults.add({ path: '/graphql', action })

  expect((await world.query(LIB)).status).toBe(status)
})

test.each(['disconnect', 'disconnect-after'] as const)('the fault %s cuts the connection of a query', async (kind) => {
  const world = await createGraphqlWorld()
  world.sandbox.faults.add({ path: '/graphql', action: { kind } })

  await expect(world.query(LIB)).rejects.toThrow('fetch failed')
})

test.each([
  [404, 'Not Found'],
  [403, 'Resource not accessible by personal access token'],
] as const)('a graphql-refused fault rejects GraphQL with %i and does not affect REST', async (status, message) => {
  const world = await createGraphqlWorld()
  const remove = world.sandbox.faults.add({ action: { kind: 'graphql-refused', status } })

  expect(await world.query(LIB)).toMatchObject({ status, body: { message } })
  expect((await world.call('GET', repo)).status).toBe(200)
  expect(world.sandbox.faults.applied).toEqual(new Map([['graphql-refused', 1]]))
  remove()
  expect((await world.query(LIB)).status).toBe(200)
})

test('a query beyond the maximum of repositories and nodes gets a 502 and still costs points', async () => {
  const world = await createGraphqlWorld()
  world.sandbox.faults.add({ action: { kind: 'graphql-too-large', repositories: 2 } })
  const one = 'repository(owner: "acme", name: "lib") { id }'
  const large = await world.query(`{ a: ${one} b: ${one} c: ${one} }`)

  expect(large).toMatchObject({
    status: 502,
    body: { data: null, errors: [{ message: expect.stringMatching(/^Something went wrong/) as unknown }] },
  })
  expect((await world.query(`{ a: ${one} b: ${one} }`)).status).toBe(200)
  expect((await world.query('{ nodes(ids: ["a", "b", "c"]) { id } }')).status).toBe(502)
  expect(at((await world.query('{ rateLimit { used } }')).body, 'data', 'rateLimit', 'used')).toBe(4)
})

test('a single repository can fail inside a response, by name and by node ID', async () => {
  const world = await createGraphqlWorld()
  await world.sandbox.admin.createRepository('acme/app')
  const ids = await world.query(
    '{ a: repository(owner: "acme", name: "app") { id } b: repository(owner: "acme", name: "lib") { id } }',
  )
  const [app, lib] = [at(ids.body, 'data', 'a', 'id'), at(ids.body, 'data', 'b', 'id')]
  world.sandbox.faults.add({
    action: { kind: 'graphql-partial', repository: 'Acme/App', type: 'FORBIDDEN', message: 'No.' },
  })
  const named = await world.query(
    '{ a: repository(owner: "acme", name: "app") { id } b: repository(owner: "acme", name: "lib") { id } }',
  )
  const nodes = await world.query('query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [app, lib] })

  expect(named.status).toBe(200)
  expect(at(named.body, 'data')).toEqual({ a: null, b: { id: lib } })
  expect(at(named.body, 'errors')).toMatchObject([{ type: 'FORBIDDEN', path: ['a'], message: 'No.' }])
  expect(at(nodes.body, 'data', 'nodes')).toEqual([null, { id: lib }])
})

test('a repository fault without a type gives an error without a type', async () => {
  const world = await createGraphqlWorld()
  world.sandbox.faults.add({ action: { kind: 'graphql-partial', repository: 'acme/lib' } })
  const { body } = await world.query(LIB)

  expect(body).toMatchObject({ data: { repository: null }, errors: [{ path: ['repository'] }] })
  expect(at(body, 'errors', 0)).not.toHaveProperty('type')
})

describe('stale queries', () => {
  test('a stale query returns an earlier state, even one older than a state that was already read', async () => {
    const world = await createGraphqlWorld()
    const { admin, faults } = world.sandbox
    const old = await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
    await world.call('POST', `${repo}/statuses/${old}`, { state: 'pending', context: 'c' })
    world.clock.advance(10_000)
    const fresh = await admin.commit('acme/lib', 'DPTA-1', { a: '2' })
    await world.call('POST', `${repo}/statuses/${old}`, { state: 'success', context: 'c' })
    const present = await world.query(HEAD)
    const remove = faults.add({ action: { kind: 'stale-reads', ms: 5_000 } })
    const stale = await world.query(HEAD)
    const status = await world.query(
      `{ repository(owner: "acme", name: "lib") { object(oid: "${old}") { ... on Commit { status { state } } } } }`,
    )
    remove()

    expect(oid(present.body)).toBe(fresh)
    expect(oid(stale.body)).toBe(old)
    expect(at(status.body, 'data', 'repository', 'object', 'status', 'state')).toBe('PENDING')
    expect(oid((await world.query(HEAD)).body)).toBe(fresh)
  })

  test('a stale query shows a pull request as it was before a push merged it', async () => {
    const world = await createGraphqlWorld()
    const { admin, faults } = world.sandbox
    const head = await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
    await admin.openPull('acme/lib', { head: 'DPTA-1' })
    world.clock.advance(10_000)
    await admin.moveBranch('acme/lib', 'main', head)
    const pull = '{ repository(owner: "acme", name: "lib") { pullRequest(number: 1) { state mergedAt } } }'
    const merged = await world.query(pull)
    faults.add({ action: { kind: 'stale-reads', ms: 5_000 } })
    const stale = await world.query(pull)
    world.clock.advance(10_000)
    const later = await world.query(pull)

    expect(at(merged.body, 'data', 'repository', 'pullRequest')).toMatchObject({ state: 'MERGED' })
    expect(at(stale.body, 'data', 'repository', 'pullRequest')).toEqual({ state: 'OPEN', mergedAt: null })
    expect(later.body).toEqual(merged.body)
  })
})

test('late runs are missing from the check suites of their commit and not found by their IDs', async () => {
  const executor = new HeldExecutor()
  const world = await createGraphqlWorld({ executor })
  await world.call('POST', `${repo}/actions/workflows/build.yml/dispatches`, { ref: 'main' })
  const suites = `{ repository(owner: "acme", name: "lib") { defaultBranchRef { target { ... on Commit {
    checkSuites(first: 5) { totalCount nodes { workflowRun { id } } } } } } } }`
  const found = (body: unknown): unknown => at(body, 'data', 'repository', 'defaultBranchRef', 'target', 'checkSuites')
  const known = found((await world.query(suites)).body)
  const remove = world.sandbox.faults.add({ action: { kind: 'late-runs', ms: 5_000 } })
  const id = at(known, 'nodes', 0, 'workflowRun', 'id')
  const byId = await world.query('query($id: ID!) { node(id: $id) { id } }', { id })

  expect(known).toMatchObject({ totalCount: 1 })
  expect(found((await world.query(suites)).body)).toEqual({ totalCount: 0, nodes: [] })
  expect(byId.body).toMatchObject({ data: { node: null }, errors: [{ type: 'NOT_FOUND' }] })
  remove()
  expect(found((await world.query(suites)).body)).toEqual(known)
})

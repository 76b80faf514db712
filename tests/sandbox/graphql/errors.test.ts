import { describe, expect, test } from 'vitest'

import type { RepositoryGrant } from '../../../src/sandbox/state/model.js'
import { at } from '../api/world.js'
import type { GraphqlWorld } from './world.js'
import { createGraphqlWorld } from './world.js'

const LIB = '{ repository(owner: "acme", name: "lib") { name } }'

/** Creates a world with the private repository `acme/secret`, whose branch DPTA-1 has a pull request, a status and a run. */
async function createPrivateWorld(): Promise<GraphqlWorld & { head: string }> {
  const world = await createGraphqlWorld()
  const { admin } = world.sandbox
  const workflow = 'on:\n  workflow_dispatch:\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: make\n'
  await admin.createRepository('acme/secret', { private: true })
  await admin.commit('acme/secret', 'main', { '.github/workflows/build.yml': workflow })
  const head = await admin.commit('acme/secret', 'DPTA-1', { a: '1' })
  await admin.openPull('acme/secret', { head: 'DPTA-1' })
  await world.call('POST', `/repos/acme/secret/statuses/${head}`, { state: 'pending', context: 'c' })
  await world.call('POST', '/repos/acme/secret/actions/workflows/build.yml/dispatches', { ref: 'DPTA-1' })
  await admin.idle()
  return { ...world, head }
}

describe('invalid requests', () => {
  test('a query without a token or with an unknown token gets a 401', async () => {
    const world = await createGraphqlWorld()
    const without = await world.query(LIB, {}, { token: null })
    const wrong = await world.query(LIB, {}, { token: 'nobody' })

    expect(without).toMatchObject({ status: 401, body: { message: 'This endpoint requires you to be authenticated.' } })
    expect(wrong).toMatchObject({ status: 401, body: { message: 'Bad credentials' } })
  })

  test('a request body that is not JSON gets a 400, and one without a query gets an error', async () => {
    const world = await createGraphqlWorld()
    const message = 'A query attribute must be specified and must be a string.'

    expect(await world.json('POST', '/graphql', '{')).toMatchObject({
      status: 400,
      body: { message: 'Problems parsing JSON' },
    })
    expect(await world.json('POST', '/graphql', { text: 'x' })).toMatchObject({
      status: 200,
      body: { errors: [{ message }] },
    })
    expect((await world.call('GET', '/graphql')).status).toBe(404)
  })

  test.each([
    ['a syntax error', '{ viewer {', /Syntax Error/],
    ['a field that GitHub does not have', '{ viewer { nose } }', /Cannot query field "nose" on type "User"/],
    ['a field that the sandbox does not support', '{ viewer { bio } }', /Cannot query field "bio" on type "User"/],
    ['a variable that is missing', 'query($n: String!) { repository(owner: "a", name: $n) { id } }', /\$n/],
    ['several operations and none named', 'query A { viewer { id } } query B { viewer { id } }', /operation name/],
    ['a mutation that the sandbox does not support', 'mutation { addStar { starrable { id } } }', /"addStar"/],
    ['a subscription', 'subscription { x }', /subscription/],
  ])('an invalid query gets a 200 with errors and without data: %s', async (_what, text, message) => {
    const world = await createGraphqlWorld()
    const { status, body } = await world.query(text)

    expect(status).toBe(200)
    expect(at(body, 'errors', 0, 'message')).toMatch(message)
    expect(body).not.toHaveProperty('data')
  })
})

describe('missing objects', () => {
  test('a missing object is null with its own error beside the data of the others', async () => {
    const world = await createGraphqlWorld()
    const { status, body } = await world.query(
      'query { r0: repository(owner: "acme", name: "nobody") { name } r1: repository(owner: "acme", name: "lib") { name } }',
    )

    expect(status).toBe(200)
    expect(body).toEqual({
      data: { r0: null, r1: { name: 'lib' } },
      errors: [
        {
          type: 'NOT_FOUND',
          path: ['r0'],
          locations: [{ line: 1, column: 9 }],
          message: "Could not resolve to a Repository with the name 'acme/nobody'.",
        },
      ],
    })
  })

  test('a renamed repository is found by its former name unless followRenames is false', async () => {
    const world = await createGraphqlWorld()
    world.sandbox.admin.renameRepository('acme/lib', 'library')
    const { body } = await world.query(
      '{ a: repository(owner: "acme", name: "lib") { nameWithOwner } b: repository(owner: "acme", name: "lib", followRenames: false) { id } }',
    )

    expect(at(body, 'data')).toEqual({ a: { nameWithOwner: 'acme/library' }, b: null })
    expect(at(body, 'errors')).toMatchObject([{ type: 'NOT_FOUND', path: ['b'] }])
  })

  test('an unknown node ID gives null and a NOT_FOUND error', async () => {
    const world = await createGraphqlWorld()
    const user = at((await world.query('{ viewer { id } }')).body, 'data', 'viewer', 'id')
    const { body } = await world.query('query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', {
      ids: ['nonsense', user, Buffer.from('011:WorkflowRun1').toString('base64')],
    })

    expect(at(body, 'data', 'nodes')).toEqual([null, { id: user, __typename: 'User' }, null])
    expect(at(body, 'errors')).toMatchObject([
      {
        type: 'NOT_FOUND',
        path: ['nodes', 0],
        message: "Could not resolve to a node with the global id of 'nonsense'",
      },
      { type: 'NOT_FOUND', path: ['nodes', 2] },
    ])
  })

  test('a missing branch, file or commit is null without an error', async () => {
    const world = await createGraphqlWorld()
    const { body } = await world.query(`{ repository(owner: "acme", name: "lib") {
      ref(qualifiedName: "refs/heads/DPTA-1") { name } odd: ref(qualifiedName: "a b") { name }
      file: object(expression: "main:nothing.txt") { id } branch: object(expression: "DPTA-1:README.md") { id }
      commit: object(oid: "${'0'.repeat(40)}") { id }
    } }`)

    expect(body).toEqual({
      data: { repository: { ref: null, odd: null, file: null, branch: null, commit: null } },
    })
  })
})

describe('token permissions', () => {
  const SECRET = 'repository(owner: "acme", name: "secret")'
  const all: RepositoryGrant = {
    contents: 'read',
    pull_requests: 'read',
    statuses: 'read',
    actions: 'read',
    checks: 'read',
  }

  test('a token without access to a private repository gets NOT_FOUND', async () => {
    const world = await createPrivateWorld()
    const token = world.sandbox.admin.createToken('guest', { 'acme/lib': {} })
    const { body } = await world.query(`{ ${SECRET} { name } }`, {}, { token })

    expect(at(body, 'data')).toEqual({ repository: null })
    expect(at(body, 'errors')).toMatchObject([
      { type: 'NOT_FOUND', message: "Could not resolve to a Repository with the name 'acme/secret'." },
    ])
  })

  test.each([
    ['contents', 'ref(qualifiedName: "refs/heads/DPTA-1") { name }', ['ref']],
    ['contents', 'object(expression: "main:.github/workflows/build.yml") { id }', ['object']],
    ['statuses', 'object(expression: "DPTA-1") { ... on Commit { status { state } } }', ['object', 'status']],
    [
      'checks',
      'object(expression: "DPTA-1") { ... on Commit { checkSuites(first: 5) { totalCount nodes { status } } } }',
      ['object', 'checkSuites', 'nodes', 0],
    ],
    [
      'actions',
      'object(expression: "DPTA-1") { ... on Commit { checkSuites(first: 5) { nodes { workflowRun { url } } } } }',
      ['object', 'checkSuites', 'nodes', 0, 'workflowRun'],
    ],
  ] as const)(
    'a token without %s gets null and FORBIDDEN for a field that requires it: %s',
    async (name, selection, path) => {
      const world = await createPrivateWorld()
      const grant = { ...all, [name]: undefined }
      const token = (grants: RepositoryGrant): string =>
        world.sandbox.admin.createToken('guest', { 'acme/secret': grants })
      const refused = await world.query(`{ ${SECRET} { name ${selection} } }`, {}, { token: token(grant) })
      const allowed = await world.query(`{ ${SECRET} { name ${selection} } }`, {}, { token: token(all) })

      expect(refused.status).toBe(200)
      expect(at(refused.body, 'data', 'repository', 'name')).toBe('secret')
      expect(at(refused.body, 'data', 'repository', ...path)).toBeNull()
      expect(at(refused.body, 'errors')).toEqual([
        {
          type: 'FORBIDDEN',
          path: ['repository', ...path],
          extensions: { saml_failure: false },
          locations: expect.any(Array) as unknown,
          message: 'Resource not accessible by personal access token',
        },
      ])
      expect(at(allowed.body, 'errors')).toBeUndefined()
      expect(at(allowed.body, 'data', 'repository', ...path)).not.toBeNull()
    },
  )

  test('a token without pull_requests gets null for a repository with a pullRequests selection, because that field is not nullable', async () => {
    const world = await createPrivateWorld()
    const token = world.sandbox.admin.createToken('guest', { 'acme/secret': { contents: 'read' } })
    const { body } = await world.query(`{ ${SECRET} { pullRequests(first: 1) { totalCount } } }`, {}, { token })

    expect(body).toMatchObject({
      data: { repository: null },
      errors: [{ type: 'FORBIDDEN', path: ['repository', 'pullRequests'] }],
    })
  })

  test('a token gets the level of its permissions as viewerPermission', async () => {
    const world = await createPrivateWorld()
    const see = async (grant: RepositoryGrant): Promise<unknown> => {
      const token = world.sandbox.admin.createToken('guest', { 'acme/secret': grant })
      const { body } = await world.query(`{ ${SECRET} { viewerPermission isPrivate } }`, {}, { token })
      return at(body, 'data', 'repository', 'viewerPermission')
    }

    expect(await see({ contents: 'read' })).toBe('READ')
    expect(await see({ contents: 'write' })).toBe('WRITE')
    expect(await see({ administration: 'write' })).toBe('ADMIN')
  })
})

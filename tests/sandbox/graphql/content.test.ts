import { expect, test } from 'vitest'

import { at, instantExecutor, temporaryDirectory, WORKFLOW } from '../api/world.js'
import type { GraphqlWorld } from './world.js'
import { createGraphqlWorld } from './world.js'

const repo = '/repos/acme/lib'

/** Returns the data of a selection of the repository `acme/lib`. */
async function read(world: GraphqlWorld, selection: string, variables = {}): Promise<unknown> {
  const declared = Object.keys(variables).map((name) => `$${name}: String!`)
  const head = declared.length === 0 ? 'query' : `query(${declared.join(' ')})`
  const { body } = await world.query(`${head} { repository(owner: "acme", name: "lib") { ${selection} } }`, variables)
  expect(at(body, 'errors')).toBeUndefined()
  return at(body, 'data', 'repository')
}

test.each([
  ['in memory', undefined],
  ['on disk', 'disk'],
])('files and folders of a commit are found by expressions %s', async (_where, kind) => {
  const options = kind === undefined ? {} : { stateDirectory: await temporaryDirectory() }
  const world = await createGraphqlWorld(options)
  const { admin } = world.sandbox
  const head = await admin.commit('acme/lib', 'DPTA-1', { 'src/a.bin': new Uint8Array([1, 0, 2]), 'src/b.txt': 'ü' })
  const rest = await world.json('GET', `${repo}/contents/src/b.txt?ref=DPTA-1`)
  const found = await read(
    world,
    `sha: object(expression: "${head}:src/b.txt") { ... on Blob { oid abbreviatedOid text byteSize } }
    binary: object(expression: "DPTA-1:src/a.bin") { ... on Blob { text isBinary byteSize } }
    main: object(expression: "HEAD:.github/workflows/build.yml") { ... on Blob { text } }
    folder: object(expression: "DPTA-1:src/") { ... on Tree { entries { name path type size object { ... on Blob { byteSize } } } } }
    root: object(expression: "DPTA-1:") { ... on Tree { entries { name type } } }
    commit: object(expression: "DPTA-1") { __typename oid ... on Commit { messageHeadline file(path: "src/b.txt") { size type } } }
    missing: object(expression: "DPTA-1:src/c.txt") { id }`,
  )

  expect(found).toEqual({
    sha: {
      oid: at(rest.body, 'sha'),
      abbreviatedOid: String(at(rest.body, 'sha')).slice(0, 7),
      text: 'ü',
      byteSize: 2,
    },
    binary: { text: null, isBinary: true, byteSize: 3 },
    main: { text: WORKFLOW },
    folder: {
      entries: [
        { name: 'a.bin', path: 'src/a.bin', type: 'blob', size: 3, object: { byteSize: 3 } },
        { name: 'b.txt', path: 'src/b.txt', type: 'blob', size: 2, object: { byteSize: 2 } },
      ],
    },
    root: {
      entries: [
        { name: '.github', type: 'tree' },
        { name: 'README.md', type: 'blob' },
        { name: 'src', type: 'tree' },
      ],
    },
    commit: {
      __typename: 'Commit',
      oid: head,
      messageHeadline: 'Change src/a.bin, src/b.txt',
      file: { size: 2, type: 'blob' },
    },
    missing: null,
  })
})

test('a ref is found by its full name or by a short name', async () => {
  const world = await createGraphqlWorld()
  const { admin } = world.sandbox
  await admin.commit('acme/lib', 'feature/DPTA-1', { a: '1' })
  const found = await read(
    world,
    `full: ref(qualifiedName: "refs/heads/feature/DPTA-1") { name prefix } short: ref(qualifiedName: "feature/DPTA-1") { name prefix }
    other: ref(qualifiedName: "DPTA-1") { name } case: ref(qualifiedName: "refs/heads/feature/dpta-1") { name }`,
  )

  expect(found).toEqual({
    full: { name: 'feature/DPTA-1', prefix: 'refs/heads/' },
    short: { name: 'feature/DPTA-1', prefix: 'refs/heads/' },
    other: null,
    case: null,
  })
})

test('the node IDs are the same in GraphQL and REST, and each resolves to its object', async () => {
  const world = await createGraphqlWorld({ executor: instantExecutor })
  const { admin } = world.sandbox
  const head = await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
  await admin.openPull('acme/lib', { head: 'DPTA-1' })
  await world.call('POST', `${repo}/statuses/${head}`, { state: 'success', context: 'Build', target_url: 'http://x/1' })
  await world.call('POST', `${repo}/actions/workflows/build.yml/dispatches`, { ref: 'DPTA-1' })
  await admin.idle()
  const places: [string, (string | number)[]][] = [
    [repo, ['node_id']],
    [`${repo}/pulls/1`, ['node_id']],
    [`${repo}/commits/${head}`, ['node_id']],
    [`${repo}/commits/${head}/statuses`, [0, 'node_id']],
    [`${repo}/git/ref/heads/DPTA-1`, ['node_id']],
    [`${repo}/actions/runs`, ['workflow_runs', 0, 'node_id']],
    [`${repo}/actions/runs`, ['workflow_runs', 0, 'check_suite_node_id']],
    [`${repo}/actions/workflows/build.yml`, ['node_id']],
    ['/user', ['node_id']],
  ]
  const ids = await Promise.all(places.map(async ([path, place]) => at((await world.json('GET', path)).body, ...place)))
  const { body } = await world.query(
    `query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on StatusContext { context state targetUrl } ... on CheckSuite { conclusion }
      ... on WorkflowRun { checkSuite { commit { oid } } } ... on PullRequest { number } } }`,
    { ids },
  )

  expect(at(body, 'errors')).toBeUndefined()
  expect(at(body, 'data', 'nodes')).toEqual([
    { __typename: 'Repository', id: ids[0] },
    { __typename: 'PullRequest', id: ids[1], number: 1 },
    { __typename: 'Commit', id: ids[2] },
    { __typename: 'StatusContext', id: ids[3], context: 'Build', state: 'SUCCESS', targetUrl: 'http://x/1' },
    { __typename: 'Ref', id: ids[4] },
    { __typename: 'WorkflowRun', id: ids[5], checkSuite: { commit: { oid: head } } },
    { __typename: 'CheckSuite', id: ids[6], conclusion: 'SUCCESS' },
    { __typename: 'Workflow', id: ids[7] },
    { __typename: 'User', id: ids[8] },
  ])
})

test('the newest status of a context counts, and contexts are case-insensitive', async () => {
  const world = await createGraphqlWorld()
  const head = String(await world.sandbox.admin.branch('acme/lib', 'main'))
  const post = (state: string, context: string): Promise<Response> => {
    return world.call('POST', `${repo}/statuses/${head}`, { state, context })
  }
  await post('failure', 'Build')
  await post('pending', 'other')
  await post('success', 'build')
  const status =
    'status { state context(name: "BUILD") { context state } none: context(name: "x") { id } contexts { context } }'
  const found = await read(world, `object(oid: "${head}") { ... on Commit { ${status} } }`)

  expect(at(found, 'object', 'status')).toEqual({
    state: 'PENDING',
    context: { context: 'build', state: 'SUCCESS' },
    none: null,
    contexts: [{ context: 'build' }, { context: 'other' }],
  })
})

test('the history of a commit is in pages, newest first', async () => {
  const world = await createGraphqlWorld()
  for (const a of ['1', '2', '3']) {
    world.clock.advance(1_000)
    await world.sandbox.admin.commit('acme/lib', 'main', { a }, { message: `a${a}` })
  }
  const page = (args: string): Promise<unknown> => {
    const selection = `history(${args}) { totalCount nodes { message } pageInfo { hasNextPage hasPreviousPage endCursor } }`
    return read(world, `defaultBranchRef { target { ... on Commit { ${selection} } } }`)
  }
  const history = async (args: string): Promise<unknown> =>
    at(await page(args), 'defaultBranchRef', 'target', 'history')
  const first = await history('first: 3')
  const rest = await history(`first: 3, after: "${String(at(first, 'pageInfo', 'endCursor'))}"`)

  expect(first).toMatchObject({ totalCount: 4, nodes: [{ message: 'a3' }, { message: 'a2' }, { message: 'a1' }] })
  expect(at(first, 'pageInfo')).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  expect(at(rest, 'nodes')).toHaveLength(1)
  expect(at(rest, 'pageInfo')).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  expect(await history('last: 1')).toMatchObject({ nodes: [{ message: expect.stringMatching('README') as unknown }] })
  expect(await history('first: 5, path: "a"')).toMatchObject({ totalCount: 3 })
})

import { expect, test } from 'vitest'

import { at, HeldExecutor, WORKFLOW } from '../api/world.js'
import { createGraphqlWorld } from './world.js'

const repo = '/repos/acme/lib'

test('a single query reads the planning data of several repositories', async () => {
  const world = await createGraphqlWorld()
  const { admin } = world.sandbox
  await admin.createRepository('acme/app')
  await admin.commit('acme/app', 'main', { 'README.md': 'x' })
  const head = await admin.commit('acme/lib', 'DPTA-1', { 'a.txt': 'a' })
  await admin.openPull('acme/lib', { head: 'DPTA-1' })
  await world.call('POST', `${repo}/statuses/${head}`, { state: 'pending', context: 'build', description: 'run:1' })
  const { body, status } = await world.query(
    `query Plan($ref: String!, $branch: String!, $file: String!) {
      viewer { login __typename }
      r0: repository(owner: "acme", name: "lib", followRenames: false) { ...Member }
      r1: repository(owner: "acme", name: "app", followRenames: false) { ...Member }
    }
    fragment Member on Repository {
      databaseId nameWithOwner isArchived viewerPermission
      defaultBranchRef { name target { oid } }
      ref(qualifiedName: $ref) {
        prefix name
        target { oid ... on Commit { status { state context(name: "build") { state description creator { login __typename } createdAt } } } }
      }
      object(expression: $file) { __typename ... on Blob { text byteSize isBinary isTruncated } }
      pullRequests(headRefName: $branch, states: OPEN, first: 10) {
        totalCount
        nodes { number isDraft isCrossRepository headRefName headRefOid baseRefName headRepository { nameWithOwner } }
      }
    }`,
    { ref: 'refs/heads/DPTA-1', branch: 'DPTA-1', file: 'DPTA-1:.github/workflows/build.yml' },
  )

  expect(status).toBe(200)
  expect(at(body, 'errors')).toBeUndefined()
  expect(at(body, 'data', 'viewer')).toEqual({ login: 'developer', __typename: 'User' })
  expect(at(body, 'data', 'r0')).toMatchObject({
    nameWithOwner: 'acme/lib',
    isArchived: false,
    viewerPermission: 'ADMIN',
    defaultBranchRef: { name: 'main', target: { oid: await admin.branch('acme/lib', 'main') } },
    ref: {
      prefix: 'refs/heads/',
      name: 'DPTA-1',
      target: {
        oid: head,
        status: {
          state: 'PENDING',
          context: {
            state: 'PENDING',
            description: 'run:1',
            creator: { login: 'developer', __typename: 'User' },
            createdAt: '2026-01-02T03:04:05Z',
          },
        },
      },
    },
    object: { __typename: 'Blob', text: WORKFLOW, byteSize: WORKFLOW.length, isBinary: false, isTruncated: false },
    pullRequests: {
      totalCount: 1,
      nodes: [
        {
          number: 1,
          isDraft: false,
          isCrossRepository: false,
          headRefName: 'DPTA-1',
          headRefOid: head,
          baseRefName: 'main',
          headRepository: { nameWithOwner: 'acme/lib' },
        },
      ],
    },
  })
  expect(at(body, 'data', 'r1')).toMatchObject({
    ref: null,
    object: null,
    pullRequests: { totalCount: 0, nodes: [] },
  })
})

test('a run is found through the check suites of its commit and by its node ID, with the same state as in REST', async () => {
  const executor = new HeldExecutor()
  const world = await createGraphqlWorld({ executor })
  const head = await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { 'a.txt': 'a' })
  const started = await world.json('POST', `${repo}/actions/workflows/build.yml/dispatches`, {
    ref: 'DPTA-1',
    return_run_details: true,
  })
  const id = Number(at(started.body, 'workflow_run_id'))
  const execution = await executor.of(id)
  const suites = await world.query(
    `query($head: GitObjectID!) { repository(owner: "acme", name: "lib") { object(oid: $head) { ... on Commit {
      checkSuites(first: 10) { totalCount nodes { status conclusion commit { oid } branch { name } app { slug databaseId }
        workflowRun { id url runNumber event createdAt updatedAt workflow { name resourcePath } file { path } } } }
    } } } }`,
    { head },
  )
  const suite = at(suites.body, 'data', 'repository', 'object', 'checkSuites', 'nodes', 0)
  executor.end(execution, 'success')
  await world.sandbox.admin.idle()
  const rest = await world.json('GET', `${repo}/actions/runs/${id}`)
  const polled = await world.query(
    'query($ids: [ID!]!) { nodes(ids: $ids) { ... on WorkflowRun { id url checkSuite { id status conclusion } } } }',
    { ids: [at(suite, 'workflowRun', 'id')] },
  )

  expect(suite).toMatchObject({
    status: 'QUEUED',
    conclusion: null,
    commit: { oid: head },
    branch: { name: 'DPTA-1' },
    app: { slug: 'github-actions', databaseId: 15368 },
    workflowRun: {
      id: at(rest.body, 'node_id'),
      url: at(rest.body, 'html_url'),
      runNumber: 1,
      event: 'workflow_dispatch',
      createdAt: at(rest.body, 'created_at'),
      workflow: { name: 'Build', resourcePath: '/acme/lib/actions/workflows/build.yml' },
      file: { path: '.github/workflows/build.yml' },
    },
  })
  expect(at(polled.body, 'data', 'nodes')).toEqual([
    {
      id: at(rest.body, 'node_id'),
      url: at(rest.body, 'html_url'),
      checkSuite: { id: at(rest.body, 'check_suite_node_id'), status: 'COMPLETED', conclusion: 'SUCCESS' },
    },
  ])
})

test('refs lists the refs below a prefix whose names contain the query, by pages', async () => {
  const world = await createGraphqlWorld()
  const { admin } = world.sandbox
  for (const branch of ['DPTA-1', 'dpta-1', 'DPTA-12', 'x/DPTA-1', 'other'])
    await admin.commit('acme/lib', branch, { a: branch })
  const read = async (args: string): Promise<unknown> => {
    const { body } = await world.query(
      `{ repository(owner: "acme", name: "lib") { refs(refPrefix: "refs/heads/", ${args}) { totalCount nodes { name prefix } } } }`,
    )
    return at(body, 'data', 'repository', 'refs')
  }

  const names = ['DPTA-1', 'DPTA-12', 'dpta-1', 'x/DPTA-1']
  const prefix = 'refs/heads/'
  expect(await read('query: "-1", first: 10')).toEqual({
    totalCount: 4,
    nodes: names.map((name) => ({ name, prefix })),
  })
  expect(await read('query: "-1", first: 1')).toMatchObject({ totalCount: 4, nodes: [{ name: 'DPTA-1' }] })
  expect(await read('query: "none", first: 1')).toEqual({ totalCount: 0, nodes: [] })
  expect(await read('first: 100')).toMatchObject({ totalCount: 6 })
})

import { expect, test } from 'vitest'

import { at, HeldExecutor, job } from '../api/world.js'
import type { GraphqlWorld } from './world.js'
import { createGraphqlWorld } from './world.js'

const repo = '/repos/acme/lib'

async function dispatch(world: GraphqlWorld): Promise<number> {
  const sent = { ref: 'main', return_run_details: true }
  const { body } = await world.json('POST', `${repo}/actions/workflows/build.yml/dispatches`, sent)
  return Number(at(body, 'workflow_run_id'))
}

async function suites(world: GraphqlWorld, selection: string, args = 'first: 10'): Promise<unknown> {
  const { body } = await world.query(
    `{ repository(owner: "acme", name: "lib") { defaultBranchRef { target { ... on Commit { checkSuites(${args}) { ${selection} } } } } } }`,
  )
  expect(at(body, 'errors')).toBeUndefined()
  return at(body, 'data', 'repository', 'defaultBranchRef', 'target', 'checkSuites')
}

test('the ID of a run is too large for databaseId, which gives an error for that field only', async () => {
  const world = await createGraphqlWorld()
  const id = await dispatch(world)
  await world.sandbox.admin.idle()
  const { node_id: node } = (await world.json('GET', `${repo}/actions/runs/${id}`)).body as { node_id: string }
  const { body } = await world.query('query($id: ID!) { node(id: $id) { ... on WorkflowRun { databaseId url } } }', {
    id: node,
  })

  expect(at(body, 'data', 'node')).toEqual({
    databaseId: null,
    url: `http://127.0.0.1/acme/lib/actions/runs/${id}`,
  })
  expect(at(body, 'errors')).toMatchObject([
    { path: ['node', 'databaseId'], message: expect.stringContaining('32-bit') as unknown },
  ])
})

test('a check suite follows its run from queued to completed, and a re-run resets it', async () => {
  const executor = new HeldExecutor()
  const world = await createGraphqlWorld({ executor })
  const id = await dispatch(world)
  const now = async (): Promise<unknown> => {
    return at(await suites(world, 'nodes { status conclusion updatedAt workflowRun { updatedAt } }'), 'nodes', 0)
  }
  const execution = await executor.of(id)
  const queued = await now()
  world.clock.advance(2_000)
  execution.update([job()])
  const running = await now()
  world.clock.advance(2_000)
  executor.end(execution, 'failure')
  await world.sandbox.admin.idle()
  const failed = await now()
  world.sandbox.admin.rerun(id)
  const again = await executor.of(id, 2)

  expect(queued).toMatchObject({ status: 'QUEUED', conclusion: null })
  expect(running).toMatchObject({ status: 'IN_PROGRESS', conclusion: null, updatedAt: '2026-01-02T03:04:07Z' })
  expect(failed).toEqual({
    status: 'COMPLETED',
    conclusion: 'FAILURE',
    updatedAt: '2026-01-02T03:04:09Z',
    workflowRun: { updatedAt: '2026-01-02T03:04:09Z' },
  })
  expect(await now()).toMatchObject({ status: 'QUEUED', conclusion: null })
  executor.end(again, 'success')
})

test('a commit has one check suite per run, oldest first, filtered by app and job', async () => {
  const executor = new HeldExecutor()
  const world = await createGraphqlWorld({ executor })
  const [first, second] = [await dispatch(world), await dispatch(world)]
  const execution = await executor.of(first)
  execution.update([job({ name: 'unit' })])
  const all = await suites(world, 'totalCount nodes { workflowRun { url } }')
  const url = (id: number): unknown => ({ workflowRun: { url: `http://127.0.0.1/acme/lib/actions/runs/${id}` } })

  expect(all).toEqual({ totalCount: 2, nodes: [url(first), url(second)] })
  expect(await suites(world, 'totalCount', 'first: 1, filterBy: { checkName: "unit" }')).toEqual({ totalCount: 1 })
  expect(await suites(world, 'totalCount', 'first: 1, filterBy: { appId: 15368 }')).toEqual({ totalCount: 2 })
  expect(await suites(world, 'totalCount', 'first: 1, filterBy: { appId: 1 }')).toEqual({ totalCount: 0 })
  expect(await suites(world, 'nodes { workflowRun { url } }', 'last: 1')).toEqual({ nodes: [url(second)] })
})

test('the runs of a deleted repository are not found', async () => {
  const world = await createGraphqlWorld()
  const id = await dispatch(world)
  await world.sandbox.admin.idle()
  const { node_id: node } = (await world.json('GET', `${repo}/actions/runs/${id}`)).body as { node_id: string }
  world.sandbox.admin.deleteRepository('acme/lib')
  const { body } = await world.query('query($id: ID!) { node(id: $id) { id } }', { id: node })

  expect(body).toMatchObject({ data: { node: null }, errors: [{ type: 'NOT_FOUND' }] })
})

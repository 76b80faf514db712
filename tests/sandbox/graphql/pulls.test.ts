import { expect, test } from 'vitest'

import { at } from '../api/world.js'
import type { GraphqlWorld } from './world.js'
import { createGraphqlWorld } from './world.js'

/** Returns the data of a selection of the repository `acme/lib`. */
async function read(world: GraphqlWorld, selection: string, token?: string): Promise<unknown> {
  const text = `{ repository(owner: "acme", name: "lib") { ${selection} } }`
  const { body } = await world.query(text, {}, token === undefined ? {} : { token })
  expect(at(body, 'errors')).toBeUndefined()
  return at(body, 'data', 'repository')
}

test('pull requests are filtered by branch, base and state, and include those from forks', async () => {
  const world = await createGraphqlWorld()
  const { admin } = world.sandbox
  await admin.forkRepository('acme/lib', 'eve/lib')
  await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
  await admin.commit('acme/lib', 'DPTA-2', { b: '1' })
  const fork = await admin.commit('eve/lib', 'DPTA-1', { c: '1' })
  await admin.openPull('acme/lib', { head: 'DPTA-1', draft: true, title: 'One' })
  await admin.openPull('acme/lib', { head: 'DPTA-2' })
  await admin.openPull('acme/lib', { head: 'DPTA-1', from: 'eve/lib' })
  await admin.mergePull('acme/lib', 2)
  const found = await read(
    world,
    `branch: pullRequests(headRefName: "DPTA-1", states: OPEN, first: 10) { nodes { number title isDraft isCrossRepository headRefOid headRepository {
      nameWithOwner } headRepositoryOwner { login } headRef { name target { oid } repository { nameWithOwner } } } }
    all: pullRequests(first: 1, orderBy: { field: CREATED_AT, direction: DESC }) { totalCount nodes { number } pageInfo { hasNextPage } }
    merged: pullRequests(states: [MERGED, CLOSED], baseRefName: "main", first: 5) { nodes { number state merged closed mergedAt mergeCommit { oid } } }
    none: pullRequests(baseRefName: "DPTA-1", first: 5) { totalCount }
    ref(qualifiedName: "refs/heads/DPTA-1") { associatedPullRequests(states: OPEN, first: 5) { nodes { number } } }`,
  )

  expect(at(found, 'branch', 'nodes')).toEqual([
    {
      number: 1,
      title: 'One',
      isDraft: true,
      isCrossRepository: false,
      headRefOid: await admin.branch('acme/lib', 'DPTA-1'),
      headRepository: { nameWithOwner: 'acme/lib' },
      headRepositoryOwner: { login: 'acme' },
      headRef: {
        name: 'DPTA-1',
        target: { oid: await admin.branch('acme/lib', 'DPTA-1') },
        repository: { nameWithOwner: 'acme/lib' },
      },
    },
    {
      number: 3,
      title: 'DPTA-1',
      isDraft: false,
      isCrossRepository: true,
      headRefOid: fork,
      headRepository: { nameWithOwner: 'eve/lib' },
      headRepositoryOwner: { login: 'eve' },
      headRef: { name: 'DPTA-1', target: { oid: fork }, repository: { nameWithOwner: 'eve/lib' } },
    },
  ])
  expect(at(found, 'all')).toEqual({ totalCount: 3, nodes: [{ number: 3 }], pageInfo: { hasNextPage: true } })
  expect(at(found, 'merged', 'nodes')).toEqual([
    {
      number: 2,
      state: 'MERGED',
      merged: true,
      closed: true,
      mergedAt: '2026-01-02T03:04:05Z',
      mergeCommit: { oid: await admin.branch('acme/lib', 'main') },
    },
  ])
  expect(at(found, 'none', 'totalCount')).toBe(0)
  expect(at(found, 'ref', 'associatedPullRequests', 'nodes')).toEqual([{ number: 1 }])
})

test('a pull request from a deleted fork has no head repository', async () => {
  const world = await createGraphqlWorld()
  const { admin } = world.sandbox
  await admin.forkRepository('acme/lib', 'eve/lib')
  await admin.commit('eve/lib', 'DPTA-1', { c: '1' })
  await admin.openPull('acme/lib', { head: 'DPTA-1', from: 'eve/lib' })
  admin.deleteRepository('eve/lib')

  expect(
    await read(world, 'pullRequest(number: 1) { isCrossRepository headRefName headRepository { id } headRef { id } }'),
  ).toEqual({
    pullRequest: { isCrossRepository: true, headRefName: 'DPTA-1', headRepository: null, headRef: null },
  })
})

test('headRef reflects a branch that moved and is null for a deleted branch', async () => {
  const world = await createGraphqlWorld()
  const { admin } = world.sandbox
  await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
  await admin.openPull('acme/lib', { head: 'DPTA-1' })
  const moved = await admin.commit('acme/lib', 'DPTA-1', { a: '2' })
  const open = await read(world, 'pullRequest(number: 1) { state headRefOid headRef { target { oid } } }')
  await admin.deleteBranch('acme/lib', 'DPTA-1')

  expect(open).toEqual({ pullRequest: { state: 'OPEN', headRefOid: moved, headRef: { target: { oid: moved } } } })
  expect(await read(world, 'pullRequest(number: 1) { state headRefOid headRef { id } }')).toEqual({
    pullRequest: { state: 'CLOSED', headRefOid: moved, headRef: null },
  })
})

test('timelineItems contain the forced pushes since the pull request was opened, with the statuses of the previous head', async () => {
  const world = await createGraphqlWorld()
  const { admin } = world.sandbox
  await admin.commit('acme/lib', 'DPTA-1', { a: '0' })
  await admin.commit('acme/lib', 'DPTA-1', { z: '0' }, { orphan: true })
  const first = await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
  await admin.moveBranch('acme/lib', 'DPTA-1', 'main')
  await admin.moveBranch('acme/lib', 'DPTA-1', first)
  await admin.openPull('acme/lib', { head: 'DPTA-1' })
  await world.call('POST', `/repos/acme/lib/statuses/${first}`, { state: 'success', context: 'c' })
  const second = await admin.commit('acme/lib', 'DPTA-1', { a: '2' })
  world.clock.advance(1_000)
  const other = await admin.commit('acme/lib', 'elsewhere', { b: '1' })
  await admin.moveBranch('acme/lib', 'DPTA-1', other)
  const push = 'createdAt actor { login } afterCommit { oid } beforeCommit { oid } ref { name } pullRequest { number }'
  const found = await read(
    world,
    `pullRequest(number: 1) { timelineItems(itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT], last: 10) { totalCount filteredCount nodes {
      ... on HeadRefForcePushedEvent { ${push} } } } }
    first: object(oid: "${first}") { ... on Commit { status { context(name: "c") { state } } } }`,
  )
  const activity = await world.json('GET', '/repos/acme/lib/activity?ref=DPTA-1&activity_type=force_push')

  expect(at(found, 'pullRequest', 'timelineItems')).toEqual({
    totalCount: 1,
    filteredCount: 1,
    nodes: [
      {
        createdAt: '2026-01-02T03:04:06Z',
        actor: { login: 'developer' },
        afterCommit: { oid: other },
        beforeCommit: { oid: second },
        ref: { name: 'DPTA-1' },
        pullRequest: { number: 1 },
      },
    ],
  })
  expect(at(activity.body, 0, 'after')).toBe(other)
  expect(at(found, 'first', 'status', 'context', 'state')).toBe('SUCCESS')
})

test('timelineItems of types that the sandbox does not support are rejected instead of omitted', async () => {
  const world = await createGraphqlWorld()
  await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { a: '1' })
  await world.sandbox.admin.openPull('acme/lib', { head: 'DPTA-1' })
  const ask = (args: string): ReturnType<typeof world.query> => {
    return world.query(
      `{ repository(owner: "acme", name: "lib") { pullRequest(number: 1) { timelineItems(${args}) { totalCount } } } }`,
    )
  }

  expect((await ask('last: 5')).body).toMatchObject({ errors: [{ message: expect.any(String) as unknown }] })
  expect((await ask('last: 5, itemTypes: [MERGED_EVENT]')).body).not.toHaveProperty('data')
})

test('the commits of a pull request are the ones that its base does not contain, oldest first', async () => {
  const world = await createGraphqlWorld()
  const { admin } = world.sandbox
  const one = await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
  const two = await admin.commit('acme/lib', 'DPTA-1', { a: '2' })
  await admin.openPull('acme/lib', { head: 'DPTA-1' })
  const found = await read(
    world,
    `pullRequest(number: 1) { all: commits(first: 5) { totalCount nodes { commit { oid } } } last: commits(last: 1) { nodes { commit { oid } url } } }`,
  )

  expect(found).toEqual({
    pullRequest: {
      all: { totalCount: 2, nodes: [{ commit: { oid: one } }, { commit: { oid: two } }] },
      last: { nodes: [{ commit: { oid: two }, url: `http://127.0.0.1/acme/lib/pull/1/commits/${two}` }] },
    },
  })
})

test('isMergeQueueEnabled is true where a ruleset in force requires a merge queue for the base, and a direct merge is refused', async () => {
  const world = await createGraphqlWorld()
  const { admin } = world.sandbox
  await admin.commit('acme/lib', 'release', { r: '1' })
  await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
  await admin.openPull('acme/lib', { head: 'DPTA-1' })
  await admin.openPull('acme/lib', { head: 'DPTA-1', base: 'release' })
  const selection = 'pullRequests(first: 2) { nodes { number isMergeQueueEnabled } }'
  const answer = (first: boolean): unknown => [
    { number: 1, isMergeQueueEnabled: first },
    { number: 2, isMergeQueueEnabled: false },
  ]
  admin.requireMergeQueue('acme/lib', { enforcement: 'evaluate' })
  expect(at(await read(world, selection), 'pullRequests', 'nodes')).toEqual(answer(false))
  admin.requireMergeQueue('acme/lib')
  expect(at(await read(world, selection), 'pullRequests', 'nodes')).toEqual(answer(true))
  const merge = await world.json('PUT', '/repos/acme/lib/pulls/1/merge', {})
  expect(merge.status).toBe(405)
  expect(at(merge.body, 'message')).toContain('Changes must be made through the merge queue')
})

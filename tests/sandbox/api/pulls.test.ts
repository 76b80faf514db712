import { describe, expect, test } from 'vitest'

import type { ApiWorld } from './world.js'
import { at, createApiWorld } from './world.js'

const repo = '/repos/acme/lib'
const CONTEXT = 'orchestrator-build'

async function withPull(): Promise<ApiWorld & { head: string }> {
  const world = await createApiWorld()
  const head = await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { 'a.txt': 'a\n' })
  await world.sandbox.admin.openPull('acme/lib', { head: 'DPTA-1', title: 'Change A' })
  return { ...world, head }
}

const post = (world: ApiWorld, sha: string, state: string, context = CONTEXT): Promise<Response> =>
  world.call('POST', `${repo}/statuses/${sha}`, { state, context })
const merge = (world: ApiWorld, body: unknown = {}): ReturnType<ApiWorld['json']> =>
  world.json('PUT', `${repo}/pulls/1/merge`, body)

describe('merging', () => {
  test('a required status blocks a merge until it is success on the head', async () => {
    const world = await withPull()
    world.sandbox.admin.requireStatus('acme/lib', CONTEXT)

    const expected = { message: expect.stringContaining(`Required status check "${CONTEXT}" is expected.`) as string }
    expect(await merge(world)).toMatchObject({ status: 405, body: expected })
    expect(at((await world.json('GET', `${repo}/pulls/1`)).body, 'mergeable_state')).toBe('blocked')
    await post(world, world.head, 'pending')
    expect(await merge(world)).toMatchObject({ status: 405, body: expected })
    await post(world, world.head, 'failure')
    expect(at((await merge(world)).body, 'message')).toBe(
      `Repository rule violations found\n\nRequired status check "${CONTEXT}" is failing.\n\n`,
    )
    await post(world, world.head, 'success', CONTEXT.toUpperCase())
    expect(at((await world.json('GET', `${repo}/pulls/1`)).body, 'mergeable_state')).toBe('clean')
    const merged = await merge(world)

    expect(merged).toMatchObject({ status: 200, body: { merged: true } })
    expect(await world.sandbox.admin.branch('acme/lib', 'main')).toBe(at(merged.body, 'sha'))
    const pull = (await world.json('GET', `${repo}/pulls/1`)).body
    expect(pull).toMatchObject({ state: 'closed', merged: true, merged_by: { login: 'developer' } })
    expect(at(pull, 'merge_commit_sha')).toBe(at(merged.body, 'sha'))
  })

  test('a push after a success blocks the merge again', async () => {
    const world = await withPull()
    world.sandbox.admin.requireStatus('acme/lib', CONTEXT)
    await post(world, world.head, 'success')
    await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { 'a.txt': 'b\n' })

    expect((await merge(world)).status).toBe(405)
  })

  test('a merge requires the head that the request names', async () => {
    const world = await withPull()
    const moved = await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { 'a.txt': 'b\n' })

    expect(await merge(world, { sha: world.head })).toMatchObject({
      status: 409,
      body: { message: 'Head branch was modified. Review and try the merge again.' },
    })
    expect((await merge(world, { sha: moved })).status).toBe(200)
  })

  test('a draft, a closed pull request and a pull request with conflicts cannot be merged', async () => {
    const world = await createApiWorld()
    const { admin } = world.sandbox
    await admin.commit('acme/lib', 'one', { 'README.md': 'one\n' })
    await admin.commit('acme/lib', 'two', { 'README.md': 'two\n' })
    await admin.openPull('acme/lib', { head: 'one', draft: true })
    await admin.openPull('acme/lib', { head: 'two' })
    await admin.commit('acme/lib', 'main', { 'README.md': 'three\n' })

    expect(await merge(world)).toMatchObject({ status: 405, body: { message: 'Pull Request is still a draft' } })
    expect(await world.json('PUT', `${repo}/pulls/2/merge`)).toMatchObject({
      status: 405,
      body: { message: 'Pull Request is not mergeable' },
    })
    expect((await world.json('GET', `${repo}/pulls/2`)).body).toMatchObject({
      mergeable: false,
      mergeable_state: 'dirty',
    })
    admin.closePull('acme/lib', 2)
    expect((await world.call('PUT', `${repo}/pulls/2/merge`)).status).toBe(405)
  })

  test('a strict rule requires a head that contains its base', async () => {
    const world = await withPull()
    world.sandbox.admin.requireStatus('acme/lib', CONTEXT, { strict: true })
    await post(world, world.head, 'success')
    await world.sandbox.admin.commit('acme/lib', 'main', { other: 'x' })

    expect(at((await merge(world)).body, 'message')).toMatch(/not up to date/)
  })

  test('a rule that is inactive or applies to another branch blocks no merge', async () => {
    const world = await withPull()
    world.sandbox.admin.requireStatus('acme/lib', 'a', { enforcement: 'disabled' })
    const other = { include: ['refs/heads/release/**/*'] }
    world.sandbox.admin.requireStatus('acme/lib', 'b', other)

    expect((await world.json('GET', `${repo}/rules/branches/main`)).body).toEqual([])
    expect((await world.json('GET', `${repo}/rules/branches/release/1/x`)).body).toHaveLength(1)
    expect((await merge(world)).status).toBe(200)
  })

  test('a squash merge creates a single commit on the base', async () => {
    const world = await withPull()
    const main = await world.sandbox.admin.branch('acme/lib', 'main')
    const merged = await merge(world, { merge_method: 'squash' })
    const commit = (await world.json('GET', `${repo}/commits/${String(at(merged.body, 'sha'))}`)).body

    expect(at(commit, 'parents')).toEqual([expect.objectContaining({ sha: main })])
    expect(at(commit, 'commit', 'message')).toBe('Change A (#1)')
  })
})

describe('pull requests', () => {
  test('pull requests are filtered by head with its owner, and a head without an owner is ignored', async () => {
    const world = await withPull()
    await world.sandbox.admin.commit('acme/lib', 'DPTA-2', { b: 'b' })
    await world.sandbox.admin.openPull('acme/lib', { head: 'DPTA-2' })
    const numbers = async (query: string): Promise<unknown[]> =>
      ((await world.json('GET', `${repo}/pulls?${query}`)).body as unknown[]).map((pull) => at(pull, 'number'))

    expect(await numbers('head=acme:DPTA-1')).toEqual([1])
    expect(await numbers('head=ACME:DPTA-1')).toEqual([1])
    expect(await numbers('head=acme:dpta-1')).toEqual([])
    expect(await numbers('head=DPTA-1')).toEqual([2, 1])
    expect(await numbers('sort=created&direction=asc')).toEqual([1, 2])
    expect(await numbers('base=other')).toEqual([])
    world.sandbox.admin.closePull('acme/lib', 2)
    expect(await numbers('')).toEqual([1])
    expect(await numbers('state=closed')).toEqual([2])
    expect(await numbers('state=all&per_page=1&page=2')).toEqual([1])
  })

  test('a pull request from a fork has the fork as its head repository', async () => {
    const world = await createApiWorld()
    const { admin } = world.sandbox
    await admin.forkRepository('acme/lib', 'stranger/lib')
    const head = await admin.commit('stranger/lib', 'DPTA-1', { a: 'evil' }, { author: 'stranger' })
    const opened = await world.json('POST', `${repo}/pulls`, { title: 'x', head: 'stranger:DPTA-1', base: 'main' })

    expect(opened.status).toBe(201)
    expect(at(opened.body, 'head')).toMatchObject({ label: 'stranger:DPTA-1', sha: head })
    expect(at(opened.body, 'head', 'repo', 'full_name')).toBe('stranger/lib')
    expect((await world.json('GET', `${repo}/commits/${head}/pulls`)).body).toEqual([])
    const next = await admin.commit('stranger/lib', 'DPTA-1', { a: 'more' })
    expect(at((await world.json('GET', `${repo}/pulls/1`)).body, 'head', 'sha')).toBe(next)
    expect((await world.call('GET', `${repo}/commits/${next}`)).status).toBe(200)
  })

  test('a pull request from a deleted fork stays open without a head repository', async () => {
    const world = await createApiWorld()
    const { admin } = world.sandbox
    await admin.forkRepository('acme/lib', 'stranger/lib')
    const head = await admin.commit('stranger/lib', 'DPTA-1', { a: 'x' })
    await admin.openPull('acme/lib', { from: 'stranger/lib', head: 'DPTA-1' })
    admin.deleteRepository('stranger/lib')

    expect((await world.json('GET', `${repo}/pulls/1`)).body).toMatchObject({
      state: 'open',
      head: { sha: head, label: 'stranger:DPTA-1', repo: null, user: null },
    })
    expect((await world.call('GET', '/repos/stranger/lib')).status).toBe(404)
    expect((await world.json('GET', `${repo}/forks`)).body).toEqual([])
  })

  test.each([
    ['a head that does not exist', { title: 'x', head: 'none', base: 'main' }, { field: 'head', code: 'invalid' }],
    ['a base that does not exist', { title: 'x', head: 'DPTA-1', base: 'none' }, { field: 'base', code: 'invalid' }],
    [
      'a head and base that already have an open pull request',
      { title: 'x', head: 'DPTA-1', base: 'main' },
      { code: 'custom' },
    ],
    ['no commits to merge', { title: 'x', head: 'main', base: 'main' }, { code: 'custom' }],
  ])('a new pull request with %s is rejected', async (_case, body, error) => {
    const world = await withPull()

    expect(await world.json('POST', `${repo}/pulls`, body)).toMatchObject({
      status: 422,
      body: { message: 'Validation Failed', errors: [error] },
    })
  })

  test('pull requests can be closed and reopened, and their base and title can be changed', async () => {
    const world = await withPull()
    await world.sandbox.admin.moveBranch('acme/lib', 'next', 'main')
    const change = async (body: unknown): Promise<unknown> => (await world.json('PATCH', `${repo}/pulls/1`, body)).body

    expect(await change({ state: 'closed' })).toMatchObject({ state: 'closed', closed_at: '2026-01-02T03:04:05Z' })
    const head = await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { 'a.txt': 'later\n' })
    expect(at(await change({ title: 'New' }), 'head', 'sha')).toBe(world.head)
    expect(await change({ state: 'open' })).toMatchObject({ state: 'open', head: { sha: head } })
    expect(await change({ base: 'next' })).toMatchObject({
      state: 'open',
      title: 'New',
      closed_at: null,
      base: { ref: 'next' },
      head: { sha: head },
    })
    await world.sandbox.admin.deleteBranch('acme/lib', 'next')
    expect(at((await world.json('GET', `${repo}/pulls/1`)).body, 'state')).toBe('closed')
  })

  test.each([
    ['that does not exist', { base: 'none' }, "Proposed base branch 'none' is invalid"],
    [
      'with an open pull request of the same branch',
      { base: 'release' },
      "A pull request already exists for base branch 'release' and head branch 'DPTA-1'",
    ],
    [
      'that it has already',
      { base: 'main' },
      "A pull request already exists for base branch 'main' and head branch 'DPTA-1'",
    ],
    [
      'that contains its head',
      { base: 'DPTA-1-later' },
      "There are no new commits between base branch 'DPTA-1-later' and head branch 'DPTA-1'",
    ],
    [
      'while it is closed',
      { base: 'next', state: 'closed' },
      'Cannot change the base branch of a closed pull request.',
    ],
  ])('a pull request does not get a base %s', async (_case, body, message) => {
    const world = await withPull()
    const { admin } = world.sandbox
    await admin.moveBranch('acme/lib', 'next', 'main')
    await admin.moveBranch('acme/lib', 'release', 'main')
    await admin.moveBranch('acme/lib', 'DPTA-1-later', 'DPTA-1')
    await admin.openPull('acme/lib', { head: 'DPTA-1', base: 'release' })

    expect(await world.json('PATCH', `${repo}/pulls/1`, body)).toMatchObject({
      status: 422,
      body: { errors: [{ resource: 'PullRequest', field: 'base', code: 'invalid', message }] },
    })
    expect(admin.pull('acme/lib', 1).baseRef).toBe('main')
  })
})

describe('commit statuses', () => {
  test('commit statuses are listed newest first, and the combined state uses the newest of each context', async () => {
    const world = await withPull()
    await post(world, world.head, 'failure', 'a')
    await post(world, world.head, 'success', 'A')
    await post(world, world.head, 'success', 'b')
    const states = ((await world.json('GET', `${repo}/commits/DPTA-1/statuses`)).body as unknown[]).map((status) => [
      at(status, 'context'),
      at(status, 'state'),
    ])

    expect(states).toEqual([
      ['b', 'success'],
      ['A', 'success'],
      ['a', 'failure'],
    ])
    const combined = (await world.json('GET', `${repo}/commits/${world.head}/status`)).body
    expect(combined).toMatchObject({ state: 'success', total_count: 2, sha: world.head })
  })

  test('commit statuses combine to pending if there are none, and to failure if one is an error', async () => {
    const world = await withPull()
    const state = async (): Promise<unknown> =>
      at((await world.json('GET', `${repo}/commits/${world.head}/status`)).body, 'state')

    expect(await state()).toBe('pending')
    await post(world, world.head, 'error', 'a')
    await post(world, world.head, 'pending', 'b')
    expect(await state()).toBe('failure')
  })

  test('a commit status accepts a description of 140 characters and rejects one of 141', async () => {
    const world = await withPull()
    const send = (description: string): ReturnType<ApiWorld['json']> =>
      world.json('POST', `${repo}/statuses/${world.head}`, { state: 'pending', description })

    expect((await send('é'.repeat(140))).status).toBe(201)
    expect(await send('x'.repeat(141))).toMatchObject({
      status: 422,
      body: { errors: [{ message: 'description is too long (maximum is 140 characters)' }] },
    })
  })

  test('a commit status with an unknown commit, state or body is rejected', async () => {
    const world = await withPull()
    const unknown = 'a'.repeat(40)

    expect(await world.json('POST', `${repo}/statuses/${unknown}`, { state: 'success' })).toMatchObject({
      status: 422,
      body: { message: `No commit found for SHA: ${unknown}` },
    })
    expect((await world.call('POST', `${repo}/statuses/${world.head}`, { state: 'great' })).status).toBe(422)
    expect((await world.call('POST', `${repo}/statuses/${world.head}`, {})).status).toBe(422)
    expect(world.sandbox.admin.statuses('acme/lib', world.head)).toEqual([])
  })

  test('a commit accepts at most 1,000 statuses of one context', async () => {
    const world = await withPull()
    world.sandbox.admin.setRateLimit('developer', 10_000)
    for (let count = 0; count < 1_000; count++) await post(world, world.head, 'pending')

    expect((await post(world, world.head, 'success')).status).toBe(422)
    expect((await post(world, world.head, 'success', 'other')).status).toBe(201)
  })
})

describe('mergeability', () => {
  test('a draft that becomes ready is no longer a draft, in REST and in GraphQL', async () => {
    const world = await createApiWorld()
    const { admin } = world.sandbox
    await admin.commit('acme/lib', 'DPTA-1', { 'a.txt': 'a\n' })
    const number = await admin.openPull('acme/lib', { head: 'DPTA-1', draft: true })
    expect(await pullByBoth(world, number)).toEqual([true, true, { isDraft: true, mergeable: 'MERGEABLE' }])
    admin.setDraft('acme/lib', number, false)
    expect(await pullByBoth(world, number)).toEqual([false, true, { isDraft: false, mergeable: 'MERGEABLE' }])
  })

  test('a base that changes the same line conflicts, and a later push to the branch mends it', async () => {
    const world = await withPull()
    await world.sandbox.admin.commit('acme/lib', 'main', { 'a.txt': 'other\n' })
    expect(await pullByBoth(world, 1)).toEqual([false, false, { isDraft: false, mergeable: 'CONFLICTING' }])
    await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { 'a.txt': 'other\n', 'b.txt': 'b\n' })
    expect(await pullByBoth(world, 1)).toEqual([false, true, { isDraft: false, mergeable: 'MERGEABLE' }])
  })

  test('mergeability is unknown from the first question until it is computed', async () => {
    const world = await withPull()
    world.sandbox.admin.delayMergeability(5_000)
    expect(await pullByBoth(world, 1)).toEqual([false, null, { isDraft: false, mergeable: 'UNKNOWN' }])
    world.clock.advance(4_999)
    expect(await pullByBoth(world, 1)).toEqual([false, null, { isDraft: false, mergeable: 'UNKNOWN' }])
    world.clock.advance(1)
    expect(await pullByBoth(world, 1)).toEqual([false, true, { isDraft: false, mergeable: 'MERGEABLE' }])
  })
})

/** `draft` and `mergeable` of a pull request in REST, and both in GraphQL. */
async function pullByBoth(world: ApiWorld, number: number): Promise<unknown[]> {
  const { body } = await world.json('GET', `${repo}/pulls/${number}`)
  const query = `{ repository(owner: "acme", name: "lib") { pullRequests(first: 9) { nodes { isDraft mergeable } } } }`
  const answer = await world.json('POST', '/graphql', { query })
  const node = at(answer.body, 'data', 'repository', 'pullRequests', 'nodes', number - 1)
  return [at(body, 'draft'), at(body, 'mergeable'), node]
}

describe('comparing commits', () => {
  const compare = async (world: ApiWorld, basehead: string): Promise<unknown[]> => {
    const { body } = await world.json('GET', `${repo}/compare/${basehead}`)
    return [at(body, 'status'), at(body, 'ahead_by'), at(body, 'behind_by')]
  }

  test('a comparison counts the commits on both sides', async () => {
    const world = await withPull()
    expect(await compare(world, 'main...main')).toEqual(['identical', 0, 0])
    expect(await compare(world, 'main...DPTA-1')).toEqual(['ahead', 1, 0])
    expect(await compare(world, 'DPTA-1...main')).toEqual(['behind', 0, 1])
    await world.sandbox.admin.commit('acme/lib', 'main', { 'b.txt': 'b\n' })
    expect(await compare(world, `main...${world.head}`)).toEqual(['diverged', 1, 1])
  })

  test('a comparison with a branch that does not exist is not found', async () => {
    const world = await withPull()
    expect((await world.call('GET', `${repo}/compare/main...none`)).status).toBe(404)
    expect((await world.call('GET', `${repo}/compare/main`)).status).toBe(404)
  })
})

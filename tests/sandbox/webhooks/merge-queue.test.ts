import { expect, test } from 'vitest'

import { at, temporaryDirectory } from '../api/world.js'
import type { HookWorld } from './world.js'
import { createHookWorld, RECEIVER } from './world.js'

const repo = '/repos/acme/lib'
const CONTEXT = 'orchestrator-build'

const ENQUEUE = `mutation Enqueue($input: EnqueuePullRequestInput!) {
  enqueuePullRequest(input: $input) {
    clientMutationId
    mergeQueueEntry { position state jump enqueuer { login } pullRequest { number isInMergeQueue } }
  }
}`
const DEQUEUE = `mutation($input: DequeuePullRequestInput!) {
  dequeuePullRequest(input: $input) { mergeQueueEntry { pullRequest { number isInMergeQueue } } }
}`

interface QueueWorld extends HookWorld {
  /** Opens a pull request whose head has the required status; returns its node ID. */
  ready: (branch: string, files?: Record<string, string>) => Promise<string>
  mutate: (query: string, input: Record<string, unknown>, token?: string) => Promise<unknown>
  post: (sha: unknown, state: string) => Promise<void>
  /** Waits for the queue and returns the payloads of `merge_group` with an action. */
  groups: (action: string) => Promise<unknown[]>
  /** Waits for the queue and returns the actions of pull requests, each with its number and the reason of a removal. */
  pulls: () => Promise<unknown[]>
}

/** A repository whose default branch requires a status and a merge queue, and an App that hears of both. */
async function createQueueWorld(options?: Parameters<typeof createHookWorld>[0]): Promise<QueueWorld> {
  const world = await createHookWorld(options)
  const { sandbox, call, json } = world
  sandbox.admin.requireStatus('acme/lib', CONTEXT)
  sandbox.admin.requireMergeQueue('acme/lib')
  const events = ['merge_group', 'pull_request']
  const permissions = { merge_queues: 'read', pull_requests: 'write' } as const
  const app = { name: 'Orch', owner: 'acme', permissions, events, hook: { url: RECEIVER } }
  const { slug } = await sandbox.admin.createApp(app)
  sandbox.admin.installApp(slug, 'acme')
  const post: QueueWorld['post'] = async (sha, state) => {
    await call('POST', `${repo}/statuses/${String(sha)}`, { state, context: CONTEXT })
  }
  return {
    ...world,
    post,
    async ready(branch, files = { [branch]: branch }) {
      const sha = await sandbox.admin.commit('acme/lib', branch, files)
      const number = await sandbox.admin.openPull('acme/lib', { head: branch })
      await post(sha, 'success')
      return String(at((await json('GET', `${repo}/pulls/${number}`)).body, 'node_id'))
    },
    async mutate(query, input, token) {
      const options = token === undefined ? {} : { token }
      return (await json('POST', '/graphql', { query, variables: { input } }, options)).body
    },
    async groups(action) {
      const deliveries = await world.deliveriesOf('merge_group')
      return deliveries.filter((each) => each.action === action).map(({ payload }) => payload)
    },
    async pulls() {
      const deliveries = await world.deliveriesOf('pull_request')
      return deliveries.map(({ action, payload }) => {
        const reason = at(payload, 'reason')
        return [action, at(payload, 'number'), ...(reason === undefined ? [] : [reason])]
      })
    },
  }
}

test('an enqueued pull request gets a group whose checks are requested, and is merged when they succeed', async () => {
  const { sandbox, ready, mutate, groups, pulls, post } = await createQueueWorld()
  const id = await ready('DPTA-1')
  const base = await sandbox.admin.branch('acme/lib', 'main')

  expect(await mutate(ENQUEUE, { pullRequestId: id, clientMutationId: 'x' })).toEqual({
    data: {
      enqueuePullRequest: {
        clientMutationId: 'x',
        mergeQueueEntry: {
          position: 1,
          state: 'QUEUED',
          jump: false,
          enqueuer: { login: 'developer' },
          pullRequest: { number: 1, isInMergeQueue: true },
        },
      },
    },
  })
  const [requested] = await groups('checks_requested')
  const group = at(requested, 'merge_group')
  const branch = `gh-readonly-queue/main/pr-1-${base}`
  const head = await sandbox.admin.branch('acme/lib', branch)
  expect(group).toMatchObject({ head_sha: head, head_ref: `refs/heads/${branch}`, base_sha: base })
  expect(at(group, 'base_ref')).toBe('refs/heads/main')
  expect(at(requested, 'sender', 'login')).toBe('github-merge-queue[bot]')
  expect(await sandbox.admin.branch('acme/lib', 'main')).toBe(base)

  await post(head, 'success')
  expect(await groups('destroyed')).toMatchObject([{ reason: 'merged', merge_group: { head_sha: head } }])
  expect(await sandbox.admin.branch('acme/lib', 'main')).toBe(head)
  expect(await sandbox.admin.branch('acme/lib', branch)).toBeNull()
  expect(await pulls()).toEqual([
    ['opened', 1],
    ['enqueued', 1],
    ['dequeued', 1, 'MERGE'],
    ['closed', 1],
  ])
})

test('a group whose check fails is removed, and the groups behind it are built again without it', async () => {
  const { sandbox, ready, mutate, groups, pulls, post } = await createQueueWorld()
  for (const branch of ['DPTA-1', 'DPTA-2']) await mutate(ENQUEUE, { pullRequestId: await ready(branch) })
  const base = await sandbox.admin.branch('acme/lib', 'main')
  const [first, second] = await groups('checks_requested')
  expect(at(second, 'merge_group', 'base_sha')).toBe(at(first, 'merge_group', 'head_sha'))

  await post(at(first, 'merge_group', 'head_sha'), 'failure')
  expect(await groups('destroyed')).toMatchObject([
    { reason: 'dequeued', merge_group: { head_sha: at(first, 'merge_group', 'head_sha') } },
    { reason: 'invalidated', merge_group: { head_sha: at(second, 'merge_group', 'head_sha') } },
  ])
  expect(await pulls()).toContainEqual(['dequeued', 1, 'CI_FAILURE'])
  const [, , again] = await groups('checks_requested')
  expect(at(again, 'merge_group', 'base_sha')).toBe(base)
  await post(at(again, 'merge_group', 'head_sha'), 'success')
  await groups('destroyed')
  expect(await sandbox.admin.file('acme/lib', 'main', 'DPTA-2')).toBe('DPTA-2')
  expect(await sandbox.admin.file('acme/lib', 'main', 'DPTA-1')).toBeNull()
})

test('a group that succeeds before the one in front of it waits for that one', async () => {
  const { sandbox, ready, mutate, groups, pulls, post } = await createQueueWorld()
  for (const branch of ['DPTA-1', 'DPTA-2']) await mutate(ENQUEUE, { pullRequestId: await ready(branch) })
  const [first, second] = await groups('checks_requested')
  await post(at(second, 'merge_group', 'head_sha'), 'success')
  expect(await groups('destroyed')).toEqual([])

  await post(at(first, 'merge_group', 'head_sha'), 'success')
  expect(await groups('destroyed')).toMatchObject([{ reason: 'merged' }, { reason: 'merged' }])
  expect(await sandbox.admin.branch('acme/lib', 'main')).toBe(at(second, 'merge_group', 'head_sha'))
  expect((await pulls()).slice(-2)).toEqual([
    ['dequeued', 2, 'MERGE'],
    ['closed', 2],
  ])
})

test('a group without an answer is removed when the time of its rule is over', async () => {
  const { clock, ready, mutate, groups, pulls } = await createQueueWorld()
  await mutate(ENQUEUE, { pullRequestId: await ready('DPTA-1') })
  await groups('checks_requested')
  clock.advance(60 * 60_000)
  await new Promise((resolve) => setImmediate(resolve))

  expect(await pulls()).toContainEqual(['dequeued', 1, 'CI_TIMEOUT'])
})

test('a push to the base builds the group again on the new base, and one that conflicts then is removed', async () => {
  const { sandbox, ready, mutate, groups, pulls } = await createQueueWorld()
  await mutate(ENQUEUE, { pullRequestId: await ready('DPTA-1') })
  await mutate(ENQUEUE, { pullRequestId: await ready('DPTA-2', { shared: 'two' }) })
  expect(await groups('checks_requested')).toHaveLength(2)
  const base = await sandbox.admin.commit('acme/lib', 'main', { shared: 'main' })

  const requested = await groups('checks_requested')
  expect(requested).toHaveLength(3)
  expect(at(requested[2], 'merge_group', 'base_sha')).toBe(base)
  expect(await pulls()).toContainEqual(['dequeued', 2, 'MERGE_CONFLICT'])
})

test('a pull request that is pushed to or closed leaves the queue', async () => {
  const { sandbox, ready, mutate, pulls } = await createQueueWorld()
  for (const branch of ['DPTA-1', 'DPTA-2']) await mutate(ENQUEUE, { pullRequestId: await ready(branch) })
  await sandbox.admin.commit('acme/lib', 'DPTA-1', { more: 'more' })
  sandbox.admin.closePull('acme/lib', 2)

  const removed = (await pulls()).filter((each) => at(each, 0) === 'dequeued')
  expect(removed).toEqual([
    ['dequeued', 1, 'UNKNOWN_REMOVAL_REASON'],
    ['dequeued', 2, 'MANUAL'],
  ])
})

test('a dequeued pull request is open and its group is gone', async () => {
  const { sandbox, ready, mutate, groups } = await createQueueWorld()
  const id = await ready('DPTA-1')
  await mutate(ENQUEUE, { pullRequestId: id })
  const [requested] = await groups('checks_requested')

  expect(await mutate(DEQUEUE, { id })).toMatchObject({
    data: { dequeuePullRequest: { mergeQueueEntry: { pullRequest: { number: 1, isInMergeQueue: false } } } },
  })
  expect(await groups('destroyed')).toMatchObject([{ reason: 'dequeued' }])
  const branch = String(at(requested, 'merge_group', 'head_ref')).replace('refs/heads/', '')
  expect(await sandbox.admin.branch('acme/lib', branch)).toBeNull()
})

test('what cannot be merged is not added to the queue', async () => {
  const { sandbox, ready, mutate, json, post } = await createQueueWorld()
  const problemOf = async (input: Record<string, unknown>): Promise<unknown> => {
    const answer = await mutate(ENQUEUE, input)
    expect(at(answer, 'errors', 0, 'type')).toBe('UNPROCESSABLE')
    return at(answer, 'errors', 0, 'message')
  }
  const id = await ready('DPTA-1')
  const head = await sandbox.admin.branch('acme/lib', 'DPTA-1')
  const other = 'a'.repeat(40)
  expect(await problemOf({ pullRequestId: id, expectedHeadOid: other })).toBe(
    `Expected head sha ${other} does not match ${head}.`,
  )
  await post(head, 'pending')
  expect(await problemOf({ pullRequestId: id })).toBe('Pull request has required checks that are pending.')
  await post(head, 'success')
  sandbox.admin.setDraft('acme/lib', 1, true)
  expect(await problemOf({ pullRequestId: id })).toBe('Pull request is in draft state.')
  sandbox.admin.setDraft('acme/lib', 1, false)
  await mutate(ENQUEUE, { pullRequestId: id })
  expect(await problemOf({ pullRequestId: id })).toBe('Pull request is already in the queue.')
  await sandbox.admin.moveBranch('acme/lib', 'next', 'main')
  await sandbox.admin.commit('acme/lib', 'DPTA-3', { c: 'c' })
  await sandbox.admin.openPull('acme/lib', { head: 'DPTA-3', base: 'next' })
  const { body } = await json('GET', `${repo}/pulls/2`)
  expect(await problemOf({ pullRequestId: at(body, 'node_id') })).toBe('The branch next does not have a merge queue.')
})

test('a queue that rebases is refused, because the sandbox does not support rebase merges', async () => {
  const { sandbox, call, json } = await createHookWorld()
  await call('POST', `${repo}/rulesets`, {
    name: 'Queue',
    enforcement: 'active',
    conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
    rules: [{ type: 'merge_queue', parameters: { merge_method: 'REBASE' } }],
  })
  await sandbox.admin.commit('acme/lib', 'DPTA-1', { a: 'a' })
  await sandbox.admin.openPull('acme/lib', { head: 'DPTA-1' })
  const pullRequestId = at((await json('GET', `${repo}/pulls/1`)).body, 'node_id')

  const { body } = await json('POST', '/graphql', { query: ENQUEUE, variables: { input: { pullRequestId } } })
  expect(body).toMatchObject({
    errors: [{ type: 'UNPROCESSABLE', message: 'The sandbox does not support rebase merges.' }],
  })
})

test('a token needs write access to contents and pull requests to use the queue', async () => {
  const { sandbox, ready, mutate } = await createQueueWorld()
  const id = await ready('DPTA-1')
  const token = sandbox.admin.createToken('someone', { 'acme/lib': { contents: 'read', pull_requests: 'write' } })

  expect(await mutate(ENQUEUE, { pullRequestId: id }, token)).toMatchObject({ errors: [{ type: 'FORBIDDEN' }] })
  expect(await mutate(ENQUEUE, { pullRequestId: 'none' })).toMatchObject({ errors: [{ type: 'NOT_FOUND' }] })
})

test('a jump puts the pull request in front, so that the others are built again behind it', async () => {
  const { ready, mutate, groups } = await createQueueWorld()
  await mutate(ENQUEUE, { pullRequestId: await ready('DPTA-1') })
  await groups('checks_requested')
  const jumped = await mutate(ENQUEUE, { pullRequestId: await ready('DPTA-2'), jump: true })

  expect(at(jumped, 'data', 'enqueuePullRequest', 'mergeQueueEntry', 'position')).toBe(1)
  const [, second, third] = await groups('checks_requested')
  expect(at(third, 'merge_group', 'base_sha')).toBe(at(second, 'merge_group', 'head_sha'))
  expect(await groups('destroyed')).toMatchObject([{ reason: 'invalidated' }])
})

test('a restarted sandbox goes on with its queue', async () => {
  const stateDirectory = await temporaryDirectory()
  const before = await createQueueWorld({ stateDirectory })
  await before.mutate(ENQUEUE, { pullRequestId: await before.ready('DPTA-1') })
  const [requested] = await before.groups('checks_requested')
  await before.sandbox.close()

  const after = await createHookWorld({ stateDirectory })
  const head = String(at(requested, 'merge_group', 'head_sha'))
  await after.call('POST', `${repo}/statuses/${head}`, { state: 'success', context: CONTEXT })
  await after.sandbox.webhooks.idle()
  expect(await after.sandbox.admin.branch('acme/lib', 'main')).toBe(head)
})

test('a fault of writes makes a mutation fail, and a fault of reads does not', async () => {
  const { sandbox, ready, mutate } = await createQueueWorld()
  const pullRequestId = await ready('DPTA-1')
  sandbox.faults.add({ access: 'read', action: { kind: 'respond', status: 502 } })
  expect(at(await mutate(ENQUEUE, { pullRequestId }), 'errors')).toBeUndefined()
  sandbox.faults.add({ access: 'write', action: { kind: 'respond', status: 502 } })
  expect(await mutate(ENQUEUE, { pullRequestId })).toEqual({ message: 'Server Error' })
})

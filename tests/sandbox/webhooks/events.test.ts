import { expect, test } from 'vitest'

import { at, HeldExecutor, job } from '../api/world.js'
import type { HookWorld, Received } from './world.js'
import { createHookWorld, RECEIVER } from './world.js'

const repo = '/repos/acme/lib'
const NO_COMMIT = '0'.repeat(40)

/** A world with the branch DPTA-1, whose events are received from now on. */
async function hooked(
  options?: Parameters<typeof createHookWorld>[0],
): Promise<HookWorld & { base: string; head: string }> {
  const world = await createHookWorld(options)
  const base = (await world.sandbox.admin.branch('acme/lib', 'main')) ?? ''
  const head = await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { b: 'b' })
  world.sandbox.webhooks.create('acme/lib', { url: RECEIVER })
  return { ...world, base, head }
}

function actionsOf(deliveries: Received[]): unknown[] {
  return deliveries.map(({ action }) => action)
}

test('a push tells its commits and their files', async () => {
  const { sandbox, base, deliveriesOf } = await hooked()
  const files = { 'README.md': '# changed\n', 'src/deep/new.txt': 'new', '.github/workflows/build.yml': null }
  const after = await sandbox.admin.commit('acme/lib', 'main', files, { message: 'Change' })

  const [push] = await deliveriesOf('push')
  const commit = {
    id: after,
    message: 'Change',
    added: ['src/deep/new.txt'],
    removed: ['.github/workflows/build.yml'],
    modified: ['README.md'],
    author: { name: 'developer', username: 'developer' },
  }
  expect(push?.payload).toMatchObject({
    ref: 'refs/heads/main',
    before: base,
    after,
    created: false,
    deleted: false,
    forced: false,
    commits: [commit],
    head_commit: commit,
    pusher: { name: 'developer' },
    repository: { full_name: 'acme/lib', default_branch: 'main', created_at: expect.any(Number) as number },
    sender: { login: 'developer' },
  })
})

test('a new branch is created and pushed with the commits that the default branch lacks, and a deleted one has none', async () => {
  const { call, head, deliveriesOf } = await hooked()
  await call('POST', `${repo}/git/refs`, { ref: 'refs/heads/feature/x', sha: head })
  await call('DELETE', `${repo}/git/refs/heads/feature/x`)

  const [created] = await deliveriesOf('create')
  expect(created?.payload).toMatchObject({ ref: 'feature/x', ref_type: 'branch', master_branch: 'main' })
  const [deleted] = await deliveriesOf('delete')
  expect(deleted?.payload).toMatchObject({ ref: 'feature/x', ref_type: 'branch', pusher_type: 'user' })
  const pushes = (await deliveriesOf('push')).map(({ payload }) => payload)
  expect(pushes).toMatchObject([
    { before: NO_COMMIT, after: head, created: true, commits: [{ id: head }], head_commit: { id: head } },
    { before: head, after: NO_COMMIT, deleted: true, commits: [], head_commit: null },
  ])
})

test('a tag is created and pushed like a branch', async () => {
  const { call, base, deliveriesOf } = await hooked()
  await call('POST', `${repo}/git/refs`, { ref: 'refs/tags/v1', sha: base })

  expect((await deliveriesOf('create')).map(({ payload }) => payload)).toMatchObject([{ ref: 'v1', ref_type: 'tag' }])
  expect((await deliveriesOf('push')).map(({ payload }) => payload)).toMatchObject([{ ref: 'refs/tags/v1' }])
})

test('a push that drops commits is forced', async () => {
  const { sandbox, deliveriesOf } = await hooked()
  await sandbox.admin.commit('acme/lib', 'other', { c: 'c' })
  await sandbox.admin.moveBranch('acme/lib', 'DPTA-1', 'other')

  const pushes = (await deliveriesOf('push')).filter(({ payload }) => at(payload, 'ref') === 'refs/heads/DPTA-1')
  expect(pushes.map(({ payload }) => at(payload, 'forced'))).toEqual([true])
})

test('a pull request is opened, synchronized with both heads, and closed by its merge', async () => {
  const { sandbox, call, head, deliveriesOf } = await hooked()
  await sandbox.admin.openPull('acme/lib', { head: 'DPTA-1' })
  const after = await sandbox.admin.commit('acme/lib', 'DPTA-1', { b: 'more' })
  await call('PUT', `${repo}/pulls/1/merge`)

  const deliveries = await deliveriesOf('pull_request')
  expect(actionsOf(deliveries)).toEqual(['opened', 'synchronize', 'closed'])
  const [opened, synchronized, closed] = deliveries.map(({ payload }) => payload)
  expect(opened).toMatchObject({ number: 1, pull_request: { state: 'open', head: { sha: head }, commits: 1 } })
  expect(synchronized).toMatchObject({ before: head, after, pull_request: { head: { sha: after }, commits: 2 } })
  expect(closed).toMatchObject({ pull_request: { state: 'closed', merged: true, merged_by: { login: 'developer' } } })
})

test('a pull request is closed unmerged and reopened, and a deleted branch closes it', async () => {
  const { sandbox, call, deliveriesOf } = await hooked()
  await sandbox.admin.openPull('acme/lib', { head: 'DPTA-1' })
  await call('PATCH', `${repo}/pulls/1`, { state: 'closed' })
  await call('PATCH', `${repo}/pulls/1`, { state: 'open' })
  await call('DELETE', `${repo}/git/refs/heads/DPTA-1`)

  const deliveries = await deliveriesOf('pull_request')
  expect(actionsOf(deliveries)).toEqual(['opened', 'closed', 'reopened', 'closed'])
  expect(at(deliveries[1]?.payload, 'pull_request', 'merged')).toBe(false)
})

test('an edited pull request tells what its title, body and base were', async () => {
  const { sandbox, call, base, deliveriesOf } = await hooked()
  await sandbox.admin.openPull('acme/lib', { head: 'DPTA-1', title: 'Old', body: 'Text' })
  await sandbox.admin.moveBranch('acme/lib', 'next', 'main')
  await call('PATCH', `${repo}/pulls/1`, { title: 'New', body: 'Text' })
  await call('PATCH', `${repo}/pulls/1`, { base: 'next' })

  const changes = (await deliveriesOf('pull_request')).map(({ payload }) => at(payload, 'changes'))
  expect(changes).toEqual([
    undefined,
    { title: { from: 'Old' } },
    { base: { ref: { from: 'main' }, sha: { from: base } } },
  ])
})

test('a draft that becomes ready, and a pull request that becomes a draft, are told once', async () => {
  const { sandbox, deliveriesOf } = await hooked()
  await sandbox.admin.openPull('acme/lib', { head: 'DPTA-1', draft: true })
  for (const isDraft of [false, false, true]) sandbox.admin.setDraft('acme/lib', 1, isDraft)

  expect(actionsOf(await deliveriesOf('pull_request'))).toEqual(['opened', 'ready_for_review', 'converted_to_draft'])
})

test('a workflow run is requested, in progress and completed, in each attempt', async () => {
  const executor = new HeldExecutor()
  const { json, call, deliveriesOf } = await hooked({ executor })
  const request = { ref: 'DPTA-1', return_run_details: true }
  const { body } = await json('POST', `${repo}/actions/workflows/build.yml/dispatches`, request)
  const id = Number(at(body, 'workflow_run_id'))
  for (const attempt of [1, 2]) {
    if (attempt === 2) await call('POST', `${repo}/actions/runs/${id}/rerun`)
    const execution = await executor.of(id, attempt)
    execution.update([job()])
    execution.update([job()])
    executor.end(execution, 'failure')
    await new Promise((resolve) => setImmediate(resolve))
  }

  const runs = (await deliveriesOf('workflow_run')).map(({ action, payload }) => [
    action,
    at(payload, 'workflow_run', 'id'),
    at(payload, 'workflow_run', 'run_attempt'),
    at(payload, 'workflow_run', 'status'),
    at(payload, 'workflow_run', 'conclusion'),
  ])
  expect(runs).toEqual([
    ['requested', id, 1, 'queued', null],
    ['in_progress', id, 1, 'in_progress', null],
    ['completed', id, 1, 'completed', 'failure'],
    ['requested', id, 2, 'queued', null],
    ['in_progress', id, 2, 'in_progress', null],
    ['completed', id, 2, 'completed', 'failure'],
  ])
})

test('each commit status tells its commit, its branches and its creator', async () => {
  const { sandbox, call, head, deliveriesOf } = await hooked()
  const token = sandbox.admin.createToken('someone', { 'acme/lib': { statuses: 'write' } })
  const status = { state: 'success', context: 'ci', description: 'Green.', target_url: 'http://127.0.0.1/log' }
  await call('POST', `${repo}/statuses/${head}`, status, { token })

  const [delivery] = await deliveriesOf('status')
  expect(delivery?.payload).toMatchObject({
    ...status,
    sha: head,
    name: 'acme/lib',
    commit: { sha: head },
    branches: [{ name: 'DPTA-1', commit: { sha: head } }],
    sender: { login: 'someone' },
  })
})

test('a payload shows the state of the event, not of its delivery', async () => {
  const { sandbox, call, deliveriesOf } = await hooked()
  await sandbox.admin.openPull('acme/lib', { head: 'DPTA-1', title: 'Old' })
  await call('PATCH', `${repo}/pulls/1`, { title: 'New' })

  const titles = (await deliveriesOf('pull_request')).map(({ payload }) => at(payload, 'pull_request', 'title'))
  expect(titles).toEqual(['Old', 'New'])
})

test('a sandbox without hooks builds no payload', async () => {
  const { sandbox, received } = await createHookWorld()
  await sandbox.admin.commit('acme/lib', 'main', { a: 'a' })
  await sandbox.webhooks.idle()

  expect(received).toEqual([])
})

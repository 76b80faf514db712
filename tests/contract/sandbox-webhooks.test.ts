import { describe, expect, test } from 'vitest'

import { at } from '../sandbox/api/world.js'
import type { HookWorld } from '../sandbox/webhooks/world.js'
import { createHookWorld, RECEIVER } from '../sandbox/webhooks/world.js'
import { payloadProblems } from './contract.js'

const EVENTS_OF_APPS = ['merge_group', 'repository_dispatch', 'workflow_dispatch']
const PERMISSIONS = { merge_queues: 'read', contents: 'read', actions: 'read' } as const

const repo = '/repos/acme/lib'

/** What causes each webhook, by its name in GitHub's description. */
const causes: Record<string, (world: HookWorld) => Promise<unknown>> = {
  ping: () => Promise.resolve(),
  push: ({ sandbox }) => sandbox.admin.commit('acme/lib', 'main', { a: 'a' }),
  create: ({ sandbox }) => sandbox.admin.moveBranch('acme/lib', 'x', 'main'),
  async delete({ sandbox }) {
    await sandbox.admin.moveBranch('acme/lib', 'x', 'main')
    await sandbox.admin.deleteBranch('acme/lib', 'x')
  },
  'pull-request-opened': openPull,
  async 'pull-request-reopened'(world) {
    await openPull(world)
    await world.call('PATCH', `${repo}/pulls/1`, { state: 'closed' })
    await world.call('PATCH', `${repo}/pulls/1`, { state: 'open' })
  },
  async 'pull-request-closed'(world) {
    await openPull(world)
    await world.call('PUT', `${repo}/pulls/1/merge`)
  },
  async 'pull-request-synchronize'(world) {
    await openPull(world)
    await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { b: 'c' })
  },
  async 'pull-request-edited'(world) {
    await openPull(world)
    await world.sandbox.admin.moveBranch('acme/lib', 'next', 'main')
    await world.call('PATCH', `${repo}/pulls/1`, { base: 'next' })
  },
  async 'pull-request-converted-to-draft'(world) {
    await openPull(world)
    world.sandbox.admin.setDraft('acme/lib', 1, true)
  },
  async 'pull-request-ready-for-review'(world) {
    await openPull(world)
    world.sandbox.admin.setDraft('acme/lib', 1, true)
    world.sandbox.admin.setDraft('acme/lib', 1, false)
  },
  'workflow-run-requested': dispatch,
  'workflow-run-in-progress': dispatch,
  'workflow-run-completed': dispatch,
  'workflow-dispatch': dispatch,
  async 'repository-dispatch-sample.collected'({ call }) {
    await call('POST', `${repo}/dispatches`, { event_type: 'sample.collected', client_payload: { a: 1 } })
  },
  'pull-request-enqueued': enqueue,
  async 'pull-request-dequeued'(world) {
    await enqueue(world)
    world.sandbox.admin.closePull('acme/lib', 1)
  },
  'merge-group-checks-requested': enqueue,
  'merge-group-destroyed': enqueue,
  async status({ sandbox, call }) {
    const sha = (await sandbox.admin.branch('acme/lib', 'main')) ?? ''
    await call('POST', `${repo}/statuses/${sha}`, { state: 'success', context: 'ci', description: 'Green.' })
  },
}

/** The same for what happens to Apps, and for what they do. */
const causesOfApps: Record<string, (world: HookWorld) => Promise<unknown>> = {
  'installation-created': () => Promise.resolve(),
  'installation-suspend': ({ sandbox }) => Promise.resolve(sandbox.admin.suspendApp('orch', 'acme')),
  async 'installation-unsuspend'({ sandbox }) {
    sandbox.admin.suspendApp('orch', 'acme')
    sandbox.admin.suspendApp('orch', 'acme', false)
    await sandbox.webhooks.idle()
  },
  'installation-deleted': ({ sandbox }) => Promise.resolve(sandbox.admin.uninstallApp('orch', 'acme')),
  async 'installation-new-permissions-accepted'({ sandbox }) {
    sandbox.admin.changeApp('orch', { permissions: { checks: 'write', contents: 'read' } })
    sandbox.admin.installApp('orch', 'acme', ['acme/lib'])
    await sandbox.webhooks.idle()
  },
  async 'installation-repositories-added'({ sandbox }) {
    await sandbox.admin.createRepository('acme/other')
    sandbox.admin.installApp('orch', 'acme', ['acme/lib', 'acme/other'])
  },
  async 'installation-repositories-removed'({ sandbox }) {
    await sandbox.admin.createRepository('acme/other')
    sandbox.admin.installApp('orch', 'acme', ['acme/other'])
  },
  'issue-comment-created': comment,
  async 'issue-comment-edited'(world) {
    await world.call('PATCH', `${repo}/issues/comments/${await comment(world)}`, { body: 'Edited.' })
  },
  async 'issue-comment-deleted'(world) {
    await world.call('DELETE', `${repo}/issues/comments/${await comment(world)}`)
  },
  'check-run-created': checkRun,
  'check-run-completed': checkRun,
}

async function comment({ json }: HookWorld): Promise<number> {
  return Number(at((await json('POST', `${repo}/issues/1/comments`, { body: '/orch run' })).body, 'id'))
}

async function checkRun({ sandbox, call }: HookWorld): Promise<void> {
  const token = sandbox.admin.createInstallationToken('orch', 'acme')
  const run = { name: 'orch', head_sha: await sandbox.admin.branch('acme/lib', 'main'), conclusion: 'success' }
  await call('POST', `${repo}/check-runs`, run, { token })
}

async function openPull({ sandbox }: HookWorld): Promise<void> {
  await sandbox.admin.commit('acme/lib', 'DPTA-1', { b: 'b' })
  await sandbox.admin.openPull('acme/lib', { head: 'DPTA-1' })
}

/** Without a required check, the group of a pull request is merged at once. */
async function enqueue(world: HookWorld): Promise<void> {
  await openPull(world)
  world.sandbox.admin.requireMergeQueue('acme/lib')
  const pullRequestId = at((await world.json('GET', `${repo}/pulls/1`)).body, 'node_id')
  const query = 'mutation($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { clientMutationId } }'
  await world.call('POST', '/graphql', { query, variables: { input: { pullRequestId } } })
}

async function dispatch({ call }: HookWorld): Promise<void> {
  await call('POST', `${repo}/actions/workflows/build.yml/dispatches`, { ref: 'main' })
}

/** Returns the name of a delivery in GitHub's description. */
function nameOf({ event, action }: { event: string; action: unknown }): string {
  return (typeof action === 'string' ? `${event}-${action}` : event).replaceAll('_', '-')
}

describe('payloads of the sandbox', () => {
  test.each(Object.keys(causes))(
    "the payload of the webhook %s is as GitHub's description of its webhooks says",
    async (name) => {
      const world = await createHookWorld()
      const { admin, webhooks } = world.sandbox
      webhooks.create('acme/lib', { url: RECEIVER, secret: 'hush' })
      const hook = { url: `${RECEIVER}/app` }
      await admin.createApp({ name: 'Orch', owner: 'acme', permissions: PERMISSIONS, events: EVENTS_OF_APPS, hook })
      const installation = admin.installApp('orch', 'acme')
      await causes[name]?.(world)
      await world.sandbox.webhooks.idle()

      expect(world.sandbox.warnings).toEqual([])
      const delivery = world.received.find((each) => nameOf(each) === name)
      const payload = delivery?.payload
      expect(payload).toBeDefined()
      const isOfApp = EVENTS_OF_APPS.includes(delivery?.event ?? '')
      expect(at(payload, 'installation', 'id')).toBe(isOfApp ? installation : undefined)
      expect(payloadProblems(name, payload)).toEqual([])
      expect(at(payload, 'repository', 'full_name')).toBe('acme/lib')
      expect(at(payload, 'organization', 'login')).toBe('acme')
      expect(['developer', 'github-merge-queue[bot]']).toContain(at(payload, 'sender', 'login'))
    },
  )

  test.each(Object.keys(causesOfApps))(
    "the payload of the webhook %s of an App is as GitHub's description of its webhooks says",
    async (name) => {
      const world = await createHookWorld()
      const { admin, webhooks } = world.sandbox
      const made = { name: 'Orch', owner: 'acme', permissions: { checks: 'write' as const } }
      await admin.createApp({ ...made, events: ['check_run', 'issue_comment'], hook: { url: RECEIVER } })
      const installation = admin.installApp('orch', 'acme', ['acme/lib'])
      await openPull(world)
      await causesOfApps[name]?.(world)
      await webhooks.idle()

      expect(world.sandbox.warnings).toEqual([])
      const payload = world.received.find((each) => nameOf(each) === name)?.payload
      expect(payload).toBeDefined()
      expect(payloadProblems(name, payload)).toEqual([])
      expect(at(payload, 'installation', 'id')).toBe(installation)
    },
  )
})

import { describe, expect, test } from 'vitest'

import { at } from '../sandbox/api/world.js'
import type { HookWorld } from '../sandbox/webhooks/world.js'
import { createHookWorld, RECEIVER } from '../sandbox/webhooks/world.js'
import { payloadProblems } from './contract.js'

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
  async status({ sandbox, call }) {
    const sha = (await sandbox.admin.branch('acme/lib', 'main')) ?? ''
    await call('POST', `${repo}/statuses/${sha}`, { state: 'success', context: 'ci', description: 'Green.' })
  },
}

async function openPull({ sandbox }: HookWorld): Promise<void> {
  await sandbox.admin.commit('acme/lib', 'DPTA-1', { b: 'b' })
  await sandbox.admin.openPull('acme/lib', { head: 'DPTA-1' })
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
      world.sandbox.webhooks.create('acme/lib', { url: RECEIVER, secret: 'hush' })
      await causes[name]?.(world)
      await world.sandbox.webhooks.idle()

      expect(world.sandbox.warnings).toEqual([])
      const payload = world.received.find((each) => nameOf(each) === name)?.payload
      expect(payload).toBeDefined()
      expect(payloadProblems(name, payload)).toEqual([])
      expect(at(payload, 'repository', 'full_name')).toBe('acme/lib')
      expect(at(payload, 'organization', 'login')).toBe('acme')
      expect(at(payload, 'sender', 'login')).toBe('developer')
    },
  )
})

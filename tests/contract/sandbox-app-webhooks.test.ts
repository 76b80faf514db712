import { describe, expect, test } from 'vitest'

import { at } from '../sandbox/api/world.js'
import type { HookWorld } from '../sandbox/webhooks/world.js'
import { createHookWorld, RECEIVER } from '../sandbox/webhooks/world.js'
import { payloadProblems } from './contract.js'

const repo = '/repos/acme/lib'
const permissions = { checks: 'write', pull_requests: 'write' } as const

/** What causes each webhook of an App, by its name in GitHub's description. The App is installed on one of two repositories. */
const causes: Record<string, (world: HookWorld) => unknown> = {
  ping: () => undefined,
  'installation-created': () => undefined,
  'installation-deleted': ({ sandbox }) => sandbox.admin.uninstallApp('orch', 'acme'),
  'installation-suspend': ({ sandbox }) => sandbox.admin.suspendApp('orch', 'acme'),
  'installation-unsuspend'({ sandbox }) {
    sandbox.admin.suspendApp('orch', 'acme')
    sandbox.admin.suspendApp('orch', 'acme', false)
  },
  'installation-new-permissions-accepted'({ sandbox }) {
    sandbox.admin.changeApp('orch', { permissions: { ...permissions, statuses: 'write' } })
    sandbox.admin.installApp('orch', 'acme', ['acme/lib'])
  },
  'installation-repositories-added': ({ sandbox }) => void sandbox.admin.installApp('orch', 'acme'),
  'installation-repositories-removed': ({ sandbox }) => void sandbox.admin.installApp('orch', 'acme', ['acme/other']),
  'issue-comment-created': comment,
  async 'issue-comment-edited'(world) {
    await world.call('PATCH', await comment(world), { body: 'changed' })
  },
  async 'issue-comment-deleted'(world) {
    await world.call('DELETE', await comment(world))
  },
  'check-run-created': check,
  'check-run-completed': check,
}

async function comment({ json, sandbox }: HookWorld): Promise<string> {
  await sandbox.admin.commit('acme/lib', 'DPTA-1', { b: 'b' })
  await sandbox.admin.openPull('acme/lib', { head: 'DPTA-1', body: 'why' })
  const { body } = await json('POST', `${repo}/issues/1/comments`, { body: '/orch run' })
  return `${repo}/issues/comments/${String(at(body, 'id'))}`
}

async function check({ call, sandbox }: HookWorld): Promise<void> {
  const token = sandbox.admin.createInstallationToken('orch', 'acme')
  const sha = (await sandbox.admin.branch('acme/lib', 'main')) ?? ''
  await call('POST', `${repo}/check-runs`, { name: 'orch', head_sha: sha, conclusion: 'success' }, { token })
}

describe("payloads of an App's webhook", () => {
  test.each(Object.keys(causes))(
    "the payload of the webhook %s of an App is as GitHub's description of its webhooks says",
    async (name) => {
      const world = await createHookWorld()
      const { admin } = world.sandbox
      await admin.createRepository('acme/other')
      const events = ['issue_comment', 'check_run']
      await admin.createApp({ name: 'Orch', owner: 'acme', permissions, events, hook: { url: RECEIVER } })
      const installationId = admin.installApp('orch', 'acme', ['acme/lib'])
      await causes[name]?.(world)
      await world.sandbox.webhooks.idle()

      expect(world.sandbox.warnings).toEqual([])
      const payload = world.received.find(({ event, action }) => {
        return (
          [event, action]
            .filter((part) => typeof part === 'string')
            .join('-')
            .replaceAll('_', '-') === name
        )
      })?.payload
      expect(payload).toBeDefined()
      expect(payloadProblems(name, payload)).toEqual([])
      if (name !== 'ping') expect(at(payload, 'installation', 'id')).toBe(installationId)
    },
  )
})

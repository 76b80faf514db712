import { expect, test } from 'vitest'
import { runBuilt } from '../cli/support/built-command.js'
import { branch, LocalGitHub, repository } from '../cli/support/local-github.js'
import { oneJobGraph, WorkFolder } from '../cli/support/work-folder.js'
import { Developer, eventually, startServe, webhookSecret } from './support/serve-command.js'

interface DeliveryItem {
  id: string
  event: string
  result: string | null
}

test(
  'a second service in the same folder is refused, and one with a new token, after the old one has expired, handles what the first one could not, and what GitHub could not deliver meanwhile',
  { timeout: 300_000 },
  async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using github = await LocalGitHub.open(folder, 'true')
    const developer = new Developer(github.url, github.sandbox.token)
    const { admin } = github.sandbox
    const expired = admin.createToken('developer')
    const env = { GITHUB_API_URL: `${github.url}/api/v3`, GH_ENTERPRISE_TOKEN: expired }
    let port: string
    {
      await using service = await startServe(folder.path, { env })
      port = new URL(service.url).port
      const config = { url: `${service.url}/webhooks/github`, content_type: 'json', secret: webhookSecret }
      await developer.rest('POST', `/repos/${repository}/hooks`, { config, events: ['*'], active: true })
      await eventually('the ping has arrived', async () => {
        const { items } = (await service.json('/deliveries')) as { items: DeliveryItem[] }
        return items.length > 0 ? true : null
      })
      const flags = ['serve', '--port', '0']
      const second = await runBuilt(flags, { cwd: folder.path, env: { ...env, ORCH_WEBHOOK_SECRET: webhookSecret } })
      expect(second).toMatchObject({ code: 1, stdout: '' })
      expect(second.stderr).toMatch(/process \d+/u)
      // GitHub answers an expired token as one that it never knew.
      admin.revokeToken(expired)
      await admin.commit(repository, branch, { 'change.txt': 'with the expired token\n' })
      const problem = await eventually('the service is unhealthy', async () => {
        const response = await service.get('/readyz')
        return response.status === 503 ? response.text() : null
      })
      expect(problem).toContain('GitHub refuses the token of the service (create a new token')
      const health = await service.get('/healthz')
      expect(health.status).toBe(200)
      service.signal('SIGTERM')
      expect(await service.ended).toMatchObject({ code: 0, signal: null })
    }
    const sha = await github.sandbox.admin.commit(repository, branch, { 'change.txt': 'another\n' })
    expect(await developer.statuses(repository, sha)).toEqual([])
    await github.sandbox.webhooks.idle()

    const renewed = { ...env, GH_ENTERPRISE_TOKEN: admin.createToken('developer') }
    await using service = await startServe(folder.path, { env: renewed, flags: ['--port', port] })
    const status = await eventually('the new head is locked', async () => {
      const [newest] = await developer.statuses(repository, sha)
      return newest ?? null
    })
    expect(status).toMatch(/^pending inv:/u)
    const events = await eventually('each delivery is handled', async () => {
      const { items } = (await service.json('/deliveries')) as { items: DeliveryItem[] }
      return items.every(({ result }) => result !== null) ? items.map(({ event }) => event) : null
    })
    expect(events.filter((event) => event === 'push')).toHaveLength(2)
    expect(events).toContain('ping')
  },
)

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
  'a second service in the same folder is refused, and one that is started after it handles what GitHub could not deliver meanwhile',
  { timeout: 300_000 },
  async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using github = await LocalGitHub.open(folder, 'true')
    const developer = new Developer(github.url, github.sandbox.token)
    const env = { GITHUB_API_URL: `${github.url}/api/v3`, GH_ENTERPRISE_TOKEN: github.sandbox.token }
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
      service.signal('SIGTERM')
      expect(await service.ended).toMatchObject({ code: 0, signal: null })
    }
    const sha = await github.sandbox.admin.commit(repository, branch, { 'change.txt': 'another\n' })
    expect(await developer.statuses(repository, sha)).toEqual([])
    await github.sandbox.webhooks.idle()

    await using service = await startServe(folder.path, { env, flags: ['--port', port] })
    const status = await eventually('the new head is locked', async () => {
      const [newest] = await developer.statuses(repository, sha)
      return newest ?? null
    })
    expect(status).toMatch(/^pending inv:/u)
    const { items } = (await service.json('/deliveries')) as { items: DeliveryItem[] }
    expect(items.map(({ event }) => event)).toEqual(expect.arrayContaining(['ping', 'push']))
  },
)

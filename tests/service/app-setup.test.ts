import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startBuilt } from '../cli/support/built-command.js'
import { AppWorld } from './support/app-world.js'
import { formsOf, submitForm } from './support/forms.js'

test('orch serve --setup creates the App in the browser, and orch serve works with what it stored', async () => {
  await using world = await AppWorld.open()
  const { token } = world.sandbox
  await using setup = startBuilt(['serve', '--setup', '--url', 'http://127.0.0.1:7345'], {
    cwd: world.folder.path,
    env: { GITHUB_API_URL: `${world.url}/api/v3` },
  })
  const [, start = ''] = await setup.until(/(http:\/\/127\.0\.0\.1:\d+\/)/u)

  const [toGitHub] = formsOf(await (await fetch(start)).text(), start)
  const confirmation = await submitForm(toGitHub!)
  const [create] = formsOf(await confirmation.text(), confirmation.url)
  const created = await submitForm(create!, { token })
  expect(created.status).toBe(302)
  const last = await fetch(created.headers.get('location') ?? '')
  const page = await last.text()
  const { code, stdout, stderr } = await setup.ended

  expect({ code, status: last.status }).toEqual({ code: 0, status: 200 })
  const file = join(world.folder.path, '.orch', 'service', 'app.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const stored = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
  const secrets = ['privateKey', 'clientSecret', 'webhookSecret'].map((key) => stored[key] ?? '')
  for (const secret of secrets) expect(`${stdout}${stderr}${page}`).not.toContain(secret)

  const install = /(http:\S+\/installations\/new)/u.exec(stdout)?.[1] ?? ''
  for (const account of ['acme', 'web']) {
    const [form] = formsOf(await (await fetch(install)).text(), install)
    expect((await submitForm(form!, { token, account })).status).toBeLessThan(400)
  }
  await using service = await world.serve({ ORCH_APP_ID: '', ORCH_APP_PRIVATE_KEY: '', ORCH_WEBHOOK_SECRET: '' })
  await world.change('DPTA-1')
  await world.untilStatus('DPTA-1', 'pending by orch-acme[bot]')

  const exit = await service.stop()
  expect(exit.code).toBe(0)
  for (const secret of secrets) expect(`${exit.stdout}${exit.stderr}`).not.toContain(secret)
})

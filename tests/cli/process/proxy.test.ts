import { expect, test } from 'vitest'
import { runBuilt } from '../support/built-command.js'
import { LocalGitHub } from '../support/local-github.js'
import { TunnelRecorder } from '../support/tunnel-recorder.js'
import { oneJobGraph, WorkFolder } from '../support/work-folder.js'

/** No server listens at this address, and it needs no name lookup. */
const host = '127.0.0.2:8443'
const account = { GH_HOST: host, GH_ENTERPRISE_TOKEN: 'ghp_canary' }

test.concurrent('requests use the proxy of HTTPS_PROXY, and its refusal is reported without the token', async () => {
  await using folder = await WorkFolder.open(oneJobGraph)
  await using proxy = await TunnelRecorder.open()
  const { code, stdout, stderr } = await runBuilt(['plan', 'DPTA-1122'], {
    cwd: folder.path,
    env: { ...account, HTTPS_PROXY: proxy.url },
  })
  expect(code).toBe(1)
  expect(new Set(proxy.tunnels)).toEqual(new Set([host]))
  expect(stderr).toContain('HTTPS_PROXY')
  expect(stdout + stderr).not.toContain('canary')
})

test.concurrent('requests to a host in NO_PROXY do not use the proxy', async () => {
  await using folder = await WorkFolder.open(oneJobGraph)
  await using proxy = await TunnelRecorder.open()
  const { code, stderr } = await runBuilt(['plan', 'DPTA-1122'], {
    cwd: folder.path,
    env: { ...account, HTTPS_PROXY: proxy.url, NO_PROXY: 'example.com,127.0.0.2' },
  })
  expect(code).toBe(1)
  expect(stderr).toContain(host)
  expect(proxy.tunnels).toEqual([])
})

test.concurrent('requests to the embedded GitHub never use a proxy', async () => {
  await using folder = await WorkFolder.open(oneJobGraph)
  await using github = await LocalGitHub.open(folder, 'echo built')
  await using proxy = await TunnelRecorder.open()
  const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, http_proxy: proxy.url }
  const { code } = await runBuilt(['plan', 'DPTA-1122', '--sandbox'], { cwd: folder.path, env })
  expect(code).toBe(0)
  expect(github.sandbox.requests).not.toEqual([])
  expect(proxy.tunnels).toEqual([])
})

import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { fixedToken } from '../../../src/github/api/token.js'
import { createGitHub } from '../../../src/github/github.js'
import { createProxyFetch } from '../../../src/github/http/proxy.js'
import { TestClock } from '../../support/test-clock.js'
import { run } from '../support/payloads.js'

const open: Server[] = []
const sockets = new Set<Socket>()

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

function listen(server: Server): Promise<number> {
  open.push(server)
  server.on('connection', (socket) => sockets.add(socket))
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

/** Answers every request with the body of a run. */
function startApi(): Promise<number> {
  return listen(
    createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(run({ id: 1 })))
    }),
  )
}

/** A proxy that opens every tunnel to the API, regardless of the requested host, or refuses to. */
async function startProxy(apiPort: number, status = 200): Promise<{ port: number; tunnels: string[] }> {
  const tunnels: string[] = []
  const server = createServer()
  server.on('connect', (request, client: Socket) => {
    tunnels.push(request.url ?? '')
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} Forbidden\r\n\r\n`)
      return
    }
    const upstream = connect(apiPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    sockets.add(upstream)
    upstream.on('error', () => client.destroy())
    client.on('error', () => upstream.destroy())
  })
  return { port: await listen(server), tunnels }
}

test('undici is not loaded without a proxy variable', async () => {
  expect(await createProxyFetch({ NO_PROXY: 'example.com', HTTPS_PROXY: '' })).toEqual({ ok: true, value: null })
})

test.each(['HTTP_PROXY', 'http_proxy'])('requests go through the proxy that %s names', async (variable) => {
  const { port, tunnels } = await startProxy(await startApi())
  const read = await createProxyFetch({ [variable]: `http://127.0.0.1:${port}` })
  if (!read.ok || read.value === null) throw new Error('no proxy')
  const github = createGitHub({
    apiUrl: 'http://api.example',
    token: fixedToken('ghp_0123456'),
    clock: new TestClock(),
    fetch: read.value.fetch,
    keepsLimits: false,
  })

  expect(await github.readRun('acme/lib', 1)).toMatchObject({ kind: 'run', run: { id: 1 } })
  expect(tunnels).toEqual(['api.example:80'])
  await read.value.close()
})

test('requests over https go through the proxy that HTTPS_PROXY names, also without a scheme', async () => {
  const secure = await startProxy(0, 403)
  const plain = await startProxy(0, 403)
  const read = await createProxyFetch({
    HTTPS_PROXY: `127.0.0.1:${secure.port}`,
    HTTP_PROXY: `http://127.0.0.1:${plain.port}`,
  })
  if (!read.ok || read.value === null) throw new Error('no proxy')

  await expect(read.value.fetch('https://api.example/')).rejects.toThrow()

  expect(secure.tunnels).toEqual(['api.example:443'])
  expect(plain.tunnels).toEqual([])
  await read.value.close()
})

test('a proxy that refuses the tunnel is proof that a dispatch was not sent', async () => {
  const { port, tunnels } = await startProxy(0, 403)
  const read = await createProxyFetch({ HTTPS_PROXY: `http://127.0.0.1:${port}` })
  if (!read.ok || read.value === null) throw new Error('no proxy')
  const github = createGitHub({
    apiUrl: 'https://api.example',
    token: fixedToken('ghp_0123456'),
    clock: new TestClock(),
    fetch: read.value.fetch,
    keepsLimits: false,
  })

  const result = await github.dispatch({ repo: 'acme/lib', workflow: 'build.yml', ref: 'x', inputs: {} }, () =>
    Promise.resolve(true),
  )

  expect(result).toMatchObject({ kind: 'refused', failure: { kind: 'network' } })
  expect(tunnels).toHaveLength(1)
  await read.value.close()
})

test.each([
  ['this machine, always', {}, '127.0.0.1'],
  ['its name, always', { NO_PROXY: 'example.com' }, 'localhost'],
  ['what NO_PROXY names', { NO_PROXY: 'localhost' }, 'localhost'],
  ['everything', { no_proxy: '*' }, '127.0.0.1'],
])('requests bypass the proxy for %s', async (_what, env, hostname) => {
  const apiPort = await startApi()
  const { port, tunnels } = await startProxy(apiPort)
  const read = await createProxyFetch({ HTTP_PROXY: `http://127.0.0.1:${port}`, ...env })
  if (!read.ok || read.value === null) throw new Error('no proxy')

  const response = await read.value.fetch(`http://${hostname}:${apiPort}/`)

  expect(response.status).toBe(200)
  expect(tunnels).toEqual([])
  await response.body?.cancel()
  await read.value.close()
})

test('requests bypass the proxy for exactly the hosts in NO_PROXY', async () => {
  const apiPort = await startApi()
  const { port, tunnels } = await startProxy(apiPort)
  const read = await createProxyFetch({ HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: '127.0.0.2' })
  if (!read.ok || read.value === null) throw new Error('no proxy')

  // Only 127.0.0.1 has a server: an answer from another host must come through the proxy.
  await expect(read.value.fetch(`http://127.0.0.2:${apiPort}/`)).rejects.toThrow()
  const response = await read.value.fetch(`http://127.0.0.3:${apiPort}/`)

  expect(response.status).toBe(200)
  expect(tunnels).toEqual([`127.0.0.3:${apiPort}`])
  await response.body?.cancel()
  await read.value.close()
})

test("the proxy does not depend on the process's own environment", async () => {
  const apiPort = await startApi()
  const { port, tunnels } = await startProxy(apiPort)
  vi.stubEnv('http_proxy', `http://127.0.0.1:${port}`)
  vi.stubEnv('no_proxy', '127.0.0.3')
  const without = await createProxyFetch({ HTTPS_PROXY: 'http://127.0.0.1:1' })
  const withProxy = await createProxyFetch({ HTTP_PROXY: `http://127.0.0.1:${port}` })
  if (!without.ok || !withProxy.ok || !without.value || !withProxy.value) throw new Error('no proxy')

  // In this environment https has a proxy and http has none; the variables of the process are ignored.
  await expect(without.value.fetch(`http://127.0.0.2:${apiPort}/`)).rejects.toThrow()
  expect(tunnels).toEqual([])
  const response = await withProxy.value.fetch(`http://127.0.0.3:${apiPort}/`)

  expect(response.status).toBe(200)
  await response.body?.cancel()
  await Promise.all([without.value.close(), withProxy.value.close()])
})

test.each(['http://', 'socks5://user:SECRET@proxy.example', 'http://user:SECRET@:0x'])(
  'an invalid proxy address is refused without being shown (%#)',
  async (address) => {
    const read = await createProxyFetch({ HTTPS_PROXY: address })

    expect(read).toMatchObject({
      ok: false,
      failure: { kind: 'network', message: 'HTTPS_PROXY is not the address of a proxy' },
    })
    expect(JSON.stringify(read)).not.toContain('SECRET')
  },
)

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import { setUpApp, type SetUpAppOptions } from '../../../src/service/github-app/setup.js'
import { PromiseClock } from '../../support/promise-clock.js'
import { exampleGraph } from '../../support/example-graph.js'
import { appKeys, json } from '../support/app-server.js'

const conversion = {
  id: 7,
  slug: 'orch-acme',
  html_url: 'https://github.test/apps/orch-acme',
  client_id: 'Iv1.abc',
  client_secret: 'CLIENT-SECRET',
  webhook_secret: 'WEBHOOK-SECRET',
  pem: appKeys.privateKey,
}

/** A setup that runs, and the person's browser. */
class Setup {
  readonly printed: string[] = []
  readonly asked: string[] = []
  readonly stopped = new AbortController()
  readonly appFile: string
  readonly ended: ReturnType<typeof setUpApp>
  conversion: () => Response = () => json(201, conversion)
  private announce: (origin: string) => void = () => undefined
  private readonly announced = new Promise<string>((resolve) => {
    this.announce = resolve
  })

  constructor(directory: string, options: Partial<SetUpAppOptions> = {}) {
    this.appFile = join(directory, 'app.json')
    const parsed = parseGraphFile(exampleGraph)
    if (!parsed.ok) throw new Error('the example graph has errors')
    this.ended = setUpApp({
      graph: parsed.graph,
      apiUrl: 'https://api.github.test',
      serverUrl: 'https://github.test',
      serviceUrl: 'https://orch.example.com/',
      appFile: this.appFile,
      clock: new PromiseClock(),
      fetch: (input, init) => {
        const { method, url } = new Request(input, init)
        this.asked.push(`${method} ${url}`)
        return Promise.resolve(this.conversion())
      },
      keepsLimits: false,
      requestTimeoutMs: Infinity,
      print: (line) => {
        this.printed.push(line)
        const origin = /http:\/\/127\.0\.0\.1:\d+/u.exec(line)?.[0]
        if (origin !== undefined) this.announce(origin)
      },
      signal: this.stopped.signal,
      ...options,
    })
  }

  async get(path: string, host?: string): Promise<{ status: number; text: string }> {
    const url = new URL(path, await this.announced)
    return new Promise((resolve, reject) => {
      const sent = request(url, { headers: host === undefined ? {} : { host } }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      sent.on('error', reject)
      sent.end()
    })
  }

  /** The manifest of the page, and where its buttons send it. */
  async manifest(path = '/'): Promise<{ manifest: Record<string, unknown>; actions: string[] }> {
    const { text } = await this.get(path)
    const unescaped = (part: string): string =>
      part.replace(/&#(\d+);/gu, (_whole, code: string) => String.fromCharCode(Number(code)))
    const value = /name="manifest" value="([^"]*)"/u.exec(text)?.[1] ?? ''
    const actions = [...text.matchAll(/method="post" action="([^"]*)"/gu)].map(([, action = '']) => unescaped(action))
    return { manifest: JSON.parse(unescaped(value)) as Record<string, unknown>, actions }
  }

  /** The state that GitHub would send back. */
  async state(): Promise<string> {
    const { actions } = await this.manifest()
    return new URL(actions[0] ?? '').searchParams.get('state') ?? ''
  }
}

let directory = ''
let open: Setup[] = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-setup-'))
})
afterEach(async () => {
  for (const { stopped, ended } of open) {
    stopped.abort()
    await ended
  }
  open = []
  await rm(directory, { recursive: true, force: true })
})

function start(options: Partial<SetUpAppOptions> = {}): Setup {
  const setup = new Setup(directory, options)
  open.push(setup)
  return setup
}

test('the page sends GitHub a manifest with the webhook, the permissions and the events', async () => {
  const { manifest, actions } = await start().manifest()

  expect(manifest).toMatchObject({
    name: 'orch-acme',
    url: 'https://orch.example.com',
    hook_attributes: { url: 'https://orch.example.com/webhooks/github', active: true },
    callback_urls: ['https://orch.example.com/login/github/callback'],
    public: false,
    default_permissions: { actions: 'write', contents: 'read', statuses: 'write', pull_requests: 'write' },
  })
  expect(manifest['redirect_url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/created$/u)
  expect(actions).toEqual([
    expect.stringMatching(/^https:\/\/github\.test\/organizations\/acme\/settings\/apps\/new\?state=[\w-]{32}$/u),
    expect.stringMatching(/^https:\/\/github\.test\/settings\/apps\/new\?state=[\w-]{32}$/u),
  ])
})

test('the code becomes an App whose key and secrets are stored for its owner only and never printed', async () => {
  const setup = start()

  const page = await setup.get(`/created?code=abc&state=${await setup.state()}`)

  expect(await setup.ended).toEqual({
    ok: true,
    value: { slug: 'orch-acme', installUrl: 'https://github.test/apps/orch-acme/installations/new' },
  })
  expect(setup.asked).toEqual(['POST https://api.github.test/app-manifests/abc/conversions'])
  expect(JSON.parse(await readFile(setup.appFile, 'utf8'))).toEqual({
    appId: '7',
    slug: 'orch-acme',
    url: 'https://github.test/apps/orch-acme',
    privateKey: appKeys.privateKey,
    webhookSecret: 'WEBHOOK-SECRET',
    clientId: 'Iv1.abc',
    clientSecret: 'CLIENT-SECRET',
  })
  expect((await stat(setup.appFile)).mode & 0o777).toBe(0o600)
  expect(setup.printed.join('\n')).toContain('https://github.test/apps/orch-acme/installations/new')
  expect(`${setup.printed.join('\n')}${page.text}`).not.toMatch(/SECRET|PRIVATE/u)
})

test('an answer with another state is refused, and the setup waits on', async () => {
  const setup = start()

  expect((await setup.get('/created?code=abc&state=wrong')).status).toBe(400)
  expect((await setup.get('/created?code=abc')).status).toBe(400)
  expect(setup.asked).toEqual([])

  await setup.get(`/created?code=abc&state=${await setup.state()}`)
  expect((await setup.ended).ok).toBe(true)
})

test('a request that names another host is refused, so that no other site can read the page', async () => {
  expect((await start().get('/', 'attacker.example')).status).toBe(421)
})

test('the page asks for the address of the service where --url does not give it', async () => {
  const setup = start({ serviceUrl: null })

  expect((await setup.get('/')).text).toContain('Where is the service?')
  expect(await setup.get('/?url=%22%3E%3Cscript%3E')).toMatchObject({ status: 400 })
  const { manifest } = await setup.manifest('/?url=https%3A%2F%2Forch.example.com%2Fbase%2F')
  expect(manifest['hook_attributes']).toEqual({ url: 'https://orch.example.com/base/webhooks/github', active: true })
})

test('a code that GitHub does not know is reported, and the person can start again', async () => {
  const setup = start()
  setup.conversion = () => json(404, { message: 'Not Found' })

  const page = await setup.get(`/created?code=abc&state=${await setup.state()}`)
  expect(page).toMatchObject({ status: 502 })
  expect(page.text).toContain('GitHub does not know the code: it works once, and for an hour')

  setup.conversion = () => json(201, conversion)
  await setup.get(`/created?code=def&state=${await setup.state()}`)
  expect((await setup.ended).ok).toBe(true)
})

test('an App without a webhook secret is stored, and the next steps name what is missing', async () => {
  const setup = start()
  setup.conversion = () => json(201, { ...conversion, webhook_secret: null })

  await setup.get(`/created?code=abc&state=${await setup.state()}`)
  await setup.ended

  expect(setup.printed.join('\n')).toContain('ORCH_WEBHOOK_SECRET')
})

test('an App that is set up already is not replaced', async () => {
  await writeFile(join(directory, 'app.json'), '{}')

  expect(await start().ended).toMatchObject({ ok: false, problems: [{ kind: 'usage' }] })
})

test('an address that is none is a usage problem', async () => {
  expect(await start({ serviceUrl: 'orch.example.com' }).ended).toMatchObject({
    ok: false,
    problems: [{ kind: 'usage' }],
  })
})

test('a setup that is interrupted ends without an App', async () => {
  const setup = start()
  await setup.get('/')
  setup.stopped.abort()

  expect(await setup.ended).toMatchObject({ ok: false, problems: [{ kind: 'interrupted' }] })
})

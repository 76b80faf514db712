import { expect, test } from 'vitest'
import { fixedToken } from '../../src/github/api/token.js'
import { createGitHub } from '../../src/github/github.js'
import { createGitHubIdentities } from '../../src/service/http/login/github-identities.js'
import { createGitHubOAuth } from '../../src/service/http/login/github-oauth.js'
import type { HttpApp } from '../../src/service/http/http-app.js'
import { AppWorld, serverUrl } from '../support/app-door.js'
import { ask, asBrowser, origin, PagesWorld } from './pages-world.js'

const callback = `${origin}/login/github/callback`

/** The pages of the service and an embedded GitHub with its App, in one process. `ada` may write to the repositories, `rita` may read them. */
class World implements AsyncDisposable {
  readonly github: AppWorld
  readonly pages = new PagesWorld()
  readonly service: HttpApp

  private constructor(github: AppWorld, app: { clientId: string; clientSecret: string }) {
    this.github = github
    const { clock, sandbox } = github
    const connection = {
      apiUrl: `${serverUrl}/api/v3`,
      clock,
      random: () => 0.5,
      keepsLimits: false,
      fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) => sandbox.fetch(new Request(input, init)),
    }
    const host = createGitHub({ ...connection, token: fixedToken(sandbox.token) })
    this.service = this.pages.app({
      oauth: createGitHubOAuth({ ...connection, ...app }),
      identities: createGitHubIdentities({ ...connection, host, repository: 'acme/repoA' }),
    })
  }

  static async open(): Promise<World> {
    const github = await AppWorld.open()
    const { admin } = github.sandbox
    admin.setRole('ada', 'write')
    admin.setRole('rita', 'read')
    const app = await admin.createApp({ name: 'orch', permissions: { metadata: 'read' }, callbackUrls: [callback] })
    return new World(github, app)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.github[Symbol.asyncDispose]()
  }
}

/** The browser of a person, which goes to the service and to GitHub. It keeps the cookies of the service, and follows no redirect by itself. */
class Browser {
  private readonly world: World
  private readonly login: string
  private readonly cookies = new Map<string, string>()

  constructor(world: World, login: string) {
    this.world = world
    this.login = login
  }

  /** Opens an address of the service, with its query. */
  async open(address: string, form?: Record<string, string>): Promise<Response> {
    const { service, github } = this.world
    const path = address.replace(origin, '')
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...asBrowser, ...(cookie === '' ? {} : { cookie }), ...(form ? { origin } : {}) }
    const response = await github.clock.until(ask(service, path, { headers, ...(form ? { form } : {}) }))
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(set) ?? []
      if (value === '' || /max-age=0/iu.test(set)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }

  /** Starts the login on the page of the service; the address of GitHub's page. */
  async begin(next = '/changes'): Promise<string> {
    const page = await this.open(next)
    expect(page.status).toBe(401)
    const [, link = ''] = /href="(\/login\/github[^"]*)"/u.exec(await page.text()) ?? []
    const response = await this.open(link.replaceAll('&amp;', '&'))
    expect(response.status).toBe(302)
    return response.headers.get('location') ?? ''
  }

  /** Presses a button on GitHub's page; the address that GitHub sends the browser to. */
  async decide(page: string, authorize: '0' | '1' = '1'): Promise<string> {
    const { github } = this.world
    const html = await (await github.sandbox.fetch(new Request(page))).text()
    expect(html).toContain('Authorize orch')
    const [form = ''] = /<form.*?<\/form>/su.exec(html) ?? []
    const hidden = [...form.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/gu)]
    const fields = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]))
    const body = new URLSearchParams({ ...fields, token: github.sandbox.admin.createToken(this.login), authorize })
    const request = new Request(new URL('/login/oauth/authorize', page), { method: 'POST', body })
    const response = await github.sandbox.fetch(request)
    expect(response.status).toBe(302)
    return response.headers.get('location') ?? ''
  }

  /** Logs in on GitHub's page; the page of the service that follows. */
  async logIn(next = '/changes'): Promise<Response> {
    const returned = await this.open(await this.decide(await this.begin(next)))
    expect([returned.status, returned.headers.get('location')]).toEqual([303, next])
    return this.open(next)
  }

  async formToken(): Promise<string> {
    const page = await (await this.open('/changes')).text()
    return /name="form-token" value="([^"]+)"/u.exec(page)?.[1] ?? ''
  }
}

test('a person logs in on the page of GitHub, sees the page that was asked for, and acts with the own permissions', async () => {
  await using world = await World.open()
  const ada = new Browser(world, 'ada')

  const page = await ada.logIn('/changes?cursor=')
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('ada')

  const run = await ada.open('/changes/DPTA-1/run', { 'form-token': await ada.formToken() })
  expect(run.status).toBe(303)
  expect(world.pages.done).toEqual([expect.stringMatching(/^run DPTA-1 by @ada/u)])
})

test('a person who may only read sees the pages and starts nothing', async () => {
  await using world = await World.open()
  const rita = new Browser(world, 'rita')

  expect((await rita.logIn()).status).toBe(200)
  const run = await rita.open('/changes/DPTA-1/run', { 'form-token': await rita.formToken() })

  expect(run.status).toBe(403)
  expect(world.pages.done).toEqual([])
})

test('an answer of GitHub with the state of another browser, or with a changed one, opens no session', async () => {
  await using world = await World.open()
  const ada = new Browser(world, 'ada')
  const mallory = new Browser(world, 'rita')
  const answer = await mallory.decide(await mallory.begin())
  const own = new URL(await ada.decide(await ada.begin()))
  own.searchParams.set('state', 'x')

  for (const address of [answer, own.href]) {
    const response = await ada.open(address)
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('does not belong to a login of this browser')
  }
  expect((await ada.open('/changes')).status).toBe(401)
})

test('a person who cancels on the page of GitHub is not logged in, and is told how to log in again', async () => {
  await using world = await World.open()
  const ada = new Browser(world, 'ada')

  const response = await ada.open(await ada.decide(await ada.begin(), '0'))

  expect(response.status).toBe(401)
  expect(await response.text()).toContain('You did not agree on the page of GitHub')
  expect((await ada.open('/changes')).status).toBe(401)
})

test('the answer of GitHub opens one session: the code and the state work once', async () => {
  await using world = await World.open()
  const ada = new Browser(world, 'ada')
  const answer = await ada.decide(await ada.begin())

  expect((await ada.open(answer)).status).toBe(303)

  expect((await ada.open(answer)).status).toBe(403)
})

import { describe, expect, test } from 'vitest'
import { createGitHubOAuth } from '../../src/service/http/login/github-oauth.js'
import { createLoginLink } from '../../src/service/http/login/login-link.js'
import { apiToken, ask, asAdministrator, asBrowser, delivery, origin, PagesWorld } from './pages-world.js'
import { Browser, loggedIn } from './support/page-browser.js'
import type { HttpApp, HttpOptions } from '../../src/service/http/http-app.js'

const personToken = 'ghp_person'

describe('the login of a person in a browser', () => {
  test('the form opens a session with a cookie that scripts and other sites cannot use, and the page that was asked for', async () => {
    const browser = new Browser(new PagesWorld().app())
    const response = await browser.submit('/login', { token: ` ${apiToken} `, next: '/workloads?status=running' })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/workloads?status=running'])
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^orch=[\w-]{43}; .*HttpOnly.*SameSite=Lax/u)
    expect(cookie).not.toContain('Secure')
    expect(cookie).not.toContain(apiToken)
    expect((await browser.open('/workloads')).status).toBe(200)
  })

  test('behind https the cookie is sent over https only', async () => {
    const app = new PagesWorld().app({ publicUrl: 'https://orch.example.com' })
    const headers = { host: 'orch.example.com', origin: 'https://orch.example.com' }
    const response = await ask(app, '/login', { form: { token: apiToken }, headers })
    expect(response.headers.get('set-cookie')).toMatch(/^__Host-orch=.*Secure/u)
    expect(response.headers.get('strict-transport-security')).toContain('max-age')
  })

  test.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/.//evil.example', 'javascript:alert(1)'])(
    'the login leads to no other site: next=%s',
    async (next) => {
      const response = await new Browser(new PagesWorld().app()).submit('/login', { token: apiToken, next })
      expect(response.headers.get('location')).toBe('/')
    },
  )

  test('a wrong token shows the form again with the reason, and status 401', async () => {
    const response = await new Browser(new PagesWorld().app()).submit('/login', { token: 'wrong-token' })
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('This token is not valid')
  })

  test('a session ends by logging out, and after twelve hours', async () => {
    const world = new PagesWorld()
    const browser = await loggedIn(world)
    const { cookie } = browser
    const out = await browser.submit('/logout', { 'form-token': await browser.formToken() })
    expect([out.status, out.headers.get('location')]).toEqual([303, '/login'])
    browser.cookie = cookie
    expect((await browser.open('/workloads')).status).toBe(401)
    const later = await loggedIn(world)
    await world.clock.advance(12 * 3_600_000 + 1)
    expect((await later.open('/workloads')).status).toBe(401)
  })

  test('a new login ends the session before it', async () => {
    const world = new PagesWorld()
    const browser = await loggedIn(world)
    const before = browser.cookie
    await browser.submit('/login', { token: apiToken })
    expect(browser.cookie).not.toBe(before)
    browser.cookie = before
    expect((await browser.open('/workloads')).status).toBe(401)
  })
})

describe('forms of a session', () => {
  test('an action without the token of the session, or from another site, is 403 and does nothing', async () => {
    const world = new PagesWorld()
    const browser = await loggedIn(world)
    const token = await browser.formToken()
    const path = '/changes/DPTA-1/run'
    expect((await browser.submit(path, {})).status).toBe(403)
    expect((await browser.submit(path, { 'form-token': `${token}x` })).status).toBe(403)
    expect((await browser.submit(path, { 'form-token': token }, 'https://evil.example')).status).toBe(403)
    expect((await browser.submit(path, { 'form-token': token }, 'null')).status).toBe(403)
    expect(
      (await browser.open(path, { form: { 'form-token': token }, headers: { 'sec-fetch-site': 'cross-site' } })).status,
    ).toBe(403)
    expect(world.done).toEqual([])
    const done = await browser.submit(path, { 'form-token': token })
    expect([done.status, done.headers.get('location')]).toEqual([303, '/changes/DPTA-1?done=run'])
    expect(world.done).toEqual(['run DPTA-1 by the administrator'])
  })

  test('another session has another token', async () => {
    const world = new PagesWorld()
    const app = world.app()
    const [one, two] = [new Browser(app), new Browser(app)]
    await one.submit('/login', { token: apiToken })
    await two.submit('/login', { token: apiToken })
    const response = await one.submit('/changes/DPTA-1/run', { 'form-token': await two.formToken() })
    expect(response.status).toBe(403)
  })

  test('the login form of another site is refused', async () => {
    const response = await new Browser(new PagesWorld().app()).submit(
      '/login',
      { token: apiToken },
      'https://evil.example',
    )
    expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null])
  })
})

describe('permissions', () => {
  test('a person with read access sees everything and changes nothing', async () => {
    const world = new PagesWorld()
    world.deliveryList = [delivery()]
    world.identities.add(personToken, 'octocat', 'read')
    const app = world.app()
    const headers = { authorization: `Bearer ${personToken}` }
    expect((await ask(app, '/workloads', { headers })).status).toBe(200)
    expect((await ask(app, '/metrics', { headers })).status).toBe(200)
    for (const path of [
      '/changes/DPTA-1/run',
      '/changes/DPTA-1/cancel',
      '/changes/DPTA-1/invalidate',
      '/deliveries/delivery-1/attempts',
    ]) {
      const response = await ask(app, path, { method: 'POST', headers })
      expect([path, response.status]).toEqual([path, 403])
    }
    expect(world.done).toEqual([])
  })

  test('a person who can write to the members of a change may run it, although not to the other repositories', async () => {
    const world = new PagesWorld()
    world.identities.add(personToken, 'octocat', 'read')
    world.identities.permissions.set('octocat acme/repoB', 'write')
    const response = await ask(world.app(), '/changes/DPTA-1/run', {
      method: 'POST',
      headers: { authorization: `token ${personToken}` },
    })
    expect(response.status).toBe(202)
    expect(world.done).toEqual(['run DPTA-1 by @octocat'])
  })

  test('a person who may not read a repository of the graph sees nothing', async () => {
    const world = new PagesWorld()
    world.identities.add(personToken, 'octocat', 'write')
    world.identities.permissions.set('octocat acme/repoC', 'none')
    const response = await ask(world.app(), '/changes', { headers: { authorization: `Bearer ${personToken}` } })
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('@octocat may not read acme/repoC')
  })

  test('a permission that was taken away counts within a minute', async () => {
    const world = new PagesWorld()
    world.identities.add(personToken, 'octocat', 'write')
    const app = world.app()
    const run = (): Promise<Response> =>
      ask(app, '/changes/DPTA-1/run', { method: 'POST', headers: { authorization: `Bearer ${personToken}` } })
    expect((await run()).status).toBe(202)
    world.identities.permissions.set('octocat', 'read')
    await world.clock.advance(60_001)
    expect((await run()).status).toBe(403)
  })

  test('while GitHub cannot be asked, a new token is 503 and the administrator works', async () => {
    const world = new PagesWorld()
    world.identities.isReachable = false
    const app = world.app()
    const response = await ask(app, '/workloads', { headers: { authorization: 'Bearer ghp_unknown' } })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30'])
    expect((await ask(app, '/workloads', { headers: asAdministrator })).status).toBe(200)
  })
})

describe('wrong tokens', () => {
  const wrong = (app: HttpApp, from?: string): Promise<Response> =>
    ask(app, '/workloads', {
      headers: { authorization: 'Bearer wrong-token' },
      ...(from === undefined ? {} : { from }),
    })

  test('after 20 within a minute an address gets 429 until the minute is over; a right token and other addresses work', async () => {
    const world = new PagesWorld()
    world.identities.add(personToken, 'octocat', 'read')
    const app = world.app()
    for (let count = 0; count < 20; count += 1) expect((await wrong(app)).status).toBe(401)
    const limited = await wrong(app)
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '60'])
    expect((await ask(app, '/workloads', { headers: asAdministrator })).status).toBe(200)
    expect((await ask(app, '/workloads', { headers: { authorization: `Bearer ${personToken}` } })).status).toBe(200)
    expect((await wrong(app, '192.0.2.2')).status).toBe(401)
    expect((await ask(app, '/login', { form: { token: 'wrong-token' } })).status).toBe(429)
    await world.clock.advance(60_000)
    expect((await wrong(app)).status).toBe(401)
  })

  test('many tokens at once are not all sent to GitHub', async () => {
    const world = new PagesWorld()
    const app = world.app()
    const answers = await Promise.all(Array.from({ length: 100 }, () => wrong(app)))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(20)
    expect(world.identities.asked).toHaveLength(20)
  })

  test('the addresses of one IPv6 network count together', async () => {
    const app = new PagesWorld().app()
    for (let count = 0; count < 20; count += 1) await wrong(app, `2001:db8:1:2::${count}`)
    expect((await wrong(app, '2001:db8:1:2:ffff::1')).status).toBe(429)
    expect((await wrong(app, '2001:db8:1:3::1')).status).toBe(401)
  })

  test('a GitHub token is checked once in five minutes and not kept', async () => {
    const world = new PagesWorld()
    world.identities.add(personToken, 'octocat', 'read')
    const app = world.app()
    const logins = (): number => world.identities.asked.filter((each) => each.startsWith('login')).length
    const use = (): Promise<Response> => ask(app, '/workers', { headers: { authorization: `Bearer ${personToken}` } })
    await use()
    await use()
    expect(logins()).toBe(1)
    world.identities.tokens.delete(personToken)
    await world.clock.advance(5 * 60_000)
    expect((await use()).status).toBe(401)
    expect(world.logged).toEqual([])
  })

  test('text that cannot be a token is not sent to GitHub', async () => {
    const world = new PagesWorld()
    const response = await ask(world.app(), '/workers', { headers: { authorization: 'Basic b2N0b2NhdDp4' } })
    expect([response.status, world.identities.asked]).toEqual([401, []])
  })
})

describe('the one-time login link', () => {
  test('it logs in once; a preview of it does not use it up', async () => {
    const loginLink = createLoginLink()
    const app = new PagesWorld().app({ loginLink })
    const path = `/login?key=${loginLink.key}`
    expect((await ask(app, path, { method: 'HEAD' })).status).toBe(200)
    const browser = new Browser(app)
    const response = await browser.open(path)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/'])
    expect((await browser.open('/workloads')).status).toBe(200)
    expect((await browser.open(path)).status).toBe(303)
    const other = await new Browser(app).open(path)
    expect(other.status).toBe(401)
    expect(await other.text()).toContain('was used before')
  })

  test('a wrong key counts as a wrong token', async () => {
    const app = new PagesWorld().app({ loginLink: createLoginLink() })
    for (let count = 0; count < 20; count += 1) expect((await ask(app, '/login?key=wrong')).status).toBe(401)
    expect((await ask(app, '/login?key=wrong')).status).toBe(429)
  })
})

describe('login with GitHub', () => {
  /** GitHub's side of OAuth: one code for one person, bound to the challenge. */
  function fakeGitHub() {
    const sent: Record<string, string>[] = []
    const oauth = createGitHubOAuth({
      clientId: 'Iv1.client',
      clientSecret: 'the-client-secret',
      apiUrl: 'https://api.github.com',
      fetch: (input, init) => {
        const url = input instanceof Request ? input.url : input.toString()
        const body = typeof init?.body === 'string' ? init.body : '{}'
        sent.push({ url, ...(JSON.parse(body) as Record<string, string>) })
        const isRight = sent.at(-1)?.['code'] === 'right-code'
        const answer = isRight
          ? { access_token: personToken, token_type: 'bearer', scope: '' }
          : { error: 'bad_verification_code', error_description: 'The code is incorrect or expired.', error_uri: 'x' }
        return Promise.resolve(Response.json(answer))
      },
    })
    return { oauth, sent }
  }

  async function begin(world: PagesWorld, options: Partial<HttpOptions>): Promise<{ browser: Browser; page: URL }> {
    const browser = new Browser(world.app(options))
    const response = await browser.open('/login/github?next=/workers')
    return { browser, page: new URL(response.headers.get('location') ?? '') }
  }

  test('a person agrees on GitHub and gets a session; state, verifier and redirect address are GitHub-proof', async () => {
    const world = new PagesWorld()
    world.identities.add(personToken, 'octocat', 'read')
    const { oauth, sent } = fakeGitHub()
    const { browser, page } = await begin(world, { oauth })
    expect(page.href).toMatch(/^https:\/\/github\.com\/login\/oauth\/authorize\?/u)
    expect(page.searchParams.get('redirect_uri')).toBe(`${origin}/login/github/callback`)
    expect(page.searchParams.get('code_challenge_method')).toBe('S256')
    const state = page.searchParams.get('state') ?? ''
    const response = await browser.open(`/login/github/callback?code=right-code&state=${state}`)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/workers'])
    expect(sent).toMatchObject([
      { url: 'https://github.com/login/oauth/access_token', code: 'right-code', client_secret: 'the-client-secret' },
    ])
    const { createHash } = await import('node:crypto')
    const challenge = createHash('sha256')
      .update(sent[0]?.['code_verifier'] ?? '')
      .digest('base64url')
    expect(page.searchParams.get('code_challenge')).toBe(challenge)
    expect(response.headers.getSetCookie().join()).not.toContain(personToken)
  })

  test('an answer that belongs to another browser, has another state, or has no code is refused', async () => {
    const world = new PagesWorld()
    const { oauth, sent } = fakeGitHub()
    const { browser, page } = await begin(world, { oauth })
    const state = page.searchParams.get('state') ?? ''
    const other = new Browser(world.app({ oauth }))
    expect((await other.open(`/login/github/callback?code=right-code&state=${state}`)).status).toBe(403)
    const first = browser.cookie
    expect((await browser.open('/login/github/callback?code=right-code&state=forged')).status).toBe(403)
    expect(sent).toEqual([])
    browser.cookie = first
    const denied = await browser.open(`/login/github/callback?error=access_denied&state=${state}`)
    expect([denied.status, (await denied.text()).includes('You did not agree')]).toEqual([401, true])
    browser.cookie = first
    const wrong = await browser.open(`/login/github/callback?code=wrong-code&state=${state}`)
    expect([wrong.status, (await wrong.text()).includes('The code is incorrect')]).toEqual([401, true])
  })

  test('without a GitHub App there is no such login', async () => {
    const app = new PagesWorld().app()
    expect((await ask(app, '/login/github', { headers: asAdministrator })).status).toBe(404)
    expect(await (await ask(app, '/login', { headers: asBrowser })).text()).not.toContain('Log in with GitHub')
  })
})

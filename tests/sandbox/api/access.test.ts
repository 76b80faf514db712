import { describe, expect, test } from 'vitest'

import type { ApiWorld } from './world.js'
import { at, createApiWorld } from './world.js'

const repo = '/repos/acme/lib'

async function withPrivate(): Promise<ApiWorld> {
  const world = await createApiWorld()
  await world.sandbox.admin.createRepository('acme/secret', { private: true })
  await world.sandbox.admin.commit('acme/secret', 'main', { f: 'x' })
  return world
}

describe('tokens', () => {
  test('an unknown token is rejected even for requests that require no token', async () => {
    const world = await createApiWorld()

    expect(await world.json('GET', repo, undefined, { token: 'wrong' })).toMatchObject({
      status: 401,
      body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' },
    })
  })

  test('a revoked token is rejected', async () => {
    const world = await createApiWorld()
    const token = world.sandbox.admin.createToken('ada')
    expect((await world.call('GET', '/user', undefined, { token })).status).toBe(200)
    world.sandbox.admin.revokeToken(token)

    expect((await world.call('GET', '/user', undefined, { token })).status).toBe(401)
  })

  test.each(['token', 'Bearer', 'bearer'])('a token is accepted with the authorization scheme %s', async (scheme) => {
    const world = await createApiWorld()
    const headers = { authorization: `${scheme} ${world.sandbox.token}` }

    expect(at((await world.json('GET', '/user', undefined, { token: null, headers })).body, 'login')).toBe('developer')
  })

  test('a request without a token can read public repositories and cannot write', async () => {
    const world = await withPrivate()
    const anonymous = { token: null }

    expect((await world.call('GET', `${repo}/pulls`, undefined, anonymous)).status).toBe(200)
    expect((await world.call('GET', '/repos/acme/secret', undefined, anonymous)).status).toBe(404)
    const write = await world.json('POST', `${repo}/dispatches`, { event_type: 'x' }, anonymous)
    expect(write).toMatchObject({ status: 401, body: { message: 'Requires authentication' } })
  })

  test('a response to a token without a required permission names the permission in a header', async () => {
    const world = await createApiWorld()
    const sha = (await world.sandbox.admin.branch('acme/lib', 'main')) ?? ''
    const token = world.sandbox.admin.createToken('bot', { 'Acme/Lib': { contents: 'read', actions: 'write' } })
    const refused = await world.json('POST', `${repo}/statuses/${sha}`, { state: 'success' }, { token })

    expect(refused).toMatchObject({
      status: 403,
      body: { message: 'Resource not accessible by personal access token' },
    })
    expect(refused.headers.get('x-accepted-github-permissions')).toBe('statuses=write')
    const dispatch = { ref: 'main' }
    const path = `${repo}/actions/workflows/build.yml/dispatches`
    expect((await world.call('POST', path, dispatch, { token })).status).toBe(204)
    expect(world.sandbox.admin.statuses('acme/lib', sha)).toEqual([])
  })

  test('a private repository is hidden from a token without any permission on it', async () => {
    const world = await withPrivate()
    const stranger = world.sandbox.admin.createToken('stranger', { 'acme/lib': { contents: 'write' } })
    const reader = world.sandbox.admin.createToken('reader', { '*': { contents: 'read' }, 'acme/lib': 'none' })
    const get = (token: string, path: string): Promise<Response> => world.call('GET', path, undefined, { token })

    expect((await get(stranger, '/repos/acme/secret')).status).toBe(404)
    expect((await get(stranger, '/repos/acme/secret/branches')).status).toBe(404)
    expect((await get(reader, '/repos/acme/secret/branches')).status).toBe(200)
    const actions = await get(reader, '/repos/acme/secret/actions/runs')
    expect(actions.status).toBe(403)
    expect(actions.headers.get('x-accepted-github-permissions')).toBe('actions=read')
    expect((await get(reader, repo)).status).toBe(200)
  })

  test('one of several alternative permissions is sufficient, and a rejection names all of them', async () => {
    const world = await withPrivate()
    await world.sandbox.admin.commit('acme/secret', 'a', { g: 'x' })
    await world.sandbox.admin.openPull('acme/secret', { head: 'a' })
    const get = (token: string): Promise<Response> =>
      world.call('GET', '/repos/acme/secret/pulls/1', undefined, { token })
    const { admin } = world.sandbox

    expect((await get(admin.createToken('a', { '*': { contents: 'read' } }))).status).toBe(200)
    expect((await get(admin.createToken('b', { '*': { pull_requests: 'write' } }))).status).toBe(200)
    const refused = await get(admin.createToken('c', { '*': { actions: 'read' } }))
    expect(refused.headers.get('x-accepted-github-permissions')).toBe('pull_requests=read; contents=read')
  })
})

describe('repositories', () => {
  test('a renamed repository redirects to its URL by ID, which responds', async () => {
    const world = await createApiWorld()
    world.sandbox.admin.renameRepository('acme/lib', 'library')
    const headers = { authorization: `Bearer ${world.sandbox.token}` }
    const url = `http://127.0.0.1/api/v3${repo}/branches/main?x=1`
    const moved = await world.sandbox.fetch(new Request(url, { headers, redirect: 'manual' }))
    const body: unknown = await moved.json()
    const id = at((await world.json('GET', '/repos/acme/library')).body, 'id')

    expect(moved.status).toBe(301)
    expect(body).toMatchObject({ message: 'Moved Permanently' })
    expect(moved.headers.get('location')).toBe(`http://127.0.0.1/api/v3/repositories/${String(id)}/branches/main?x=1`)
    expect(at((await world.json('GET', `${repo}/branches/main`)).body, 'name')).toBe('main')
    expect(at((await world.json('GET', `/repositories/${String(id)}`)).body, 'full_name')).toBe('acme/library')
    expect((await world.call('POST', `${repo}/dispatches`, { event_type: 'x' })).status).toBe(307)
    const byId = `/repositories/${String(id)}/dispatches`
    expect((await world.call('POST', byId, { event_type: 'x' })).status).toBe(204)
    expect((await world.call('GET', '/repositories/1')).status).toBe(404)
  })

  test('a new repository can take the former name of a renamed one', async () => {
    const world = await createApiWorld()
    world.sandbox.admin.renameRepository('acme/lib', 'library')
    await world.sandbox.admin.createRepository('acme/lib')

    expect(at((await world.json('GET', repo)).body, 'full_name')).toBe('acme/lib')
  })

  test('repository names are case-insensitive and branch names are case-sensitive', async () => {
    const world = await createApiWorld()

    expect(at((await world.json('GET', '/repos/ACME/Lib')).body, 'full_name')).toBe('acme/lib')
    expect((await world.call('GET', `${repo}/branches/MAIN`)).status).toBe(404)
  })

  test('an archived repository can be read and not written', async () => {
    const world = await createApiWorld()
    world.sandbox.admin.archiveRepository('acme/lib')

    expect(at((await world.json('GET', repo)).body, 'archived')).toBe(true)
    expect(await world.json('POST', `${repo}/dispatches`, { event_type: 'x' })).toMatchObject({
      status: 403,
      body: { message: 'Repository was archived so is read-only.' },
    })
  })

  test('the API can create a repository and its first file', async () => {
    const world = await createApiWorld()
    expect((await world.json('POST', '/user/repos', { name: 'mine' })).body).toMatchObject({
      full_name: 'developer/mine',
      default_branch: 'main',
    })
    const path = '/repos/developer/mine/contents/docs/a%20b.md'
    const content = Buffer.from('hello').toString('base64')
    expect((await world.call('PUT', path, { message: 'First', content })).status).toBe(201)

    expect(at((await world.json('GET', path)).body, 'content')).toBe(`${content}\n`)
    const raw = await world.call('GET', path, undefined, { headers: { accept: 'application/vnd.github.raw+json' } })
    expect(await raw.text()).toBe('hello')
    expect((await world.call('POST', '/user/repos', { name: 'MINE' })).status).toBe(422)
    expect((await world.call('POST', '/orgs/nobody/repos', { name: 'x' })).status).toBe(404)
  })

  test('a file can be changed or removed only with its current SHA', async () => {
    const world = await createApiWorld()
    const path = `${repo}/contents/README.md`
    const content = Buffer.from('new').toString('base64')
    const sha = at((await world.json('GET', path)).body, 'sha')

    expect((await world.call('PUT', path, { message: 'm', content })).status).toBe(422)
    expect((await world.call('PUT', path, { message: 'm', content, sha: 'a'.repeat(40) })).status).toBe(409)
    expect((await world.call('PUT', path, { message: 'm', content, sha, branch: 'none' })).status).toBe(404)
    expect((await world.call('PUT', path, { message: 'm', content: '***', sha })).status).toBe(422)
    const changed = await world.json('PUT', path, { message: 'm', content, sha })
    expect(changed.status).toBe(200)
    const removal = { message: 'm', sha: at(changed.body, 'content', 'sha') }
    expect((await world.call('DELETE', path, removal)).status).toBe(200)
    expect((await world.call('GET', path)).status).toBe(404)
  })

  test('refs can be created, fast-forwarded, force-updated and deleted', async () => {
    const world = await createApiWorld()
    const first = await world.sandbox.admin.branch('acme/lib', 'main')
    const second = await world.sandbox.admin.commit('acme/lib', 'main', { f: '2' })
    const refs = `${repo}/git/refs`

    expect((await world.call('POST', refs, { ref: 'refs/heads/a/b', sha: first })).status).toBe(201)
    const again = await world.json('POST', refs, { ref: 'refs/heads/a/b', sha: first })
    expect(again).toMatchObject({ status: 422, body: { message: 'Reference already exists' } })
    expect((await world.call('POST', refs, { ref: 'a/b', sha: first })).status).toBe(422)
    expect((await world.call('POST', refs, { ref: 'refs/heads/x', sha: 'a'.repeat(40) })).status).toBe(422)
    expect((await world.call('PATCH', `${refs}/heads/a%2Fb`, { sha: second })).status).toBe(200)
    const back = await world.json('PATCH', `${refs}/heads/a/b`, { sha: first })
    expect(back).toMatchObject({ status: 422, body: { message: 'Update is not a fast forward' } })
    expect((await world.call('PATCH', `${refs}/heads/a/b`, { sha: first, force: true })).status).toBe(200)
    expect((await world.call('DELETE', `${refs}/heads/a/b`)).status).toBe(204)
    expect((await world.call('GET', `${repo}/git/ref/heads/a/b`)).status).toBe(404)
  })
})

describe('responses', () => {
  test('a response has the request ID, rate limit and date headers of GitHub', async () => {
    const world = await createApiWorld({ random: () => 0.5 })
    const { headers } = await world.call('GET', repo)

    expect(headers.get('date')).toBe('Fri, 02 Jan 2026 03:04:05 GMT')
    expect(headers.get('x-github-request-id')).toBe('88888888:8888:8888:8888:888888888888')
    expect(headers.get('x-ratelimit-limit')).toBe('5000')
    expect(headers.get('x-ratelimit-remaining')).toBe('4999')
    expect(headers.get('x-ratelimit-reset')).toBe(String(Date.UTC(2026, 0, 2, 4, 4, 5) / 1000))
    expect(headers.has('x-oauth-scopes')).toBe(false)
  })

  test('a conditional request for unchanged data gets a 304, which does not count against the rate limit', async () => {
    const world = await createApiWorld()
    const path = `${repo}/git/ref/heads/main`
    const etag = (await world.call('GET', path)).headers.get('etag') ?? ''
    const headers = { 'if-none-match': etag }
    const same = await world.call('GET', path, undefined, { headers })

    expect([same.status, await same.text()]).toEqual([304, ''])
    expect(same.headers.get('etag')).toBe(etag)
    expect(same.headers.get('x-ratelimit-used')).toBe('1')
    await world.sandbox.admin.commit('acme/lib', 'main', { f: 'x' })
    expect((await world.call('GET', path, undefined, { headers })).status).toBe(200)
  })

  test('a request beyond the rate limit gets a 403 until the hour is over', async () => {
    const world = await createApiWorld()
    world.sandbox.admin.setRateLimit('developer', 100, 1)
    expect((await world.call('GET', repo)).status).toBe(200)
    const refused = await world.json('POST', `${repo}/git/refs`, { ref: 'refs/heads/x', sha: 'x' })

    expect(refused).toMatchObject({ status: 403 })
    expect(at(refused.body, 'message')).toMatch(/^API rate limit exceeded for user ID \d+\.$/)
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
    expect((await world.json('GET', '/rate_limit')).body).toMatchObject({ rate: { limit: 100, remaining: 0 } })
    world.clock.advance(3_600_000)
    expect((await world.call('GET', repo)).status).toBe(200)
  })

  test('a request beyond the rate limit can get a 429 until the limit resets', async () => {
    const world = await createApiWorld()
    world.sandbox.admin.setRateLimit('developer', 2, 0, { resetMs: 1_500, status: 429 })
    const refused = await world.call('GET', repo)

    expect(refused.status).toBe(429)
    expect(refused.headers.get('x-ratelimit-reset')).toBe(String(Date.UTC(2026, 0, 2, 3, 4, 7) / 1000))
    expect(refused.headers.has('retry-after')).toBe(false)
    world.clock.advance(2_000)
    const statuses = [await world.call('GET', repo), await world.call('GET', repo), await world.call('GET', repo)]
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429])
  })

  test('a request without a token has a rate limit of 60', async () => {
    const world = await createApiWorld()
    const { headers } = await world.call('GET', repo, undefined, { token: null })

    expect([headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]).toEqual(['60', '59'])
  })

  test('a request body that is not a JSON object gets a 400', async () => {
    const world = await createApiWorld()

    expect(await world.json('POST', `${repo}/dispatches`, '{nope')).toMatchObject({
      status: 400,
      body: { message: 'Problems parsing JSON' },
    })
    expect((await world.call('POST', `${repo}/dispatches`, '[1]')).status).toBe(400)
  })

  test('an unknown path gets a 404 and an unknown API version gets a 400', async () => {
    const world = await createApiWorld()
    const headers = { 'x-github-api-version': '1999-01-01' }

    expect(await world.json('GET', '/repos/acme/lib/nothing')).toMatchObject({
      status: 404,
      body: { message: 'Not Found' },
    })
    expect((await world.call('GET', repo, undefined, { headers })).status).toBe(400)
  })

  test('a page of a list links to the other pages', async () => {
    const world = await createApiWorld()
    for (const name of ['a', 'b', 'c', 'd']) await world.sandbox.admin.moveBranch('acme/lib', name, 'main')
    const names = async (query: string): Promise<{ names: unknown[]; link: string | null }> => {
      const { body, headers } = await world.json('GET', `/api/v3${repo}/branches?${query}`)
      return { names: (body as unknown[]).map((branch) => at(branch, 'name')), link: headers.get('link') }
    }
    const url = `http://127.0.0.1/api/v3${repo}/branches`

    expect(await names('per_page=2&page=2')).toEqual({
      names: ['c', 'd'],
      link: [
        `<${url}?per_page=2&page=1>; rel="prev"`,
        `<${url}?per_page=2&page=3>; rel="next"`,
        `<${url}?per_page=2&page=3>; rel="last"`,
        `<${url}?per_page=2&page=1>; rel="first"`,
      ].join(', '),
    })
    expect(await names('per_page=2&page=3')).toMatchObject({ names: ['main'] })
    expect(await names('per_page=1000')).toMatchObject({ link: null })
    expect(await names('per_page=x&page=-1')).toMatchObject({ names: ['a', 'b', 'c', 'd', 'main'] })
  })

  test('each response is logged with its request', async () => {
    const world = await createApiWorld()
    await world.call('GET', `/api/v3${repo}/pulls?state=all`)
    await world.call('POST', `${repo}/dispatches`, { event_type: 'x' })

    expect(world.sandbox.requests).toEqual([
      { method: 'GET', path: `${repo}/pulls?state=all`, status: 200, time: world.clock.now(), body: null },
      { method: 'POST', path: `${repo}/dispatches`, status: 204, time: world.clock.now(), body: { event_type: 'x' } },
    ])
  })
})

describe('web pages', () => {
  test('the URLs in responses lead to web pages, and the pages escape HTML in titles', async () => {
    const world = await createApiWorld()
    await world.sandbox.admin.commit('acme/lib', 'a', { f: 'x' })
    await world.sandbox.admin.openPull('acme/lib', { head: 'a', title: '<script>alert("1")</script>' })
    const page = (await world.json('GET', `${repo}/pulls/1`)).body
    const path = new URL(String(at(page, 'html_url'))).pathname
    const html = await (await world.call('GET', path, undefined, { headers: { accept: 'text/html' } })).text()

    expect(html).toContain('&#60;script&#62;alert')
    expect(html).not.toContain('<script>')
    const accept = { headers: { accept: 'text/html' }, token: null }
    expect(await (await world.call('GET', '/', undefined, accept)).text()).toContain('href="/acme/lib"')
    expect(await (await world.call('GET', '/acme/lib', undefined, accept)).text()).toContain('#1 ')
    expect((await world.call('GET', '/acme/none', undefined, accept)).status).toBe(404)
  })

  test('web pages do not show a private repository', async () => {
    const world = await withPrivate()

    expect((await world.call('GET', '/acme/secret', undefined, { token: null })).status).toBe(404)
    const accept = { headers: { accept: 'text/html' }, token: null }
    expect(await (await world.call('GET', '/', undefined, accept)).text()).not.toContain('secret')
  })
})

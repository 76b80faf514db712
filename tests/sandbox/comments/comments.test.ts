import { describe, expect, test } from 'vitest'

import type { ApiWorld } from '../api/world.js'
import { at } from '../api/world.js'
import { createAppWorld } from '../apps/world.js'
import { createHookWorld, RECEIVER } from '../webhooks/world.js'

const COMMENTS = '/repos/acme/lib/issues/1/comments'

async function withPull<World extends ApiWorld>(world: World): Promise<World> {
  const { admin } = world.sandbox
  await admin.commit('acme/lib', 'DPTA-1', { a: 'a' })
  await admin.openPull('acme/lib', { head: 'DPTA-1' })
  for (const login of ['ada', 'bob']) admin.setRole(login, 'read')
  admin.setRole('bob', 'write', 'acme/lib')
  return world
}

async function comment(world: ApiWorld, body = '/orch run', token?: string): Promise<string> {
  const answer = await world.json('POST', COMMENTS, { body }, token === undefined ? {} : { token })
  return `/repos/acme/lib/issues/comments/${String(at(answer.body, 'id'))}`
}

describe('comments of a pull request', () => {
  test('are written, listed, changed and deleted', async () => {
    const world = await withPull(await createHookWorld())
    const made = await world.json('POST', COMMENTS, { body: '/orch run' })
    const second = await comment(world, 'second')
    world.clock.advance(1_000)
    const changed = await world.json('PATCH', second, { body: 'changed' })
    const list = await world.json('GET', `${COMMENTS}?per_page=1`)

    expect(made).toMatchObject({
      status: 201,
      body: { body: '/orch run', user: { login: 'developer' }, performed_via_github_app: null },
    })
    expect(made.headers.get('location')).toBe(at(made.body, 'url'))
    expect(changed.body).toMatchObject({ body: 'changed', updated_at: '2026-01-02T03:04:06Z' })
    expect(list.body).toMatchObject([{ body: '/orch run' }])
    expect(list.headers.get('link')).toContain('rel="next"')
    expect((await world.json('GET', `${COMMENTS}?since=2026-01-02T03:04:06Z`)).body).toMatchObject([
      { body: 'changed' },
    ])
    expect(at((await world.json('GET', '/repos/acme/lib/pulls/1')).body, 'comments')).toBe(2)
    expect((await world.call('DELETE', second)).status).toBe(204)
    expect((await world.call('GET', second)).status).toBe(404)
    expect(await (await world.call('GET', '/acme/lib/pull/1')).text()).toContain('/orch run')
  })

  test.each([
    [{ body: ' ' }, 'Body cannot be blank'],
    [{ body: 'x'.repeat(65_537) }, 'Body is too long (maximum is 65536 characters)'],
  ])('a body of %# is refused with 422', async (body, message) => {
    const world = await withPull(await createHookWorld())
    const answer = await world.json('POST', COMMENTS, body)

    expect(answer.status).toBe(422)
    expect(at(answer.body, 'errors', 0, 'message')).toBe(message)
    expect((await world.call('POST', COMMENTS, {})).status).toBe(422)
    expect((await world.call('POST', '/repos/acme/lib/issues/9/comments', { body: 'x' })).status).toBe(404)
  })

  test('whoever may read may comment, and only the author or a writer may change a comment', async () => {
    const world = await withPull(await createHookWorld())
    const { admin } = world.sandbox
    const [ada, bob] = [admin.createToken('ada'), admin.createToken('bob')]
    const ofAda = await comment(world, 'of ada', ada)
    const ofBob = await comment(world, 'of bob', bob)
    const patch = (path: string, token: string): ReturnType<ApiWorld['json']> =>
      world.json('PATCH', path, { body: 'y' }, { token })

    expect((await patch(ofAda, ada)).status).toBe(200)
    expect((await patch(ofAda, bob)).status).toBe(200)
    expect(await patch(ofBob, ada)).toMatchObject({
      status: 403,
      body: { message: 'Must have admin rights to Repository.' },
    })
    expect((await world.call('DELETE', ofBob, undefined, { token: ada })).status).toBe(403)
    expect((await world.call('POST', COMMENTS, { body: 'x' }, { token: null })).status).toBe(401)
  })

  test('a comment of an App names the App and its bot', async () => {
    const world = await withPull(await createAppWorld())
    const token = world.installationToken()
    const { body } = await world.json('POST', COMMENTS, { body: 'status' }, { token })

    expect(body).toMatchObject({
      user: { login: 'orch[bot]', type: 'Bot', html_url: 'http://127.0.0.1/apps/orch' },
      performed_via_github_app: { slug: 'orch' },
    })
  })

  test('an App without a permission to write pull requests or issues cannot comment', async () => {
    const world = await withPull(await createAppWorld({ permissions: { pull_requests: 'read' } }))
    const answer = await world.json('POST', COMMENTS, { body: 'x' }, { token: world.installationToken() })

    expect(answer).toMatchObject({ status: 403, body: { message: 'Resource not accessible by integration' } })
    expect(answer.headers.get('x-accepted-github-permissions')).toBe('issues=write; pull_requests=write')
  })

  test('each change is delivered to webhooks', async () => {
    const world = await withPull(await createHookWorld())
    world.sandbox.webhooks.create('acme/lib', { url: RECEIVER, events: ['issue_comment'] })
    const path = await comment(world, 'first')
    await world.call('PATCH', path, { body: 'second' })
    await world.call('DELETE', path)
    const deliveries = await world.deliveriesOf('issue_comment')
    const payloads = deliveries.map(({ payload }) => payload)

    expect(payloads.map((payload) => at(payload, 'action'))).toEqual(['created', 'edited', 'deleted'])
    expect(payloads[0]).toMatchObject({
      issue: { number: 1, pull_request: { html_url: 'http://127.0.0.1/acme/lib/pull/1' } },
      comment: { body: 'first' },
      repository: { full_name: 'acme/lib' },
      sender: { login: 'developer' },
    })
    expect(payloads[1]).toMatchObject({ changes: { body: { from: 'first' } }, comment: { body: 'second' } })
  })
})

describe('reactions to a comment', () => {
  test('a reaction is added once and counted', async () => {
    const world = await withPull(await createHookWorld())
    const path = await comment(world)
    const react = (content: string): ReturnType<ApiWorld['json']> =>
      world.json('POST', `${path}/reactions`, { content })

    expect((await react('eyes')).status).toBe(201)
    expect(await react('eyes')).toMatchObject({ status: 200, body: { content: 'eyes', user: { login: 'developer' } } })
    expect((await react('rocket')).status).toBe(201)
    expect((await react('tada')).status).toBe(422)
    expect((await world.json('GET', `${path}/reactions?content=eyes`)).body).toHaveLength(1)
    expect(at((await world.json('GET', path)).body, 'reactions')).toMatchObject({ total_count: 2, eyes: 1, heart: 0 })
    expect((await world.call('GET', '/repos/acme/lib/issues/comments/1/reactions')).status).toBe(404)
  })
})

import { describe, expect, test } from 'vitest'

import type { ApiWorld } from './world.js'
import { at, createApiWorld } from './world.js'

/** The names of the repositories in a listing. */
async function names(world: ApiWorld, path: string, token?: string | null): Promise<unknown[]> {
  const { status, body } = await world.json('GET', path, undefined, token === undefined ? {} : { token })
  if (status !== 200) throw new Error(`${path} answered ${status}`)
  return (body as unknown[]).map((each) => at(each, 'full_name'))
}

async function withMore(): Promise<ApiWorld> {
  const world = await createApiWorld()
  const { admin } = world.sandbox
  world.clock.advance(1000)
  await admin.createRepository('acme/secret', { private: true })
  await admin.forkRepository('acme/lib', 'ada/lib')
  world.clock.advance(1000)
  await admin.createRepository('acme/app')
  await admin.createRepository('ada/notes', { private: true })
  return world
}

describe('lists of repositories', () => {
  test('the list of an organization has the newest first, and only what the token may see', async () => {
    const world = await withMore()

    expect(await names(world, '/orgs/acme/repos')).toEqual(['acme/app', 'acme/secret', 'acme/lib'])
    expect(await names(world, '/orgs/acme/repos', null)).toEqual(['acme/app', 'acme/lib'])
    expect(await names(world, '/orgs/ACME/repos?sort=full_name&type=public')).toEqual(['acme/app', 'acme/lib'])
    expect(await names(world, '/orgs/acme/repos?type=private')).toEqual(['acme/secret'])
    expect(await names(world, '/orgs/acme/repos?type=forks')).toEqual([])
    expect(await names(world, '/orgs/acme/repos?sort=created&direction=asc&per_page=1&page=2')).toEqual(['acme/secret'])
  })

  test('a user has no list as an organization', async () => {
    const world = await withMore()

    expect((await world.call('GET', '/orgs/ada/repos')).status).toBe(404)
    expect((await world.call('GET', '/users/nobody/repos')).status).toBe(404)
  })

  test('the list of a user has public repositories only', async () => {
    const world = await withMore()

    expect(await names(world, '/users/ada/repos')).toEqual(['ada/lib'])
    expect(await names(world, '/users/acme/repos')).toEqual(['acme/app', 'acme/lib'])
  })

  test('the list of the user of the token has what it owns, works on as a collaborator, or has a role in', async () => {
    const world = await withMore()
    const { admin } = world.sandbox
    admin.setRole('ada', 'write', 'acme/secret')
    const token = admin.createToken('ada')

    expect(await names(world, '/user/repos', token)).toEqual(['acme/secret', 'ada/lib', 'ada/notes'])
    expect(await names(world, '/user/repos?affiliation=owner', token)).toEqual(['ada/lib', 'ada/notes'])
    expect(await names(world, '/user/repos?affiliation=collaborator', token)).toEqual(['acme/secret'])
    expect(await names(world, '/user/repos?affiliation=organization_member')).toEqual([
      'acme/app',
      'acme/lib',
      'acme/secret',
    ])
  })
})

describe('topics', () => {
  test('topics are shown in lists and can be replaced by an administrator', async () => {
    const world = await withMore()
    const { admin } = world.sandbox
    const put = { names: ['payments', 'Java'] }

    expect((await world.json('PUT', '/repos/acme/lib/topics', put)).body).toEqual({ names: ['payments', 'java'] })
    expect((await world.json('GET', '/repos/acme/lib/topics')).body).toEqual({ names: ['payments', 'java'] })
    const listed = (await world.json('GET', '/orgs/acme/repos?sort=full_name')).body
    expect([0, 1, 2].map((index) => at(listed, index, 'topics'))).toEqual([[], ['payments', 'java'], []])
    admin.setTopics('acme/lib', [])
    expect((await world.json('GET', '/repos/acme/lib/topics')).body).toEqual({ names: [] })
    const reader = admin.createToken('bob', { 'acme/lib': { metadata: 'read' } })
    expect((await world.call('PUT', '/repos/acme/lib/topics', put, { token: reader })).status).toBe(403)
  })

  test.each([[['Not a topic']], [['-x']], [['a'.repeat(51)]], [Array.from({ length: 21 }, (_, i) => `t${i}`)], [[1]]])(
    'topics that GitHub refuses are refused: %j',
    async (refused) => {
      const world = await createApiWorld()

      expect((await world.call('PUT', '/repos/acme/lib/topics', { names: refused })).status).toBe(422)
    },
  )
})

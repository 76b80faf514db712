import { expect, test } from 'vitest'

import type { ApiWorld } from './world.js'
import { at, createApiWorld } from './world.js'

const repo = '/repos/acme/lib'
const none = '0'.repeat(40)

/** Returns the activity for a query as `type before after`, with the `Link` header. */
async function activity(world: ApiWorld, query = ''): Promise<{ entries: string[]; link: string }> {
  const { body, headers } = await world.json('GET', `${repo}/activity?${query}`)
  const entries = (body as unknown[]).map((entry) => {
    return ['activity_type', 'before', 'after'].map((name) => String(at(entry, name))).join(' ')
  })
  return { entries, link: headers.get('link') ?? '' }
}

test('the activity lists every change of a branch, newest first, with its actor and time', async () => {
  const world = await createApiWorld()
  const { admin } = world.sandbox
  const main = (await admin.branch('acme/lib', 'main')) ?? ''
  const first = await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
  world.clock.advance(60_000)
  const second = await admin.commit('acme/lib', 'DPTA-1', { a: '2' })
  await world.call('PATCH', `${repo}/git/refs/heads/DPTA-1`, { sha: first, force: true })
  await admin.deleteBranch('acme/lib', 'DPTA-1')
  const { body } = await world.json('GET', `${repo}/activity?ref=DPTA-1`)

  expect((await activity(world, 'ref=DPTA-1')).entries).toEqual([
    `branch_deletion ${first} ${none}`,
    `force_push ${second} ${first}`,
    `push ${first} ${second}`,
    `branch_creation ${none} ${first}`,
  ])
  expect((await activity(world)).entries.at(-1)).toBe(`branch_creation ${none} ${main}`)
  expect(at(body, 2)).toMatchObject({
    ref: 'refs/heads/DPTA-1',
    timestamp: '2026-01-02T03:05:05Z',
    actor: { login: 'developer' },
  })
})

test('a merged pull request is a pr_merge in the activity of its base', async () => {
  const world = await createApiWorld()
  const { admin } = world.sandbox
  const before = (await admin.branch('acme/lib', 'main')) ?? ''
  await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
  const number = await admin.openPull('acme/lib', { head: 'DPTA-1' })
  const merged = await admin.mergePull('acme/lib', number)

  expect((await activity(world, 'activity_type=pr_merge')).entries).toEqual([`pr_merge ${before} ${merged}`])
})

test('the activity is filtered by ref, kind, actor and time', async () => {
  const world = await createApiWorld()
  const { admin } = world.sandbox
  const old = await admin.commit('acme/lib', 'a/b', { a: '1' })
  world.clock.advance(3 * 86_400_000)
  const token = admin.createToken('ada')
  await world.call('POST', `${repo}/git/refs`, { ref: 'refs/heads/b', sha: old }, { token })
  const entries = async (query: string): Promise<string[]> => (await activity(world, query)).entries

  expect(await entries('ref=refs/heads/a/b')).toEqual([`branch_creation ${none} ${old}`])
  expect(await entries('ref=b')).toEqual([`branch_creation ${none} ${old}`])
  expect(await entries('ref=none')).toEqual([])
  expect(await entries('activity_type=force_push')).toEqual([])
  expect(await entries('actor=Ada')).toHaveLength(1)
  expect(await entries('actor=nobody')).toEqual([])
  expect(await entries('time_period=day')).toHaveLength(1)
  expect(await entries('time_period=week')).toHaveLength(3)
  for (const wrong of ['activity_type=pull', 'time_period=hour', 'after=nothing']) {
    expect((await world.call('GET', `${repo}/activity?${wrong}`)).status).toBe(422)
  }
})

test('cursors link the pages of the activity and keep their position when new entries are added', async () => {
  const world = await createApiWorld()
  for (const name of ['a', 'b', 'c', 'd']) await world.sandbox.admin.moveBranch('acme/lib', name, 'main')
  const refs = async (url: string): Promise<{ refs: string[]; links: Map<string, string> }> => {
    const { body, headers } = await world.json('GET', url)
    const links = (headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g)
    return {
      refs: (body as unknown[]).map((entry) => String(at(entry, 'ref')).replace('refs/heads/', '')),
      links: new Map(
        Array.from(links, ([, address = '', name = '']) => [name, address.slice('http://127.0.0.1'.length)]),
      ),
    }
  }
  const first = await refs(`${repo}/activity?per_page=2`)
  await world.sandbox.admin.moveBranch('acme/lib', 'e', 'main')
  const second = await refs(first.links.get('next') ?? '')
  const last = await refs(second.links.get('next') ?? '')
  const back = await refs(last.links.get('prev') ?? '')

  expect([first.refs, second.refs, last.refs, back.refs]).toEqual([['d', 'c'], ['b', 'a'], ['main'], ['b', 'a']])
  expect([[...first.links.keys()], [...last.links.keys()]]).toEqual([['next'], ['prev']])
  expect((await refs(`${repo}/activity?per_page=2&direction=asc`)).refs).toEqual(['main', 'a'])
})

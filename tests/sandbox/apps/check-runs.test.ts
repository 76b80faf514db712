import { describe, expect, test } from 'vitest'

import { at } from '../api/world.js'
import type { AppWorld } from './world.js'
import { createAppWorld } from './world.js'

const RUNS = '/repos/acme/lib/check-runs'

interface CheckWorld extends AppWorld {
  sha: string
  token: string
  create(fields?: Record<string, unknown>): ReturnType<AppWorld['json']>
}

async function createCheckWorld(): Promise<CheckWorld> {
  const world = await createAppWorld()
  const token = world.installationToken()
  const sha = (await world.sandbox.admin.branch('acme/lib', 'main')) ?? ''
  return {
    ...world,
    sha,
    token,
    create: (fields = {}) => world.json('POST', RUNS, { name: 'orch', head_sha: sha, ...fields }, { token }),
  }
}

describe('a check run', () => {
  test('is created, updated and completed by its App', async () => {
    const world = await createCheckWorld()
    const output = { title: '2 of 3', summary: '**bold**', text: '```mermaid\n```' }
    const made = await world.create({ status: 'in_progress', output, details_url: 'http://127.0.0.1/o/1' })
    const path = `${RUNS}/${String(at(made.body, 'id'))}`
    world.clock.advance(5_000)
    const done = await world.json('PATCH', path, { conclusion: 'failure' }, { token: world.token })

    expect(made).toMatchObject({
      status: 201,
      body: { status: 'in_progress', conclusion: null, completed_at: null, output, app: { slug: 'orch' } },
    })
    expect(done.body).toMatchObject({
      status: 'completed',
      conclusion: 'failure',
      completed_at: '2026-01-02T03:04:10Z',
      output,
      details_url: 'http://127.0.0.1/o/1',
    })
    expect((await world.json('GET', path)).body).toEqual(done.body)
  })

  test('is refused to a user, whatever the permissions', async () => {
    const world = await createCheckWorld()
    const body = { name: 'x', head_sha: world.sha }
    const message = 'You must authenticate via a GitHub App.'

    expect(await world.json('POST', RUNS, body)).toMatchObject({ status: 403, body: { message } })
  })

  test('needs checks: write, and only its own App may change it', async () => {
    const world = await createCheckWorld()
    const { admin } = world.sandbox
    const path = `${RUNS}/${String(at((await world.create()).body, 'id'))}`
    await admin.createApp({ name: 'Reader', owner: 'acme', permissions: { checks: 'read' } })
    await admin.createApp({ name: 'Other', owner: 'acme', permissions: { checks: 'write' } })
    for (const slug of ['reader', 'other']) admin.installApp(slug, 'acme')
    const reader = await world.json('PATCH', path, {}, { token: admin.createInstallationToken('reader', 'acme') })
    const other = await world.json('PATCH', path, {}, { token: admin.createInstallationToken('other', 'acme') })

    expect(reader.status).toBe(403)
    expect(reader.headers.get('x-accepted-github-permissions')).toBe('checks=write')
    expect(other).toMatchObject({ status: 403, body: { message: expect.stringContaining('Invalid app_id') as string } })
  })

  test.each([
    [{ name: undefined }, '"name" wasn\'t supplied.'],
    [{ head_sha: 'f'.repeat(40) }, 'No commit found for SHA'],
    [{ head_sha: 'main' }, 'No commit found for SHA'],
    [{ status: 'done' }, "For 'properties/status'"],
    [{ conclusion: 'stale' }, "For 'properties/conclusion'"],
    [{ status: 'completed' }, '"conclusion" wasn\'t supplied.'],
    [{ started_at: 'yesterday' }, "For 'properties/started_at'"],
    [{ output: { title: 't' } }, '"summary" wasn\'t supplied.'],
    [
      { output: { title: 't', summary: 'x'.repeat(65_536) } },
      'Only 65535 characters are allowed; 65536 were supplied.',
    ],
    [{ output: { title: 't', summary: 's', annotations: Array.from({ length: 51 }, () => ({})) } }, 'No more than 50'],
  ])('with %o is refused with 422', async (fields, message) => {
    const world = await createCheckWorld()
    const { status, body } = await world.create(fields)

    expect(status).toBe(422)
    expect(body).toMatchObject({ message: expect.stringContaining(message) as string })
  })

  test('the list of a commit shows the newest of each name and the jobs of workflow runs', async () => {
    const world = await createCheckWorld()
    await world.create()
    const second = at((await world.create()).body, 'id')
    await world.call('POST', '/repos/acme/lib/actions/workflows/build.yml/dispatches', { ref: 'main' })
    await world.sandbox.admin.idle()
    const list = async (query = ''): Promise<unknown> =>
      (await world.json('GET', `/repos/acme/lib/commits/main/check-runs${query}`)).body
    const all = await list()

    expect(all).toMatchObject({ total_count: 2, check_runs: [{ id: second }, { name: 'build' }] })
    expect(at(all, 'check_runs', 1, 'app', 'id')).toBe(15368)
    expect(await list('?filter=all')).toMatchObject({ total_count: 3 })
    expect(await list('?check_name=orch')).toMatchObject({ total_count: 1 })
    expect(await list(`?app_id=${world.app.id}`)).toMatchObject({ total_count: 1 })
    expect(await list('?status=completed')).toMatchObject({ total_count: 1, check_runs: [{ name: 'build' }] })
    const job = String(at(all, 'check_runs', 1, 'id'))
    expect((await world.json('GET', `${RUNS}/${job}`)).body).toMatchObject({ name: 'build', conclusion: 'success' })
  })
})

describe('a required check that is pinned to an App', () => {
  async function merge(world: CheckWorld): Promise<number> {
    return (await world.call('PUT', '/repos/acme/lib/pulls/1/merge')).status
  }

  async function createPinned(): Promise<CheckWorld> {
    const world = await createCheckWorld()
    const { admin } = world.sandbox
    const sha = await admin.commit('acme/lib', 'DPTA-1', { a: 'a' })
    await admin.openPull('acme/lib', { head: 'DPTA-1' })
    const rule = {
      name: 'Pinned',
      target: 'branch',
      enforcement: 'active',
      conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
      rules: [
        {
          type: 'required_status_checks',
          parameters: {
            strict_required_status_checks_policy: false,
            required_status_checks: [{ context: 'orch', integration_id: world.app.id }],
          },
        },
      ],
    }
    await world.call('POST', '/repos/acme/lib/rulesets', rule)
    return { ...world, sha }
  }

  test('a status of a user does not satisfy it and a status of the App does', async () => {
    const world = await createPinned()
    const path = `/repos/acme/lib/statuses/${world.sha}`
    await world.call('POST', path, { state: 'success', context: 'orch' })
    expect(await merge(world)).toBe(405)

    await world.call('POST', path, { state: 'success', context: 'orch' }, { token: world.token })
    await world.call('POST', path, { state: 'failure', context: 'orch' })
    expect(await merge(world)).toBe(200)
  })

  test('a status and a check run of the same name must both succeed', async () => {
    const world = await createPinned()
    const path = `/repos/acme/lib/statuses/${world.sha}`
    const { body } = await world.json('POST', RUNS, { name: 'orch', head_sha: world.sha }, { token: world.token })
    await world.call('POST', path, { state: 'success', context: 'orch' }, { token: world.token })
    expect(await merge(world)).toBe(405)

    await world.call('PATCH', `${RUNS}/${String(at(body, 'id'))}`, { conclusion: 'neutral' }, { token: world.token })
    expect(await merge(world)).toBe(200)
  })
})

import { describe, expect, test } from 'vitest'

import type { ApiWorld } from './world.js'
import { at, createApiWorld, HeldExecutor, job, START, temporaryDirectory } from './world.js'

const repo = '/repos/acme/lib'
const runs = `${repo}/actions/workflows/build.yml/runs`

const get = async (world: ApiWorld, path: string): Promise<unknown> => (await world.json('GET', path)).body

async function dispatch(world: ApiWorld, ref = 'main'): Promise<number> {
  const sent = { ref, return_run_details: true }
  const { body } = await world.json('POST', `${repo}/actions/workflows/build.yml/dispatches`, sent)
  return Number(at(body, 'workflow_run_id'))
}

describe('stale reads', () => {
  test('a stale read returns earlier branches, pull requests and statuses, and writes use the present state', async () => {
    const world = await createApiWorld()
    const { admin, faults } = world.sandbox
    const old = await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
    const number = await admin.openPull('acme/lib', { head: 'DPTA-1' })
    await world.call('POST', `${repo}/statuses/${old}`, { state: 'pending', context: 'c' })
    world.clock.advance(10_000)
    const fresh = await admin.commit('acme/lib', 'DPTA-1', { a: '2' })
    await world.call('POST', `${repo}/statuses/${old}`, { state: 'failure', context: 'c' })
    await admin.commit('acme/lib', 'DPTA-2', { b: '1' })
    admin.closePull('acme/lib', number)
    const remove = faults.add({ action: { kind: 'stale-reads', ms: 5_000 } })
    await world.call('POST', `${repo}/statuses/${fresh}`, { state: 'success', context: 'c' })

    expect(at(await get(world, `${repo}/branches/DPTA-1`), 'commit', 'sha')).toBe(old)
    expect(at(await get(world, `${repo}/git/ref/heads/DPTA-1`), 'object', 'sha')).toBe(old)
    expect(await get(world, `${repo}/branches`)).toMatchObject([{ name: 'DPTA-1' }, { name: 'main' }])
    expect((await world.call('GET', `${repo}/branches/DPTA-2`)).status).toBe(404)
    expect(await get(world, `${repo}/pulls?head=acme:DPTA-1`)).toMatchObject([{ state: 'open', head: { sha: old } }])
    expect(await get(world, `${repo}/pulls/${number}`)).toMatchObject({ state: 'open', mergeable: true })
    expect(await get(world, `${repo}/commits/${old}/statuses`)).toMatchObject([{ state: 'pending' }])
    expect(await get(world, `${repo}/commits/DPTA-1/status`)).toMatchObject({ sha: old, state: 'pending' })
    expect(await get(world, `${repo}/activity`)).toHaveLength(2)
    remove()
    expect(at(await get(world, `${repo}/branches/DPTA-1`), 'commit', 'sha')).toBe(fresh)
    expect(await get(world, `${repo}/pulls/${number}`)).toMatchObject({ state: 'closed', head: { sha: fresh } })
    expect(await get(world, `${repo}/commits/${fresh}/statuses`)).toMatchObject([{ state: 'success' }])
  })

  test('a stale read follows the clock, so that a change becomes visible once it is old enough', async () => {
    const world = await createApiWorld({ executor: new HeldExecutor() })
    const { admin } = world.sandbox
    world.clock.advance(1_000)
    const first = await admin.commit('acme/lib', 'DPTA-1', { a: '1' })
    world.clock.advance(1_000)
    const second = await admin.commit('acme/lib', 'DPTA-1', { a: '2' })
    world.sandbox.faults.add({ path: /\/branches\//, action: { kind: 'stale-reads', ms: 2_000 } })
    const seen = async (): Promise<unknown> => at(await get(world, `${repo}/branches/DPTA-1`), 'commit', 'sha')

    expect(await seen()).toBeUndefined()
    world.clock.advance(1_000)
    expect(await seen()).toBe(first)
    world.clock.advance(999)
    expect(await seen()).toBe(first)
    world.clock.advance(1)
    expect(await seen()).toBe(second)
  })

  test('a stale read returns the earlier status, attempt and jobs of a run', async () => {
    const executor = new HeldExecutor()
    const world = await createApiWorld({ executor })
    const id = await dispatch(world)
    const execution = await executor.of(id)
    execution.update([job()])
    world.clock.advance(10_000)
    execution.update([job({ status: 'completed', conclusion: 'failure', completedAt: START })])
    executor.end(execution, 'failure')
    await world.sandbox.admin.idle()
    world.clock.advance(10_000)
    await world.call('POST', `${repo}/actions/runs/${id}/rerun`)
    const seen = async (ms: number): Promise<unknown[]> => {
      const path = `${repo}/actions/runs/${id}`
      const remove = world.sandbox.faults.add({ action: { kind: 'stale-reads', ms } })
      const [run, listed, jobs] = [await get(world, path), await get(world, runs), await get(world, `${path}/jobs`)]
      remove()
      expect(at(listed, 'workflow_runs', 0)).toEqual(run)
      return [at(run, 'run_attempt'), at(run, 'status'), at(run, 'conclusion'), at(jobs, 'jobs', 0, 'status')]
    }

    expect(await seen(0)).toEqual([2, 'queued', null, undefined])
    expect(await seen(1)).toEqual([1, 'completed', 'failure', 'completed'])
    expect(await seen(10_001)).toEqual([1, 'in_progress', null, 'in_progress'])
  })

  test('a stale read has the entity tag of the old response, and the present date and rate limits', async () => {
    const world = await createApiWorld()
    const path = `${repo}/branches/main`
    const old = (await world.call('GET', path)).headers.get('etag') ?? ''
    world.clock.advance(10_000)
    await world.sandbox.admin.commit('acme/lib', 'main', { f: 'x' })
    const fresh = (await world.call('GET', path)).headers.get('etag') ?? ''
    world.sandbox.faults.add({ action: { kind: 'stale-reads', ms: 5_000 } })
    const ask = (etag: string): Promise<Response> =>
      world.call('GET', path, undefined, { headers: { 'if-none-match': etag } })
    const answer = await ask(fresh)

    expect(answer.status).toBe(200)
    expect(answer.headers.get('date')).toBe('Fri, 02 Jan 2026 03:04:15 GMT')
    expect(answer.headers.get('x-ratelimit-used')).toBe('3')
    expect((await ask(old)).status).toBe(304)
  })

  test('a stale read that shows a workflow for the first time assigns its permanent ID', async () => {
    const world = await createApiWorld()
    world.clock.advance(10_000)
    const remove = world.sandbox.faults.add({ action: { kind: 'stale-reads', ms: 5_000 } })
    const id = at(await get(world, `${repo}/actions/workflows/build.yml`), 'id')
    remove()
    // The next object with a new ID is an entry of the activity.
    await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { a: '1' })
    const entries = (await get(world, `${repo}/activity`)) as unknown[]

    expect(at(await get(world, `${repo}/actions/workflows/build.yml`), 'id')).toBe(id)
    expect(entries.map((entry) => at(entry, 'id'))).not.toContain(id)
  })

  test('a stale read never returns a state from before the start or before the last forgetPast', async () => {
    const world = await createApiWorld()
    world.clock.advance(1_000)
    await world.sandbox.admin.createRepository('acme/new')
    world.sandbox.faults.add({ action: { kind: 'stale-reads', ms: 3_600_000 } })

    expect((await world.call('GET', repo)).status).toBe(200)
    expect((await world.call('GET', '/repos/acme/new')).status).toBe(404)
    world.sandbox.admin.forgetPast()
    expect((await world.call('GET', '/repos/acme/new')).status).toBe(200)
  })

  test('a stale-reads fault is rejected when the repositories are on disk', async () => {
    const world = await createApiWorld({ stateDirectory: await temporaryDirectory() })
    const fault = { action: { kind: 'stale-reads' as const, ms: 1 } }

    expect(() => world.sandbox.faults.add(fault)).toThrow('Only a sandbox in memory keeps its history.')
  })
})

describe('late runs', () => {
  test('a late run is missing from listings and not found by its ID until it is old enough', async () => {
    const executor = new HeldExecutor()
    const world = await createApiWorld({ executor })
    const early = await dispatch(world)
    world.clock.advance(5_000)
    const late = await dispatch(world)
    ;(await executor.of(late)).update([job()])
    const jobId = String(world.sandbox.admin.runs().at(-1)?.attempts[0]?.jobs[0]?.id)
    world.sandbox.faults.add({ action: { kind: 'late-runs', ms: 5_000 } })
    const byId = [`runs/${late}`, `runs/${late}/attempts/1`, `runs/${late}/jobs`, `jobs/${jobId}`]
    const statuses = (): Promise<number[]> =>
      Promise.all(byId.map(async (path) => (await world.call('GET', `${repo}/actions/${path}`)).status))
    const listed = async (path: string): Promise<unknown> => {
      const { workflow_runs: found } = (await get(world, path)) as { workflow_runs: { id: number }[] }
      return found.map(({ id }) => id)
    }

    expect([await listed(runs), await listed(`${repo}/actions/runs`)]).toEqual([[early], [early]])
    expect(await get(world, runs)).toMatchObject({ total_count: 1 })
    expect(await statuses()).toEqual([404, 404, 404, 404])
    expect((await world.call('POST', `${repo}/actions/runs/${late}/cancel`)).status).toBe(202)
    world.clock.advance(5_000)
    expect(await listed(runs)).toEqual([late, early])
    expect(await statuses()).toEqual([200, 200, 200, 200])
  })

  test('a late-runs fault with a path applies only to that path', async () => {
    const world = await createApiWorld()
    const id = await dispatch(world)
    world.sandbox.faults.add({ path: /\/runs$/, action: { kind: 'late-runs', ms: 5_000 } })

    expect(await get(world, runs)).toMatchObject({ total_count: 0 })
    expect((await world.call('GET', `${repo}/actions/runs/${id}`)).status).toBe(200)
  })
})

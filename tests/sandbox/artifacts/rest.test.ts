import { describe, expect, test } from 'vitest'
import type { Execution, SavedArtifact } from '../../../src/sandbox/executor.js'
import type { ApiWorld } from '../api/world.js'
import { at, createApiWorld, HeldExecutor, temporaryDirectory } from '../api/world.js'

const repo = '/repos/acme/lib'

interface Scene extends ApiWorld {
  executor: HeldExecutor
  run: number
  execution: Execution
}

/** A sandbox with a run in progress. */
async function scene(): Promise<Scene> {
  const executor = new HeldExecutor()
  const world = await createApiWorld({ executor })
  const dispatch = { ref: 'main', return_run_details: true }
  const { body } = await world.json('POST', `${repo}/actions/workflows/build.yml/dispatches`, dispatch)
  const run = Number(at(body, 'workflow_run_id'))
  return { ...world, executor, run, execution: await executor.of(run) }
}

function save(execution: Execution, artifact: Partial<SavedArtifact> = {}): number {
  const given = { name: 'dist', content: Buffer.from('zip'), retentionDays: null, overwrite: false, ...artifact }
  const saved = execution.openJob().saveArtifact(given)
  if (!saved.ok) throw new Error(saved.message)
  return saved.id
}

/** The names and ids of a list of artifacts. */
async function listed(world: ApiWorld, path: string): Promise<[unknown, unknown][]> {
  const { body } = await world.json('GET', path)
  const artifacts = at(body, 'artifacts') as unknown[]
  expect(at(body, 'total_count')).toBe(artifacts.length)
  return artifacts.map((artifact) => [at(artifact, 'name'), at(artifact, 'id')])
}

describe('artifacts by REST', () => {
  test('the artifacts of a run are listed newest first, or in the direction that is asked for, and by their exact name', async () => {
    const world = await scene()
    const ids = ['one', 'two', 'two-and-a-half'].map((name) => save(world.execution, { name }))
    const path = `${repo}/actions/runs/${world.run}/artifacts`
    const newest = [
      ['two-and-a-half', ids[2]],
      ['two', ids[1]],
      ['one', ids[0]],
    ]
    expect(await listed(world, path)).toEqual(newest)
    expect(await listed(world, `${path}?direction=asc`)).toEqual(newest.toReversed())
    expect(await listed(world, `${path}?name=two`)).toEqual([['two', ids[1]]])
    expect(await listed(world, `${repo}/actions/artifacts?name=one`)).toEqual([['one', ids[0]]])
    expect(await listed(world, `${repo}/actions/artifacts`)).toEqual(newest)
  })

  test('an artifact is downloaded from an address that needs no token and is valid for a minute', async () => {
    const world = await scene()
    const id = save(world.execution, { content: Buffer.from([0, 255, 1]) })
    const url = `http://127.0.0.1${repo}/actions/artifacts/${id}/zip`
    const headers = { authorization: `Bearer ${world.sandbox.token}` }
    const answer = await world.sandbox.fetch(new Request(url, { headers, redirect: 'manual' }))
    const location = answer.headers.get('location') ?? ''
    expect(answer.status).toBe(302)
    const content = await world.sandbox.fetch(location)
    expect([content.status, content.headers.get('content-type')]).toEqual([200, 'application/zip'])
    expect(content.headers.get('content-disposition')).toContain('filename="dist.zip"')
    expect([...new Uint8Array(await content.arrayBuffer())]).toEqual([0, 255, 1])
    world.clock.advance(60_000)
    expect((await world.sandbox.fetch(location)).status).toBe(403)
    expect((await world.sandbox.fetch(`${location.slice(0, -1)}x`)).status).toBe(403)
  })

  test('a download needs a token, also of a public repository, and a deletion one that may write', async () => {
    const world = await scene()
    const path = `${repo}/actions/artifacts/${save(world.execution)}`
    const reader = world.sandbox.admin.createToken('eve', { 'acme/lib': { actions: 'read' } })
    expect((await world.call('GET', path, undefined, { token: null })).status).toBe(200)
    expect((await world.call('GET', `${path}/zip`, undefined, { token: null })).status).toBe(401)
    expect((await world.call('DELETE', path, undefined, { token: reader })).status).toBe(403)
    expect((await world.call('DELETE', path)).status).toBe(204)
    expect((await world.call('GET', path)).status).toBe(404)
    expect((await world.call('GET', `${path}/zip`)).status).toBe(404)
  })

  test('an expired artifact is listed as expired, and its download is gone', async () => {
    const world = await scene()
    const path = `${repo}/actions/artifacts/${save(world.execution, { retentionDays: 2 })}`
    world.clock.advance(2 * 86_400_000)
    expect(at((await world.json('GET', path)).body, 'expired')).toBe(true)
    expect((await world.json('GET', `${path}/zip`)).status).toBe(410)
  })

  test('a name is taken once in each attempt, and `overwrite` replaces the artifact', async () => {
    const world = await scene()
    const first = save(world.execution)
    expect(() => save(world.execution)).toThrow('an artifact with this name already exists on the workflow run')
    const second = save(world.execution, { overwrite: true })
    expect(await listed(world, `${repo}/actions/artifacts`)).toEqual([['dist', second]])
    expect((await world.call('GET', `${repo}/actions/artifacts/${first}`)).status).toBe(404)
  })

  test('a name that could be a path or a device is refused', async () => {
    const { execution } = await scene()
    for (const name of ['', '.', '..', '../x', 'a/b', String.raw`a\b`, 'C:x', 'a\0b', 'a\nb', 'x'.repeat(261)]) {
      expect(() => save(execution, { name })).toThrow('the artifact name')
    }
  })

  test('a re-run of all jobs hides the artifacts of the attempt before, and one of the failed jobs shows both', async () => {
    const world = await scene()
    const path = `${repo}/actions/runs/${world.run}`
    const first = save(world.execution)
    world.executor.end(world.execution, 'failure')
    await world.sandbox.admin.idle()
    await world.call('POST', `${path}/rerun-failed-jobs`)
    const again = await world.executor.of(world.run, 2)
    expect(await listed(world, `${path}/artifacts`)).toEqual([['dist', first]])
    const second = save(again)
    expect(await listed(world, `${path}/artifacts`)).toEqual([
      ['dist', second],
      ['dist', first],
    ])
    world.executor.end(again, 'failure')
    await world.sandbox.admin.idle()
    await world.call('POST', `${path}/rerun`)
    await world.executor.of(world.run, 3)
    expect(await listed(world, `${path}/artifacts`)).toEqual([])
  })

  test('artifacts survive a restart of a sandbox on disk', async () => {
    const stateDirectory = await temporaryDirectory()
    const executor = new HeldExecutor()
    const before = await createApiWorld({ executor, stateDirectory })
    await before.call('POST', `${repo}/actions/workflows/build.yml/dispatches`, { ref: 'main' })
    const [runId = 0] = before.sandbox.admin.runs('acme/lib').map(({ id }) => id)
    const id = save(await executor.of(runId), { content: Buffer.from('kept') })
    await before.sandbox.close()
    const after = await createApiWorld({ executor, stateDirectory })
    const content = await after.call('GET', `${repo}/actions/artifacts/${id}/zip`)
    expect(await content.text()).toBe('kept')
  })
})

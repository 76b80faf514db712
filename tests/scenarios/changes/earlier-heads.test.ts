import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const branch = 'DPTA-1'

/** A change in repoB and repoD that is unlocked; then repoB gets another head. */
async function changeWithMovedHead(options: { forgets?: boolean } = {}) {
  const scene = await Scene.open()
  const number = await scene.change('repoB', branch)
  await scene.change('repoD', branch)
  const directory = options.forgets ? await scene.anotherFolder() : scene.directory
  expect((await scene.orch('run DPTA-1', { directory })).code).toBe(0)
  const earlier = await scene.head('repoB', branch)
  await scene.push('repoB', branch)
  return { scene, number, earlier, [Symbol.asyncDispose]: () => scene.close() }
}

describe('success on an earlier head', () => {
  test('a success on an earlier head is revoked by the next run, so that a push back to that head unlocks nothing', async () => {
    await using world = await changeWithMovedHead()
    const { scene, number, earlier } = world
    scene.builds.script('acme/repoB').concludes('failure')
    const { code, stdout } = await scene.orch('run DPTA-1', { seed: 8 })
    expect(code).toBe(1)
    expect(stdout).toContain(`${earlier.slice(0, 7)}, an earlier head that had success`)
    await scene.sandbox.admin.moveBranch('acme/repoB', branch, earlier)
    expect(scene.statusesOf('repoB', earlier)[0]).toMatch(/^pending run:/u)
    expect(await scene.merge('repoB', number)).toMatch(/405/u)
  })

  test('a success on an earlier head is revoked by an invalidation, even on a machine without the journal', async () => {
    await using world = await changeWithMovedHead({ forgets: true })
    const { scene, earlier } = world
    const { code, stdout } = await scene.orch('invalidate DPTA-1')
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`repoB@${earlier.slice(0, 7)} +locked +an earlier head`, 'u'))
    expect(scene.statusesOf('repoB', earlier)[0]).toMatch(/^pending inv:/u)
  })

  test('a success on an earlier head is revoked from the journal alone where GitHub lists no pushes', async () => {
    await using world = await changeWithMovedHead()
    const { scene, earlier } = world
    const gone = { kind: 'respond', status: 404, body: { message: 'Not Found' } } as const
    scene.sandbox.faults.add({ action: { kind: 'graphql-refused' } })
    scene.sandbox.faults.add({ method: 'GET', path: /\/activity$/u, action: gone })
    expect((await scene.orch('invalidate DPTA-1')).code).toBe(0)
    expect(scene.statusesOf('repoB', earlier)[0]).toMatch(/^pending inv:/u)
  })

  test('a success on an earlier head is found by the query, without a request for each repository', async () => {
    await using world = await changeWithMovedHead()
    const { scene, earlier } = world
    const before = scene.sandbox.requests.length
    expect((await scene.orch('invalidate DPTA-1')).code).toBe(0)
    expect(scene.statusesOf('repoB', earlier)[0]).toMatch(/^pending inv:/u)
    const asked = scene.sandbox.requests.slice(before).map(({ method, path }) => `${method} ${path.split('?')[0]}`)
    expect(asked.filter((line) => line.startsWith('GET '))).toEqual([])
  })

  test('an earlier head that cannot be read is reported and gives exit code 1', async () => {
    await using world = await changeWithMovedHead()
    const { scene } = world
    const broken = { kind: 'respond', status: 502, body: {} } as const
    scene.sandbox.faults.add({ action: { kind: 'graphql-refused' } })
    scene.sandbox.faults.add({ method: 'GET', path: /\/activity$/u, action: broken })
    const { code, stdout } = await scene.orch('invalidate DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('an earlier head may still have success')
  })

  test('a success on an earlier head from another poster is left unchanged', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', branch)
    const earlier = await scene.head('repoB', branch)
    await scene.postStatus('repoB', earlier, 'success', 'by hand')
    await scene.push('repoB', branch)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.statusesOf('repoB', earlier)).toEqual(['success by hand'])
  })

  test('a success on an earlier head that is the head of another open pull request is left unchanged', async () => {
    await using world = await changeWithMovedHead()
    const { scene, earlier } = world
    await scene.sandbox.admin.moveBranch('acme/repoB', 'DPTA-2', earlier)
    await scene.sandbox.admin.openPull('acme/repoB', { head: 'DPTA-2' })
    expect((await scene.orch('invalidate DPTA-1')).code).toBe(0)
    expect(scene.statusesOf('repoB', earlier)[0]).toMatch(/^success/u)
  })
})

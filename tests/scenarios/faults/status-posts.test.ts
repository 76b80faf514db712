import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const branch = 'DPTA-1'
const outage = { kind: 'respond' as const, status: 502 }

/** A run of repoB and repoD whose statuses on repoD GitHub does not accept from the end of the builds on. */
async function changeWithoutStatusesOnD() {
  const scene = await Scene.open()
  const inB = await scene.change('repoB', branch)
  await scene.change('repoD', branch)
  const running = scene.start(`run ${branch}`)
  await scene.untilBuilding('repoD')
  const mend = scene.sandbox.faults.add({ method: 'POST', path: /\/repoD\/statuses\//u, action: outage })
  while (!(await scene.status('repoB', branch)).startsWith('success')) await scene.clock.advance(500)
  return { scene, inB, running, mend, [Symbol.asyncDispose]: () => scene.close() }
}

describe('a success that GitHub does not accept', () => {
  test('is repeated until GitHub accepts it, although the first pull request was merged meanwhile', async () => {
    await using world = await changeWithoutStatusesOnD()
    const { scene, inB, running, mend } = world
    expect(await scene.merge('repoB', inB)).toBeNull()
    await scene.clock.advance(10_000)
    mend()
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(0)
    expect(await scene.status('repoD', branch)).toMatch(/^success run:ID/u)
    expect(stdout).toMatch(/repoD#1 +not unlocked .*; trying again/u)
  })

  test('is given up after ten minutes, and a part that was merged meanwhile is reported with exit code 5', async () => {
    await using world = await changeWithoutStatusesOnD()
    const { scene, inB, running, mend } = world
    expect(await scene.merge('repoB', inB)).toBeNull()
    await scene.clock.advance(11 * 60_000)
    mend()
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(5)
    expect(stdout).toContain('acme/repoB#1 was merged, but the rest is locked')
    expect(stdout).toContain('not merged: acme/repoD#1')
    expect(await scene.status('repoD', branch)).toMatch(/^pending run:ID revoked: /u)
  })

  test('is not repeated over an invalidation that came meanwhile', async () => {
    await using world = await changeWithoutStatusesOnD()
    const { scene, running, mend } = world
    await scene.clock.advance(5_000)
    mend()
    await scene.postStatus('repoD', await scene.head('repoD', branch), 'pending', 'inv:abcdef12 somebody pushed')
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    expect(stdout).toContain('was invalidated (inv:abcdef12)')
    expect(await scene.status('repoD', branch)).toBe('pending inv:ID somebody pushed')
    expect(await scene.status('repoB', branch)).toMatch(/^pending run:ID revoked: /u)
    expect((await scene.statuses('repoD', branch)).some((status) => status.startsWith('success'))).toBe(false)
  })

  test('is refused for good, and a part that was merged meanwhile is reported with exit code 5', async () => {
    await using scene = await Scene.open()
    const inB = await scene.change('repoB', branch)
    await scene.change('repoD', branch)
    const running = scene.start(`run ${branch}`)
    await scene.untilBuilding('repoD')
    const path = /\/repoD\/statuses\//u
    const refusal = { kind: 'respond' as const, status: 422, body: { message: 'Validation Failed' } }
    const mends = [{ kind: 'delay' as const, ms: 5_000 }, refusal].map((action) =>
      scene.sandbox.faults.add({ method: 'POST', path, action }),
    )
    while (!(await scene.status('repoB', branch)).startsWith('success')) await scene.clock.advance(100)
    expect(await scene.merge('repoB', inB)).toBeNull()
    for (const mend of mends) mend()
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(5)
    expect(stdout).toContain('not merged: acme/repoD#1')
  })

  test('does not keep the command from ending within five seconds after a signal', async () => {
    await using world = await changeWithoutStatusesOnD()
    const { scene, running } = world
    await scene.clock.advance(60_000)
    const signalled = scene.clock.now()
    running.signal()
    const { code } = await scene.clock.until(running.ended)
    expect(code).toBe(130)
    expect(scene.clock.now() - signalled).toBeLessThanOrEqual(5_000)
    expect(await scene.status('repoB', branch)).toMatch(/^error/u)
  })
})

describe('other statuses that GitHub does not accept for a while', () => {
  test('the first pending is repeated, and nothing is dispatched before', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', branch)
    scene.sandbox.faults.add({ method: 'POST', path: /\/statuses\//u, lasts: 60_000, action: outage })
    const { code } = await scene.orch(`run ${branch}`)
    expect(code).toBe(0)
    expect(scene.dispatches()).toHaveLength(1)
    expect(scene.posts().filter((post) => post.startsWith('pending')).length).toBeGreaterThan(3)
  })

  test('the status of a failed build is repeated until GitHub accepts it', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', branch)
    scene.builds.script('acme/repoB').concludes('failure')
    const running = scene.start(`run ${branch}`)
    await scene.untilBuilding('repoB')
    scene.sandbox.faults.add({ method: 'POST', path: /\/statuses\//u, lasts: 3 * 60_000, action: outage })
    expect((await scene.clock.until(running.ended)).code).toBe(1)
    expect(await scene.status('repoB', branch)).toMatch(/^failure/u)
  })

  test('an invalidation is repeated until GitHub accepts it', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', branch)
    scene.sandbox.faults.add({ method: 'POST', path: /\/statuses\//u, lasts: 20_000, action: outage })
    expect((await scene.orch(`invalidate ${branch}`)).code).toBe(0)
    expect(await scene.status('repoB', branch)).toMatch(/^pending inv:ID/u)
  })
})

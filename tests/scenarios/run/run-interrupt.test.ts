import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

async function building() {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoC', 'repoE']) await scene.change(name, 'DPTA-1')
  scene.builds.script('acme/repoB').holds()
  scene.builds.script('acme/repoC').holds()
  const running = scene.start('run DPTA-1')
  await scene.untilBuilding('repoB')
  await scene.untilBuilding('repoC')
  await scene.clock.advance(60_000)
  return { scene, running, [Symbol.asyncDispose]: () => scene.close() }
}

describe('Ctrl-C', () => {
  test.each(['SIGINT', 'SIGTERM'])(
    '%s cancels every started run at once and before anything else, posts error and exits 130',
    async (signal) => {
      await using world = await building()
      const { scene, running } = world
      scene.sandbox.requests.length = 0
      const signalled = scene.clock.now()
      running.signal(signal)
      const { code, stdout } = await scene.clock.until(running.ended)
      expect(code).toBe(130)
      expect(scene.clock.now() - signalled).toBeLessThanOrEqual(5_000)
      const methods = scene.sandbox.requests.map(({ method, path }) => `${method} ${path.replace(/\d{5,}/u, 'ID')}`)
      expect(methods.slice(0, 2).sort()).toEqual([
        'POST /repos/acme/repoB/actions/runs/ID/cancel',
        'POST /repos/acme/repoC/actions/runs/ID/cancel',
      ])
      expect(stdout).toContain(`interrupted by ${signal}`)
      for (const name of ['repoB', 'repoC', 'repoE'])
        expect(await scene.status(name, 'DPTA-1')).toBe(
          `error run:ID interrupted by ${signal}; its runs were cancelled`,
        )
      await scene.clock.until(scene.sandbox.admin.idle())
      expect([...scene.conclusions('repoB'), ...scene.conclusions('repoC')]).toEqual(['cancelled', 'cancelled'])
      expect(scene.dispatches()).not.toContain('repoE build.yml@DPTA-1')
    },
  )

  test('Ctrl-C ends the command within five seconds even if GitHub never answers the cancels', async () => {
    await using world = await building()
    const { scene, running } = world
    scene.sandbox.faults.add({ method: 'POST', path: /cancel$/u, action: { kind: 'hang' } })
    const signalled = scene.clock.now()
    running.signal()
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(130)
    expect(scene.clock.now() - signalled).toBeLessThanOrEqual(5_000)
    expect(stdout).toContain('it is not known whether these runs were cancelled: repoB, repoC')
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
  })

  test('Ctrl-C ends the command within five seconds even if GitHub never accepts the statuses', async () => {
    await using world = await building()
    const { scene, running } = world
    scene.sandbox.faults.add({ method: 'POST', path: /statuses/u, action: { kind: 'hang' } })
    const signalled = scene.clock.now()
    running.signal()
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(130)
    expect(scene.clock.now() - signalled).toBeLessThanOrEqual(5_000)
    expect(stdout).toMatch(/(?:is|are) still pending/u)
    await scene.clock.until(scene.sandbox.admin.idle())
    expect(scene.conclusions('repoB')).toEqual(['cancelled'])
  })

  test('a second Ctrl-C ends the command at once', async () => {
    await using world = await building()
    const { scene, running } = world
    scene.sandbox.faults.add({ method: 'POST', action: { kind: 'hang' } })
    running.signal()
    await scene.clock.advance(500)
    const signalled = scene.clock.now()
    running.signal()
    expect((await scene.clock.until(running.ended)).code).toBe(130)
    expect(scene.clock.now()).toBe(signalled)
  })

  test('Ctrl-C before the first dispatch prevents every dispatch', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.sandbox.faults.add({ method: 'POST', path: /statuses/u, times: 1, action: { kind: 'delay', ms: 1_000 } })
    const running = scene.start('run DPTA-1')
    await scene.untilAsked('POST', /statuses/u)
    running.signal()
    expect((await scene.clock.until(running.ended)).code).toBe(130)
    expect(scene.dispatches()).toEqual([])
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error run:ID interrupted by SIGINT/u)
  })

  test('Ctrl-C during a dispatch cancels its run as soon as its ID is known', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.sandbox.faults.add({ method: 'POST', path: /dispatches$/u, action: { kind: 'delay', ms: 1_000 } })
    const running = scene.start('run DPTA-1')
    await scene.untilAsked('POST', /dispatches$/u)
    running.signal()
    expect((await scene.clock.until(running.ended)).code).toBe(130)
    await scene.clock.until(scene.sandbox.admin.idle())
    expect(scene.conclusions('repoB')).toEqual(['cancelled'])
  })
})

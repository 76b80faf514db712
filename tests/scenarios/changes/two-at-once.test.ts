import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

/** A run of DPTA-1 with pull requests in repoB and repoD; both builds run until released. */
async function building(words = 'run DPTA-1') {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  await scene.change('repoD', 'DPTA-1')
  scene.builds.script('acme/repoB').holds()
  scene.builds.script('acme/repoD').holds()
  const running = scene.start(words)
  await scene.untilBuilding('repoB')
  await scene.untilBuilding('repoD')
  return { scene, running, [Symbol.asyncDispose]: () => scene.close() }
}

describe('change read again during the build', () => {
  test('a change that moves during hours of building ends superseded within a minute of the push', async () => {
    await using world = await building()
    const { scene, running } = world
    const since = scene.clock.now()
    await scene.push('repoB', 'DPTA-1')
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    expect(stdout).toMatch(/superseded +acme\/repoB moved/u)
    expect(scene.clock.now() - since).toBeLessThan(60_000)
  })

  test('a change that moves has the run of the old commit cancelled, and the other run left for the next orchestration', async () => {
    await using world = await building()
    const { scene, running } = world
    await scene.push('repoB', 'DPTA-1')
    const { stdout } = await scene.clock.until(running.ended)
    expect(scene.conclusions('repoB')).toEqual(['cancelled'])
    expect(scene.conclusions('repoD')).toEqual([null])
    expect(stdout).toMatch(/repoD +left running/u)
  })

  test('a change that moves dispatches nothing more', async () => {
    await using world = await building()
    const { scene, running } = world
    await scene.change('repoE', 'DPTA-1')
    scene.builds.script('acme/repoB').release('success')
    scene.builds.script('acme/repoD').release('success')
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    expect(stdout).toContain('the branch appeared in acme/repoE')
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a change is not superseded after a single stale reading from a lagging replica', async () => {
    await using world = await building()
    const { scene, running } = world
    const head = await scene.head('repoB', 'DPTA-1')
    const main = await scene.head('repoB', 'main')
    const reading = { isShown: false }
    scene.before('POST', /\/graphql$/u, async () => {
      await scene.sandbox.admin.moveBranch('acme/repoB', 'DPTA-1', main)
      reading.isShown = true
    })
    // Exactly one reading falls into this interval; the confirming reading follows five seconds later.
    while (!reading.isShown) await scene.clock.advance(1_000)
    await scene.sandbox.admin.moveBranch('acme/repoB', 'DPTA-1', head)
    await scene.clock.advance(60_000)
    scene.builds.script('acme/repoB').release('success')
    scene.builds.script('acme/repoD').release('success')
    const { code, outputLines } = await scene.clock.until(running.ended)
    expect(outputLines.some((line) => line.startsWith('DPTA-1 changed acme/repoB moved'))).toBe(true)
    expect(code).toBe(0)
  })
})

describe('two orchestrations of one change', () => {
  // `--anew` is the former name of `--new`.
  test.each(['--new', '--anew'])(
    'the older of two orchestrations ends within a minute of the claim by run %s, and cancels nothing',
    async (flag) => {
      await using world = await building()
      const { scene, running } = world
      const newer = scene.start(`run DPTA-1 ${flag}`, { seed: 8 })
      const since = scene.clock.now()
      const { code, stdout } = await scene.clock.until(running.ended)
      expect(code).toBe(1)
      expect(stdout).toMatch(/superseded +the orchestration [a-z0-9]{16} claimed acme\/repo/u)
      expect(scene.clock.now() - since).toBeLessThan(60_000)
      expect(scene.conclusions('repoB')).toEqual([null])
      for (const name of ['repoB', 'repoD']) scene.builds.script(`acme/${name}`).release('success')
      expect((await scene.clock.until(newer.ended)).code).toBe(0)
    },
  )

  test('two orchestrations that start at the same moment do not both give way: exactly one unlocks', async () => {
    const scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'DPTA-1')
    for (const name of ['repoB', 'repoD'])
      scene.builds.script(`acme/${name}`).concludes('success', { after: 120_000, times: 2 })
    const one = scene.start('run DPTA-1')
    const other = scene.start('run DPTA-1 --new', { seed: 8 })
    const ends = [await scene.clock.until(one.ended), await scene.clock.until(other.ended)]
    expect(ends.map(({ code }) => code).sort()).toEqual([0, 1])
    expect(ends.find(({ code }) => code === 1)?.stdout).toMatch(/superseded +the orchestration/u)
    for (const name of ['repoB', 'repoD']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^success/u)
    await scene.close()
  })
})

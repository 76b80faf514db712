import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

/** The path of the requests that read changes. */
const query = /\/graphql$/u

/** A run of DPTA-1 with pull requests in repoB and repoD; the build of repoB runs until released. */
async function building(options: { unprotected?: string[] } = {}) {
  const scene = await Scene.open(options)
  const inB = await scene.change('repoB', 'DPTA-1')
  const inD = await scene.change('repoD', 'DPTA-1')
  scene.builds.script('acme/repoB').holds()
  const running = scene.start('run DPTA-1')
  await scene.untilBuilding('repoB')
  await scene.clock.advance(60_000)
  const finish = () => {
    scene.builds.script('acme/repoB').release('success')
    return scene.clock.until(running.ended)
  }
  return { scene, inB, inD, finish, [Symbol.asyncDispose]: () => scene.close() }
}

async function expectMergesRefused(scene: Scene, pulls: Record<string, number>): Promise<void> {
  for (const [name, number] of Object.entries(pulls)) expect(await scene.merge(name, number)).toMatch(/405/u)
}

describe('change that moves during the build', () => {
  test('a push during the build ends superseded, and nothing is unlocked', async () => {
    await using world = await building()
    const { scene, inB, inD, finish } = world
    const tested = await scene.head('repoB', 'DPTA-1')
    await scene.push('repoB', 'DPTA-1')
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain('superseded')
    expect(stdout).toContain(`acme/repoB moved from ${tested.slice(0, 7)}`)
    expect(await scene.statuses('repoB', 'DPTA-1')).toEqual([])
    expect(scene.statusesOf('repoB', tested)[0]).toMatch(/^error/u)
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^error/u)
    await expectMergesRefused(scene, { repoB: inB, repoD: inD })
  })

  test('a branch that appears in another repository of the graph ends superseded', async () => {
    await using world = await building()
    const { scene, inB, inD, finish } = world
    await scene.push('repoC', 'DPTA-1')
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain('the branch appeared in acme/repoC')
    await expectMergesRefused(scene, { repoB: inB, repoD: inD })
  })

  test('a branch that disappears from a repository ends superseded', async () => {
    await using world = await building()
    const { scene, inB, finish } = world
    await scene.sandbox.admin.deleteBranch('acme/repoD', 'DPTA-1')
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain('superseded')
    await expectMergesRefused(scene, { repoB: inB })
  })

  test('a pull request that is closed during the build ends superseded', async () => {
    await using world = await building()
    const { scene, inB, inD, finish } = world
    scene.sandbox.admin.closePull('acme/repoD', inD)
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain(`acme/repoD#${inD} was closed`)
    await expectMergesRefused(scene, { repoB: inB })
  })

  test('another branch with the same head that opens a pull request ends superseded, because success would unlock that one too', async () => {
    await using world = await building()
    const { scene, inB, finish } = world
    await scene.sandbox.admin.moveBranch('acme/repoB', 'other', 'DPTA-1')
    await scene.sandbox.admin.openPull('acme/repoB', { head: 'other' })
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain('has the same head commit')
    await expectMergesRefused(scene, { repoB: inB })
  })

  test('an invalidation during the build ends superseded, and the invalidation stays', async () => {
    await using world = await building()
    const { scene, inB, inD, finish } = world
    expect((await scene.orch(['invalidate', 'DPTA-1', '--reason', 'a new base'])).code).toBe(0)
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toMatch(/acme\/repoB was invalidated \(inv:[a-z0-9]+\)/u)
    for (const name of ['repoB', 'repoD']) expect(await scene.status(name, 'DPTA-1')).toBe('pending inv:ID a new base')
    await expectMergesRefused(scene, { repoB: inB, repoD: inD })
  })

  test('a status from another client during the build ends superseded, and that status is left unchanged', async () => {
    await using world = await building()
    const { scene, finish } = world
    await scene.postStatus('repoB', await scene.head('repoB', 'DPTA-1'), 'success', 'by hand')
    const { code, stdout, outputLines } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain('the status on acme/repoB was set to success outside this orchestration')
    expect(outputLines.some((line) => line.startsWith('repoB#1 left alone'))).toBe(true)
    expect(await scene.status('repoB', 'DPTA-1')).toBe('success by hand')
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^error/u)
  })

  test('a second orchestration of the change takes over: the first ends superseded, the second unlocks', async () => {
    await using world = await building()
    const { scene, inB, finish } = world
    const second = scene.start('run DPTA-1 --new')
    await scene.clock.advance(5_000)
    const { code, stdout } = await finish()
    expect((await scene.clock.until(second.ended)).code).toBe(0)
    expect(code).toBe(1)
    expect(stdout).toMatch(/the orchestration [a-z0-9]+ claimed/u)
    expect(await scene.merge('repoB', inB)).toBeNull()
  })

  test('a pull request that is merged at its tested commit during the build lets the rest be unlocked', async () => {
    await using world = await building({ unprotected: ['repoB'] })
    const { scene, inB, inD, finish } = world
    expect(await scene.merge('repoB', inB)).toBeNull()
    const { code, stdout } = await finish()
    expect(code).toBe(0)
    expect(stdout).toContain(`acme/repoB#${inB} was merged`)
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^success/u)
    expect(await scene.merge('repoD', inD)).toBeNull()
  })

  test('a pull request that is merged and whose branch is deleted at once lets the rest be unlocked', async () => {
    await using world = await building({ unprotected: ['repoB'] })
    const { scene, inB, finish } = world
    await scene.merge('repoB', inB)
    await scene.sandbox.admin.deleteBranch('acme/repoB', 'DPTA-1')
    expect((await finish()).code).toBe(0)
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^success/u)
  })

  test('a merged pull request with another one that moves ends partially merged, with a prominent message and exit code 5', async () => {
    await using world = await building({ unprotected: ['repoB'] })
    const { scene, inB, inD, finish } = world
    await scene.merge('repoB', inB)
    await scene.push('repoD', 'DPTA-1')
    const { code, stdout } = await finish()
    expect(code).toBe(5)
    expect(stdout).toContain('PARTIALLY MERGED')
    await expectMergesRefused(scene, { repoD: inD })
  })

  test('a pull request that is merged at an untested commit prevents success', async () => {
    await using world = await building({ unprotected: ['repoB'] })
    const { scene, inB, inD, finish } = world
    await scene.push('repoB', 'DPTA-1')
    await scene.merge('repoB', inB)
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain('which was not tested')
    await expectMergesRefused(scene, { repoD: inD })
  })
})

describe('change that moves between two requests', () => {
  test.each(['run DPTA-1', 'run DPTA-1 --no-fail-fast'])(
    'a push between plan and dispatch cancels the run of the other commit, and orch %s ends superseded',
    async (command) => {
      await using scene = await Scene.open()
      await scene.change('repoB', 'DPTA-1')
      await scene.change('repoE', 'DPTA-1')
      const started = scene.clock.now()
      const planned = await scene.head('repoB', 'DPTA-1')
      scene.builds.script('acme/repoB').holds()
      scene.before('POST', /dispatches$/u, () => scene.push('repoB', 'DPTA-1'))
      const { code, outputLines, stdout } = await scene.orch(command)
      expect(code).toBe(1)
      expect(scene.clock.now() - started).toBeLessThan(60_000)
      expect(scene.conclusions('repoB')).toEqual(['cancelled'])
      expect(scene.sandbox.admin.runs('acme/repoB')[0]?.headSha).not.toBe(planned)
      expect(outputLines.some((line) => line.startsWith('repoB moved'))).toBe(true)
      expect(stdout).toContain('superseded')
      expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1'])
    },
  )

  test('a push right after success was posted takes success back everywhere', async () => {
    await using scene = await Scene.open()
    const inB = await scene.change('repoB', 'DPTA-1')
    const inD = await scene.change('repoD', 'DPTA-1')
    const tested = await scene.head('repoB', 'DPTA-1')
    // The last post of success is followed by the second reading.
    const isSuccess = (name: string): boolean =>
      scene.statusesOf(name, shas[name] ?? '')[0]?.startsWith('success') ?? false
    const shas: Record<string, string> = { repoB: tested, repoD: await scene.head('repoD', 'DPTA-1') }
    const pushWhenUnlocked = (): void =>
      scene.before('POST', query, async () => {
        if (isSuccess('repoB') && isSuccess('repoD')) await scene.push('repoB', 'DPTA-1')
        else pushWhenUnlocked()
      })
    pushWhenUnlocked()
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('superseded')
    expect(scene.statusesOf('repoB', tested)[0]).toMatch(/^pending run:[a-z0-9]+ revoked: /u)
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^pending run:ID revoked: /u)
    expect(await scene.merge('repoB', inB)).toMatch(/405/u)
    expect(await scene.merge('repoD', inD)).toMatch(/405/u)
  })

  test('an invalidation right before the second reading is not overwritten', async () => {
    await using scene = await Scene.open({ buildMs: 20_000 })
    await scene.change('repoB', 'DPTA-1')
    const sha = await scene.head('repoB', 'DPTA-1')
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    // The first of these requests polls the change during the build.
    scene.before('POST', query, () => undefined)
    scene.before('POST', query, () => scene.postStatus('repoB', sha, 'pending', 'inv:abcdef01 something changed'))
    const { code } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    expect(scene.statusesOf('repoB', sha)).toHaveLength(2)
    expect(await scene.status('repoB', 'DPTA-1')).toBe('pending inv:ID something changed')
  })

  test('an invalidation between the second reading and success takes success back everywhere', async () => {
    await using scene = await Scene.open()
    const inB = await scene.change('repoB', 'DPTA-1')
    const inD = await scene.change('repoD', 'DPTA-1')
    const sha = await scene.head('repoB', 'DPTA-1')
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    scene.before('POST', new RegExp(`/statuses/${sha}$`, 'u'), () =>
      scene.postStatus('repoB', sha, 'pending', 'inv:abcdef01 something changed'),
    )
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    expect(stdout).toContain('superseded')
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending run:ID revoked: /u)
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^pending run:ID revoked: /u)
    expect(await scene.merge('repoB', inB)).toMatch(/405/u)
    expect(await scene.merge('repoD', inD)).toMatch(/405/u)
  })
})

describe('branch and pull request with different heads', () => {
  /** Makes the next answers show the pull request of repoB at another head, as GitHub may for seconds after a push. */
  async function showHead(scene: Scene, times: number, sha: string): Promise<void> {
    const head = await scene.head('repoB', 'DPTA-1')
    scene.alter(query, times, (body) => body.replaceAll(`"headRefOid":"${head}"`, `"headRefOid":"${sha}"`))
  }

  test('a branch and its pull request with different heads are read again until they agree', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const late = await scene.head('repoB', 'DPTA-1')
    await scene.push('repoB', 'DPTA-1')
    await showHead(scene, 3, late)
    const { code } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^success/u)
  })

  test('a branch and its pull request whose heads never agree exit 1, and nothing is written', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const late = await scene.head('repoB', 'DPTA-1')
    await scene.push('repoB', 'DPTA-1')
    await showHead(scene, Infinity, late)
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('the change cannot be planned: acme/repoB#1 has the head')
    expect(scene.writes()).toEqual([])
  })

  test('a branch and its pull request with different heads delay success until they agree', async () => {
    await using world = await building()
    const { scene, inB, finish } = world
    await showHead(scene, 2, '1'.repeat(40))
    const { code, outputLines } = await finish()
    expect(code).toBe(0)
    expect(outputLines.some((line) => line.startsWith('DPTA-1 unsettled'))).toBe(true)
    expect(await scene.merge('repoB', inB)).toBeNull()
  })
})

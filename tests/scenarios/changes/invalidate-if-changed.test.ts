import { describe, expect, test } from 'vitest'
import { openPull, reopenPull } from '../../support/pull-requests.js'
import { Scene } from '../../support/scene.js'

const unlocked = 'success run:ID set:DIGEST ok, 2 repositories built together'
const words = ['invalidate', 'DPTA-1', '--if-changed', '--reason', 'repoD changed']
const allLocked = 'Nothing to lock: no open pull request has a success.\n'
const allGreen = 'Nothing to lock: each success is for the change as it is now.\n'

interface World extends AsyncDisposable {
  scene: Scene
}

/** A green change of repoB and repoD. Only the named ones have a pull request. */
async function greenChange(withPullRequest: readonly string[] = ['repoB', 'repoD']): Promise<World> {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoD']) {
    if (withPullRequest.includes(name)) await scene.change(name, 'DPTA-1')
    else await scene.push(name, 'DPTA-1', { 'change.txt': `DPTA-1 in ${name}\n` })
  }
  expect((await scene.orch('run DPTA-1')).code).toBe(0)
  scene.sandbox.requests.length = 0
  return { scene, [Symbol.asyncDispose]: () => scene.close() }
}

async function expectLocked(scene: Scene, names: readonly string[]): Promise<void> {
  for (const name of names) expect(await scene.status(name, 'DPTA-1')).toBe('pending inv:ID repoD changed')
}

async function expectNothingPosted(scene: Scene, line: string): Promise<void> {
  scene.sandbox.requests.length = 0
  expect(await scene.orch(words)).toMatchObject({ code: 0, stdout: line, stderr: '' })
  expect(scene.writes()).toEqual([])
}

describe('orch invalidate --if-changed while the change builds', () => {
  test('a pull request that is opened for a member without one joins the run, and both are unlocked', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.push('repoD', 'DPTA-1', { 'change.txt': 'DPTA-1 in repoD\n' })
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    await scene.clock.advance(60_000)
    const number = await openPull(scene, 'repoD')
    await expectNothingPosted(scene, allLocked)
    await scene.clock.advance(60_000)
    await expectNothingPosted(scene, allLocked)

    scene.builds.script('acme/repoB').release('success')
    expect((await scene.clock.until(running.ended)).code).toBe(0)
    for (const name of ['repoB', 'repoD']) expect(await scene.status(name, 'DPTA-1')).toBe(unlocked)
    await expectNothingPosted(scene, allGreen)
    expect(await scene.merge('repoD', number)).toBeNull()
  })

  test('a repository that gets the branch and a pull request ends the run, whose own reading finds it', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    await scene.change('repoD', 'DPTA-1')
    await expectNothingPosted(scene, allLocked)
    scene.builds.script('acme/repoB').release('success')
    expect(await scene.clock.until(running.ended)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the branch appeared in acme/repoD') as string,
    })
    expect(scene.posts()).not.toContain('success repoB')
  })
})

describe('orch invalidate --if-changed after success', () => {
  test('a green change stays unlocked', async () => {
    await using world = await greenChange()
    await expectNothingPosted(world.scene, allGreen)
  })

  test('a new member locks the others', async () => {
    await using world = await greenChange()
    const { scene } = world
    await scene.change('repoC', 'DPTA-1')
    expect((await scene.orch(words)).code).toBe(0)
    await expectLocked(scene, ['repoB', 'repoC', 'repoD'])
  })

  test('a branch that appears without a pull request locks the change', async () => {
    await using world = await greenChange()
    const { scene } = world
    await scene.push('repoC', 'DPTA-1')
    expect((await scene.orch(words)).code).toBe(0)
    await expectLocked(scene, ['repoB', 'repoD'])
  })

  test('a pull request that is opened at the tested commit after the run locks the others, which could be merged without it', async () => {
    await using world = await greenChange(['repoB'])
    const { scene } = world
    await openPull(scene, 'repoD')
    expect((await scene.orch(words)).code).toBe(0)
    await expectLocked(scene, ['repoB', 'repoD'])
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
    await expectNothingPosted(scene, allGreen)
  })

  test('a pull request that is reopened with its success is locked with the others', async () => {
    await using world = await greenChange()
    const { scene } = world
    scene.sandbox.admin.closePull('acme/repoD', 1)
    await scene.orch(['invalidate', 'DPTA-1', '--reason', 'repoD changed'])
    expect(await scene.status('repoD', 'DPTA-1')).toBe(unlocked)
    await reopenPull(scene, 'repoD', 1)
    expect((await scene.orch(words)).code).toBe(0)
    await expectLocked(scene, ['repoB', 'repoD'])
  })

  test('a draft that is opened at the tested commit after the run locks the others', async () => {
    await using world = await greenChange(['repoB'])
    const { scene } = world
    await openPull(scene, 'repoD', { draft: true })
    expect((await scene.orch(words)).code).toBe(0)
    await expectLocked(scene, ['repoB', 'repoD'])
  })

  test('another base of a pull request locks the change', async () => {
    await using world = await greenChange()
    const { scene } = world
    await scene.push('repoD', 'release')
    await openPull(scene, 'repoD', { base: 'release' })
    expect((await scene.orch(words)).code).toBe(0)
    await expectLocked(scene, ['repoB', 'repoD'])
  })

  test('a success that another client posted without a digest is locked', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.postStatus('repoB', await scene.head('repoB', 'DPTA-1'), 'success', 'by hand')
    expect((await scene.orch(words)).code).toBe(0)
    await expectLocked(scene, ['repoB'])
  })

  test('a repository that cannot be read locks the change, and the exit code is 1', async () => {
    await using world = await greenChange()
    const { scene } = world
    scene.sandbox.admin.renameRepository('acme/repoC', 'library')
    const { code, stdout } = await scene.orch(words)
    expect(code).toBe(1)
    expect(stdout).toContain('acme/repoC is now called acme/library')
    await expectLocked(scene, ['repoB', 'repoD'])
  })

  test('failed and pending pull requests are left alone', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('failure')
    expect((await scene.orch('run DPTA-1')).code).toBe(1)
    await expectNothingPosted(scene, allLocked)
  })
})

describe('orch invalidate --if-changed', () => {
  test('with --dry-run shows what would be locked, and writes nothing', async () => {
    await using world = await greenChange()
    const { scene } = world
    await scene.push('repoC', 'DPTA-1')
    const { code, stdout } = await scene.orch([...words, '--dry-run'])
    expect(code).toBe(0)
    expect(stdout).toContain('2 would be locked')
    expect(scene.writes()).toEqual([])
  })

  test('with --json says why nothing was locked', async () => {
    await using world = await greenChange()
    const { scene } = world
    const { stdout } = await scene.orch([...words, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ branch: 'DPTA-1', noLockReason: 'green', pullRequests: [] })
    await scene.push('repoC', 'DPTA-1')
    const locked = await scene.orch([...words, '--json'])
    expect(JSON.parse(locked.stdout)).toMatchObject({
      noLockReason: null,
      pullRequests: [{ result: 'invalidated' }, { result: 'invalidated' }],
    })
  })

  test('without a branch exits 2 before any request', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('invalidate --if-changed')
    expect(code).toBe(2)
    expect(stderr).toContain('error: --if-changed needs a branch')
    expect(scene.sandbox.requests).toEqual([])
  })
})

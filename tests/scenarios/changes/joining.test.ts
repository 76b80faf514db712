import { describe, expect, test } from 'vitest'
import type { RunningCommand } from '../../support/command.js'
import { openPull, reopenPull } from '../../support/pull-requests.js'
import { Scene } from '../../support/scene.js'

const unlocked = 'success run:ID set:DIGEST ok, 2 repositories built together'
const claimed = 'pending run:ID building 2 jobs of DPTA-1'

interface World extends AsyncDisposable {
  scene: Scene
  /** Lets the build of repoB end, and the run with it. */
  finish: () => ReturnType<Scene['orch']>
}

/** A run of DPTA-1 with the branch in repoB and repoD; the build of repoB runs until `finish`. Only the named ones have a pull request. */
async function building(withPullRequest: readonly string[]): Promise<World & { running: RunningCommand }> {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoD']) {
    if (withPullRequest.includes(name)) await scene.change(name, 'DPTA-1')
    else await scene.push(name, 'DPTA-1', { 'change.txt': `DPTA-1 in ${name}\n` })
  }
  scene.builds.script('acme/repoB').holds()
  const running = scene.start('run DPTA-1')
  await scene.untilBuilding('repoB')
  const finish = () => {
    scene.builds.script('acme/repoB').release('success')
    return scene.clock.until(running.ended)
  }
  return { scene, running, finish, [Symbol.asyncDispose]: () => scene.close() }
}

/** Acts right before repoB gets its success: the reading before success is over, and the job status of repoB is posted. */
function beforeSuccess(scene: Scene, act: () => unknown): void {
  const post = /repoB\/statuses/u
  scene.before('POST', post, () => scene.before('POST', post, act))
}

async function expectMerged(scene: Scene, pulls: Record<string, number>): Promise<void> {
  for (const [name, number] of Object.entries(pulls)) expect(await scene.merge(name, number)).toBeNull()
}

describe('a pull request event that changes nothing tested', () => {
  test('a pull request that is opened a minute after the start is locked while the builds run, and unlocked with the others', async () => {
    await using world = await building(['repoB'])
    const { scene, finish } = world
    await scene.clock.advance(60_000)
    const number = await openPull(scene, 'repoD')
    expect(await scene.merge('repoD', number)).toMatch(/405/u)
    await scene.clock.advance(60_000)
    expect(await scene.status('repoD', 'DPTA-1')).toBe(claimed)

    const { code, stdout } = await finish()
    expect(code).toBe(0)
    expect(stdout).toContain(`acme/repoD#${number} was opened at the planned commit`)
    for (const name of ['repoB', 'repoD']) expect(await scene.status(name, 'DPTA-1')).toBe(unlocked)
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
    await expectMerged(scene, { repoB: 1, repoD: number })
  })

  test('the first pull requests of a change may be opened while it builds', async () => {
    await using world = await building([])
    const { scene, finish } = world
    await scene.clock.advance(60_000)
    const numbers = { repoB: await openPull(scene, 'repoB'), repoD: await openPull(scene, 'repoD') }
    await scene.clock.advance(60_000)
    for (const name of ['repoB', 'repoD']) expect(await scene.status(name, 'DPTA-1')).toBe(claimed)
    expect((await finish()).code).toBe(0)
    for (const name of ['repoB', 'repoD']) expect(await scene.status(name, 'DPTA-1')).toBe(unlocked)
    await expectMerged(scene, numbers)
  })

  test('a pull request that is opened after the last reading during the builds is claimed before any pull request is unlocked', async () => {
    await using world = await building(['repoB'])
    const { scene, finish } = world
    await openPull(scene, 'repoD')
    expect((await finish()).code).toBe(0)
    expect(scene.posts()).toEqual(['pending repoB', 'pending repoD', 'success repoB', 'success repoD'])
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
  })

  test('a pull request that is opened while the others are unlocked is claimed and unlocked after another reading', async () => {
    await using world = await building(['repoB'])
    const { scene, finish } = world
    beforeSuccess(scene, () => openPull(scene, 'repoD'))
    expect((await finish()).code).toBe(0)
    expect(scene.posts()).toEqual(['pending repoB', 'success repoB', 'pending repoD', 'success repoD'])
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
  })

  test('a draft that is opened while the others are unlocked locks them again', async () => {
    await using world = await building(['repoB'])
    const { scene, finish } = world
    beforeSuccess(scene, () => openPull(scene, 'repoD', { draft: true }))
    expect((await finish()).code).toBe(8)
    for (const name of ['repoB', 'repoD'])
      expect(await scene.status(name, 'DPTA-1')).toBe('pending run:ID tested; waits for repoD#1: draft')
  })

  test('the success on an earlier head of a branch whose pull request joins is taken back', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    const earlier = await scene.head('repoD', 'DPTA-1')
    scene.sandbox.admin.closePull('acme/repoD', 1)
    await scene.push('repoD', 'DPTA-1', { 'other.txt': 'more\n' })
    scene.builds.script('acme/repoD').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoD', 2)
    await scene.clock.advance(60_000)
    expect(scene.statusesOf('repoD', earlier)[0]).toMatch(/^success/u)
    await openPull(scene, 'repoD')
    await scene.clock.advance(60_000)
    expect(scene.statusesOf('repoD', earlier)[0]).toMatch(/^pending/u)
    scene.builds.script('acme/repoD').release('success')
    expect((await scene.clock.until(running.ended)).code).toBe(0)
  })

  test('a pull request that is closed and reopened while the change builds is unlocked with the others', async () => {
    await using world = await building(['repoB', 'repoD'])
    const { scene, finish } = world
    scene.sandbox.admin.closePull('acme/repoD', 1)
    await scene.clock.advance(5 * 60_000)
    await reopenPull(scene, 'repoD', 1)
    await scene.clock.advance(60_000)
    expect((await finish()).code).toBe(0)
    for (const name of ['repoB', 'repoD']) expect(await scene.status(name, 'DPTA-1')).toBe(unlocked)
    expect(scene.dispatches()).toHaveLength(2)
    await expectMerged(scene, { repoB: 1, repoD: 1 })
  })

  test('a pull request that is opened in place of a closed one is unlocked with the others', async () => {
    await using world = await building(['repoB', 'repoD'])
    const { scene, finish } = world
    scene.sandbox.admin.closePull('acme/repoD', 1)
    await scene.clock.advance(5 * 60_000)
    expect(await openPull(scene, 'repoD')).toBe(2)
    await scene.clock.advance(60_000)
    const { code, stdout } = await finish()
    expect(code).toBe(0)
    expect(stdout).toContain('acme/repoD#2 was opened at the planned commit in place of #1')
    await expectMerged(scene, { repoB: 1, repoD: 2 })
  })

  test('a draft that joins holds the set, and the next run unlocks it without a build', async () => {
    await using world = await building(['repoB'])
    const { scene, finish } = world
    const number = await openPull(scene, 'repoD', { draft: true })
    await scene.clock.advance(60_000)
    const held = await finish()
    expect(held.code).toBe(8)
    for (const name of ['repoB', 'repoD'])
      expect(await scene.status(name, 'DPTA-1')).toBe(`pending run:ID tested; waits for repoD#${number}: draft`)
    scene.sandbox.admin.setDraft('acme/repoD', number, false)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a failed build is shown on the pull request that joined', async () => {
    await using world = await building(['repoD'])
    const { scene, running } = world
    await openPull(scene, 'repoB')
    await scene.clock.advance(60_000)
    scene.builds.script('acme/repoB').release('failure')
    expect((await scene.clock.until(running.ended)).code).toBe(1)
    for (const name of ['repoB', 'repoD']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^failure/u)
  })
})

describe('a pull request event that changes what is tested', () => {
  test('a pull request into another base than the planned one ends superseded', async () => {
    await using world = await building(['repoB'])
    const { scene, finish } = world
    await scene.push('repoD', 'release')
    const number = await openPull(scene, 'repoD', { base: 'release' })
    await scene.clock.advance(60_000)
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain(`acme/repoD#${number} was opened for this branch`)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
  })

  test('a pull request of a repository that had no branch ends superseded', async () => {
    await using world = await building(['repoB', 'repoD'])
    const { scene, finish } = world
    await scene.change('repoC', 'DPTA-1')
    await scene.clock.advance(60_000)
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain('the branch appeared in acme/repoC')
  })

  test('a pull request at another commit than the planned one ends superseded', async () => {
    await using world = await building(['repoB'])
    const { scene, finish } = world
    await scene.clock.advance(5_000)
    await scene.push('repoD', 'DPTA-1')
    await openPull(scene, 'repoD')
    await scene.clock.advance(60_000)
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain('acme/repoD moved from')
    expect(await scene.status('repoD', 'DPTA-1')).toBe('none')
  })

  test('a pull request does not join if another orchestration has claimed its head', async () => {
    await using world = await building([])
    const { scene, finish } = world
    await openPull(scene, 'repoB')
    const head = await scene.head('repoB', 'DPTA-1')
    await scene.postStatus('repoB', head, 'pending', 'run:other12345 building 2 jobs of DPTA-1')
    await scene.clock.advance(60_000)
    const { code, stdout } = await finish()
    expect(code).toBe(1)
    expect(stdout).toContain('the orchestration other12345 claimed acme/repoB')
    expect(await scene.statuses('repoB', 'DPTA-1')).toEqual(['pending run:other12345 building 2 jobs of DPTA-1'])
  })
})

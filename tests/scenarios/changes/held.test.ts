import { describe, expect, test } from 'vitest'
import { exampleGraph } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const ready = 'success run:ID set:DIGEST ok, 2 repositories built together'

/** Opens a scene with the branch in repoB and repoD; the pull request of repoD is number 1, as that of repoB. */
async function openWithPair(options: { isDraft?: boolean; unprotected?: string[] } = {}): Promise<Scene> {
  const { unprotected = [] } = options
  const scene = await Scene.open({ unprotected })
  await scene.change('repoB', 'DPTA-1')
  await scene.push('repoD', 'DPTA-1', { 'change.txt': 'DPTA-1 in repoD\n' })
  const draft = options.isDraft === true
  await scene.sandbox.admin.openPull('acme/repoD', { head: 'DPTA-1', draft })
  return scene
}

async function expectStatuses(scene: Scene, status: string): Promise<void> {
  expect(await scene.status('repoB', 'DPTA-1')).toBe(status)
  expect(await scene.status('repoD', 'DPTA-1')).toBe(status)
}

describe('a set that cannot be merged as a set', () => {
  test('a draft holds the tested set, and the next run unlocks it without a build', async () => {
    await using scene = await openWithPair({ isDraft: true })
    const held = await scene.orch('run DPTA-1')
    expect(held.code).toBe(8)
    expect(held.stdout).toContain('every build succeeded, but no pull request is unlocked: acme/repoD#1 is a draft')
    await expectStatuses(scene, 'pending run:ID tested; waits for repoD#1: draft')
    expect(await scene.merge('repoB', 1)).toMatch(/405/u)
    expect(scene.dispatches()).toHaveLength(2)

    scene.sandbox.admin.setDraft('acme/repoD', 1, false)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    await expectStatuses(scene, ready)
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a conflict with the base holds the tested set until the base no longer conflicts', async () => {
    await using scene = await openWithPair()
    const before = await scene.head('repoD', 'main')
    await scene.push('repoD', 'main', { 'change.txt': 'another text\n' })
    const held = await scene.orch('run DPTA-1')
    expect(held.code).toBe(8)
    expect(held.stdout).toContain('acme/repoD#1 conflicts with main')
    await expectStatuses(scene, 'pending run:ID tested; waits for repoD#1: conflicts with main')

    await scene.sandbox.admin.moveBranch('acme/repoD', 'main', before)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    await expectStatuses(scene, ready)
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a draft and a conflict in different repositories are both named', async () => {
    await using scene = await openWithPair({ isDraft: true })
    await scene.push('repoB', 'main', { 'change.txt': 'another text\n' })
    expect((await scene.orch('run DPTA-1')).code).toBe(8)
    await expectStatuses(scene, 'pending run:ID tested; waits for repoB#1: conflicts with main, repoD#1: draft')
  })

  test('a mergeability that GitHub computes for ten seconds is waited for', async () => {
    await using scene = await openWithPair()
    const run = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    await scene.push('repoB', 'main', { 'other.txt': 'moves the base\n' })
    scene.sandbox.admin.delayMergeability(10_000)
    const ended = await scene.clock.until(run.ended)
    expect(ended.code).toBe(0)
    expect(ended.stdout).toContain('GitHub has not computed whether acme/repoB#1 can be merged')
    await expectStatuses(scene, ready)
  })

  test('a mergeability that stays unknown for a minute holds the set', async () => {
    await using scene = await openWithPair()
    scene.sandbox.admin.delayMergeability(60 * 60_000)
    const startedAt = scene.clock.now()
    const held = await scene.orch('run DPTA-1')
    expect(held.code).toBe(8)
    const text = 'repoB#1: mergeability unknown, repoD#1: mergeability unknown'
    await expectStatuses(scene, `pending run:ID tested; waits for ${text}`)
    expect(scene.clock.now() - startedAt).toBeGreaterThan(60_000)
    expect(scene.clock.now() - startedAt).toBeLessThan(150_000)

    await scene.clock.advance(60 * 60_000)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    await expectStatuses(scene, ready)
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a pull request that becomes a draft while success is posted locks the set again', async () => {
    await using scene = await openWithPair()
    const convert = (): void => {
      if (scene.posts().some((post) => post.startsWith('success'))) scene.sandbox.admin.setDraft('acme/repoD', 1, true)
    }
    // Its claim, its success and the status of its job.
    for (let post = 0; post < 3; post += 1) scene.before('POST', /repoD\/statuses/u, convert)
    expect((await scene.orch('run DPTA-1')).code).toBe(8)
    expect(scene.posts()).toContain('success repoB')
    await expectStatuses(scene, 'pending run:ID tested; waits for repoD#1: draft')
  })

  test('a set that is unlocked already is locked again while one of its pull requests is a draft', async () => {
    await using scene = await openWithPair()
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    scene.sandbox.admin.setDraft('acme/repoB', 1, true)
    expect((await scene.orch('run DPTA-1')).code).toBe(8)
    await expectStatuses(scene, 'pending run:ID tested; waits for repoB#1: draft')
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a set with a merged and a draft pull request ends partially merged', async () => {
    await using scene = await openWithPair({ isDraft: true, unprotected: ['repoB'] })
    const run = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    expect(await scene.merge('repoB', 1)).toBeNull()
    const ended = await scene.clock.until(run.ended)
    expect(ended.code).toBe(5)
    expect(ended.stdout).toContain('acme/repoB#1 was merged, but the rest stays locked: acme/repoD#1 is a draft')
    expect(await scene.status('repoD', 'DPTA-1')).toBe('pending run:ID tested; waits for repoD#1: draft')
  })

  test('plan and status name a draft and a conflict', async () => {
    await using scene = await openWithPair({ isDraft: true })
    await scene.push('repoB', 'main', { 'change.txt': 'another text\n' })
    const plan = await scene.orch('plan DPTA-1')
    expect(plan.code).toBe(0)
    expect(plan.stdout).toContain('repoB#1 (conflicts with main)')
    expect(plan.stdout).toContain('repoD#1 (draft)')
    expect(plan.stdout).toContain('! acme/repoD#1 is a draft: the change is built, but it stays locked')
    await scene.orch('run DPTA-1')
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(8)
    expect(status.stdout).toContain('! acme/repoB#1 conflicts with main')
    expect(status.stdout).toContain('! acme/repoD#1 is a draft')
    expect(status.stdout).toContain('Pending: the change cannot be merged until what is named above is mended.')
  })

  test('status is pending while a pull request of an unlocked set is a draft', async () => {
    await using scene = await openWithPair()
    await scene.orch('run DPTA-1')
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
    scene.sandbox.admin.setDraft('acme/repoD', 1, true)
    expect((await scene.orch('status DPTA-1')).code).toBe(8)
  })

  test('a draft holds the set in the same way when GitHub answers no GraphQL', async () => {
    await using scene = await openWithPair({ isDraft: true })
    scene.sandbox.faults.add({ action: { kind: 'graphql-refused' } })
    expect((await scene.orch('run DPTA-1')).code).toBe(8)
    await expectStatuses(scene, 'pending run:ID tested; waits for repoD#1: draft')
    scene.sandbox.admin.setDraft('acme/repoD', 1, false)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
  })
})

describe('a member without a pull request', () => {
  const holding = exampleGraph.replace('jobs:', 'members-without-pull-request: hold\njobs:')
  const warning = 'acme/repoD has commits of this branch, but no pull request'

  test('plan, run and status warn of a member with commits and without a pull request', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.push('repoD', 'DPTA-1')
    expect((await scene.orch('plan DPTA-1')).stdout.replace(/\s+/gu, ' ')).toContain(`! ${warning}`)
    const run = await scene.orch('run DPTA-1')
    expect(run.code).toBe(0)
    expect(run.stdout).toContain(`${warning}: open one, or the change is merged without it`)
    expect((await scene.orch('status DPTA-1')).stdout).toContain(`! ${warning}`)
  })

  test('a branch without commits of its own needs no pull request', async () => {
    await using scene = await Scene.open({ graph: holding })
    await scene.change('repoB', 'DPTA-1')
    await scene.sandbox.admin.moveBranch('acme/repoD', 'DPTA-1', 'main')
    await scene.push('repoD', 'main', { 'later.txt': 'the base moved\n' })
    const run = await scene.orch('run DPTA-1')
    expect(run.code).toBe(0)
    expect(run.stdout).not.toContain('no pull request')
    expect((await scene.orch('status DPTA-1')).stdout).not.toContain('no pull request')
  })

  test('members-without-pull-request: hold keeps the set locked until the member has one', async () => {
    await using scene = await Scene.open({ graph: holding })
    await scene.change('repoB', 'DPTA-1')
    await scene.push('repoD', 'DPTA-1')
    const held = await scene.orch('run DPTA-1')
    expect(held.code).toBe(8)
    expect(held.stdout).toContain(`${warning}: open one, until then the change stays locked`)
    expect(await scene.status('repoB', 'DPTA-1')).toBe('pending run:ID tested; waits for repoD: no pull request')

    await scene.sandbox.admin.openPull('acme/repoD', { head: 'DPTA-1' })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    await expectStatuses(scene, ready)
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a held member whose partners are all merged ends partially merged', async () => {
    await using scene = await Scene.open({ graph: holding, unprotected: ['repoB'] })
    const number = await scene.change('repoB', 'DPTA-1')
    await scene.push('repoD', 'DPTA-1')
    const run = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    expect(await scene.merge('repoB', number)).toBeNull()
    const ended = await scene.clock.until(run.ended)
    expect(ended.code).toBe(5)
    expect(ended.stdout).toContain('acme/repoB#1 was merged, but the rest stays locked: acme/repoD has no pull request')
  })
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exampleGraph, markedWorkflow } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const branch = 'DPTA-1'

const marked = { '.github/workflows/build.yml': markedWorkflow }

/** A change in repoB and repoD whose workflows carry the marker. */
async function markedChange(): Promise<Scene> {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoD']) {
    await scene.push(name, 'main', marked)
    await scene.change(name, branch)
  }
  return scene
}

const twoBuilds = ['repoB', 'repoD'].map((name) => `${name} build.yml@DPTA-1`)

/** Starts twice on two machines, 1.5 s apart. The newer start succeeds, and each repository is built once. */
async function expectOneOfTwoStartsBuilds(scene: Scene): Promise<void> {
  const older = scene.start('run DPTA-1', { directory: await scene.anotherFolder() })
  await scene.clock.advance(1_500)
  const newer = scene.start('run DPTA-1', { seed: 8 })
  await scene.clock.until(older.ended)
  expect((await scene.clock.until(newer.ended)).code).toBe(0)
  expect(scene.dispatches().sort()).toEqual(twoBuilds)
}

describe('two starts at the same time', () => {
  test.each([500, 1_500, 5_000])(
    'two starts %d ms apart on two machines build everything once: the newer takes over the runs of the older',
    async (apart) => {
      await using scene = await markedChange()
      for (const name of ['repoB', 'repoD']) scene.builds.script(`acme/${name}`).concludes('success', { after: 90_000 })
      const older = scene.start('run DPTA-1', { directory: await scene.anotherFolder() })
      await scene.clock.advance(apart)
      const newer = scene.start('run DPTA-1', { seed: 8 })
      const ends = [await scene.clock.until(older.ended), await scene.clock.until(newer.ended)]
      expect(ends.map(({ code }) => code).sort()).toEqual([0, 1])
      expect(scene.dispatches().sort()).toEqual(twoBuilds)
      for (const name of ['repoB', 'repoD']) expect(await scene.status(name, branch)).toMatch(/^success/u)
    },
  )

  test('the newer of two starts takes over runs of the older that end before it looks for them', async () => {
    await using scene = await markedChange()
    for (const name of ['repoB', 'repoD']) scene.builds.script(`acme/${name}`).concludes('success', { after: 2_000 })
    await expectOneOfTwoStartsBuilds(scene)
  })

  test('the newer of two starts waits for a listing that lags by some seconds', async () => {
    await using scene = await markedChange()
    scene.sandbox.faults.add({
      method: 'GET',
      path: /\/actions\//u,
      times: Infinity,
      action: { kind: 'late-runs', ms: 15_000 },
    })
    for (const name of ['repoB', 'repoD']) scene.builds.script(`acme/${name}`).concludes('success', { after: 60_000 })
    await expectOneOfTwoStartsBuilds(scene)
  })

  test('two starts at the same time after an earlier failure build what failed once', async () => {
    await using scene = await markedChange()
    scene.builds.script('acme/repoB').concludes('failure')
    expect((await scene.orch('run DPTA-1 --no-fail-fast', { directory: await scene.anotherFolder() })).code).toBe(1)
    scene.sandbox.faults.add({
      method: 'GET',
      path: /\/actions\//u,
      times: Infinity,
      action: { kind: 'late-runs', ms: 8_000 },
    })
    scene.builds.script('acme/repoB').concludes('success', { after: 60_000 })
    const older = scene.start('run DPTA-1', { directory: await scene.anotherFolder(), seed: 7 })
    await scene.clock.advance(1_500)
    const newer = scene.start('run DPTA-1', { seed: 8 })
    const ends = [await scene.clock.until(older.ended), await scene.clock.until(newer.ended)]
    expect(ends.map(({ code }) => code).sort()).toEqual([0, 1])
    expect(scene.dispatches()).toEqual([...twoBuilds, twoBuilds[0]])
  })
})

describe('successful run of another orchestration', () => {
  test('it is reused where an invalidation was posted after the claim of that orchestration', async () => {
    await using scene = await markedChange()
    scene.builds.script('acme/repoD').concludes('success', { after: 120_000 })
    const older = scene.start('run DPTA-1', { directory: await scene.anotherFolder() })
    await scene.untilBuilding('repoD')
    await scene.push('repoB', branch, { 'fix.txt': 'fixed' })
    expect((await scene.orch('invalidate DPTA-1')).code).toBe(0)
    expect((await scene.clock.until(older.ended)).code).toBe(1)
    await scene.clock.advance(60_000)
    expect((await scene.orch('run DPTA-1', { seed: 8 })).code).toBe(0)
    expect(scene.dispatches()).toEqual([...twoBuilds, twoBuilds[0]])
  })

  /** An orchestration whose machine is lost, so that nobody writes records, while its builds end well. */
  async function lostBeforeItsRecords(by?: string): Promise<Scene> {
    const scene = await markedChange()
    const network = { isCut: false }
    const env: Record<string, string> =
      by === undefined ? {} : { GH_ENTERPRISE_TOKEN: scene.sandbox.admin.createToken(by) }
    scene.start('run DPTA-1', { network, env, directory: await scene.anotherFolder() })
    for (const name of ['repoB', 'repoD']) await scene.untilBuilding(name)
    await scene.clock.advance(2_000)
    network.isCut = true
    await scene.clock.advance(60_000)
    return scene
  }

  test('it is found by its marker and reused', async () => {
    await using scene = await lostBeforeItsRecords()
    expect((await scene.orch('run DPTA-1', { seed: 8 })).code).toBe(0)
    expect(scene.dispatches()).toEqual(twoBuilds)
  })

  test('it is built again with --force', async () => {
    await using scene = await lostBeforeItsRecords()
    expect((await scene.orch('run DPTA-1 --force', { seed: 8 })).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(4)
  })

  test('it is not reused if it is older than fresh-for', async () => {
    await using scene = await lostBeforeItsRecords()
    // The lost process still polls without an answer, which takes long if each poll of eight days is made.
    await scene.clock.skip(8 * 24 * 3_600_000)
    expect((await scene.orch('run DPTA-1', { seed: 8 })).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(4)
  })

  async function trust(scene: Scene, authors: string): Promise<void> {
    const graph = exampleGraph.replace('jobs:', `trusted-authors: ${authors}\njobs:`)
    await writeFile(join(scene.directory, 'orchestrator.yaml'), graph)
  }

  test('it is not reused if the graph file trusts only others', async () => {
    await using scene = await lostBeforeItsRecords()
    await trust(scene, 'ci-robot')
    expect((await scene.orch('run DPTA-1', { seed: 8 })).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(4)
  })

  test('it is reused if another user dispatched it whom the graph file trusts', async () => {
    await using scene = await lostBeforeItsRecords('ci-robot')
    await trust(scene, '[developer, ci-robot]')
    expect((await scene.orch('run DPTA-1', { seed: 8 })).code).toBe(0)
    expect(scene.dispatches()).toEqual(twoBuilds)
  })

  test('it is not reused if a user dispatched it whom the graph file does not name', async () => {
    await using scene = await lostBeforeItsRecords('somebody')
    expect((await scene.orch('run DPTA-1', { seed: 8 })).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(4)
  })

  test.each([
    ['ended', 60_000],
    ['is running', 900_000],
  ])('a run that %s is not reused by a job whose need is built again', async (_, after) => {
    await using scene = await Scene.open()
    for (const name of ['repoA', 'repoB']) {
      await scene.push(name, 'main', marked)
      await scene.change(name, branch)
    }
    scene.builds.script('acme/repoB').concludes('success', { after })
    const network = { isCut: false }
    scene.start('run DPTA-1', { network, directory: await scene.anotherFolder() })
    await scene.untilBuilding('repoB')
    network.isCut = true
    await scene.clock.advance(120_000)
    scene.sandbox.admin.rerun(scene.sandbox.admin.runs('acme/repoA')[0]?.id ?? 0)
    scene.builds.script('acme/repoA').concludes('failure')
    await scene.clock.advance(120_000)
    expect((await scene.orch('run DPTA-1', { seed: 8 })).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoA', 'repoB', 'repoA', 'repoB'].map((name) => `${name} build.yml@DPTA-1`))
  })
})

describe('second start with --event', () => {
  test('a second start reuses by its record what the first has just finished, when the listing never shows it', async () => {
    await using scene = await markedChange()
    for (const name of ['repoB', 'repoD']) scene.builds.script(`acme/${name}`).concludes('success', { after: 60_000 })
    scene.sandbox.faults.add({
      method: 'GET',
      path: /\/actions\/workflows\/build\.yml\/runs$/u,
      times: Infinity,
      action: { kind: 'respond', status: 200, body: { total_count: 0, workflow_runs: [] } },
    })
    scene.start('run DPTA-1 --event p-1', { directory: await scene.anotherFolder() })
    for (const name of ['repoB', 'repoD']) await scene.untilBuilding(name)
    await scene.clock.advance(56_000)
    const since = scene.clock.now()
    const again = scene.start('run DPTA-1 --event p-1', { seed: 8 })
    expect((await scene.clock.until(again.ended)).code).toBe(0)
    expect(scene.clock.now() - since).toBeLessThan(45_000)
    expect(scene.dispatches()).toEqual(twoBuilds)
  })

  test('a second start reuses a run that the listing shows just before its wait ends', async () => {
    await using scene = await markedChange()
    for (const name of ['repoB', 'repoD']) scene.builds.script(`acme/${name}`).concludes('success', { after: 60_000 })
    scene.sandbox.faults.add({
      method: 'GET',
      path: /\/actions\/workflows\//u,
      times: Infinity,
      action: { kind: 'late-runs', ms: 122_000 },
    })
    const network = { isCut: false }
    scene.start('run DPTA-1 --event p-1', { network, directory: await scene.anotherFolder() })
    for (const name of ['repoB', 'repoD']) await scene.untilBuilding(name)
    await scene.clock.advance(3_000)
    network.isCut = true
    const again = scene.start('run DPTA-1 --event p-1', { seed: 8 })
    expect((await scene.clock.until(again.ended)).code).toBe(0)
    expect(scene.dispatches()).toEqual(twoBuilds)
  })

  test('a second start reuses the build of the first by its record where the workflows carry no marker', async () => {
    await using scene = await Scene.open()
    await scene.change('repoA', branch)
    await scene.change('repoB', branch)
    scene.builds.script('acme/repoA').concludes('success', { after: 30_000 })
    const older = scene.start('run DPTA-1 --event p-1', { directory: await scene.anotherFolder() })
    await scene.untilBuilding('repoA')
    await scene.clock.until(older.ended)
    const again = await scene.orch('run DPTA-1 --event p-1', { seed: 8 })
    expect(again.code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
  })
})

import { describe, expect, test } from 'vitest'
import { exampleGraph } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const branch = 'DPTA-1'

/** A change in repoB, repoD and repoE, in which the build of repoB fails. */
async function changeWithFailure(): Promise<Scene> {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoD', 'repoE']) await scene.change(name, branch)
  scene.builds.script('acme/repoB').concludes('failure')
  return scene
}

/** Re-runs the failed jobs of the only run of a repository, as a person does on GitHub. */
function rerunByHand(scene: Scene, name: string): void {
  scene.sandbox.admin.rerun(scene.sandbox.admin.runs(`acme/${name}`)[0]?.id ?? 0, true)
}

describe('re-run by hand after the end of the orchestration', () => {
  test('a failed run that turned green after the orchestration ended is reused, and only the rest is built', async () => {
    await using scene = await changeWithFailure()
    expect((await scene.orch('run DPTA-1')).code).toBe(1)
    rerunByHand(scene, 'repoB')
    await scene.clock.advance(60_000)
    expect((await scene.orch('plan DPTA-1')).stdout).toMatch(/repoB +fresh +built less than a minute ago by run \d+/u)
    const before = scene.dispatches().length
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches().slice(before)).not.toContain('repoB build.yml@DPTA-1')
    for (const name of ['repoB', 'repoD', 'repoE']) expect(await scene.status(name, branch)).toMatch(/^success/u)
  })

  test('a run that orch cancelled at its time limit and that a person re-ran is reused on another machine', async () => {
    await using scene = await Scene.open({
      graph: exampleGraph.replace('jobs:', 'defaults: { timeout-minutes: 5 }\njobs:'),
    })
    await scene.change('repoB', branch)
    scene.builds.script('acme/repoB').holds()
    expect((await scene.orch('run DPTA-1')).code).toBe(1)
    rerunByHand(scene, 'repoB')
    await scene.clock.advance(60_000)
    const { code } = await scene.orch('run DPTA-1', { directory: await scene.anotherFolder() })
    expect([code, scene.dispatches().length]).toEqual([0, 1])
  })

  test('a failed run that is still running again when the next orchestration starts is followed instead of a dispatch', async () => {
    await using scene = await changeWithFailure()
    expect((await scene.orch('run DPTA-1 --no-fail-fast')).code).toBe(1)
    rerunByHand(scene, 'repoB')
    await scene.clock.advance(5_000)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB', 'repoD', 'repoE'].map((name) => `${name} build.yml@DPTA-1`))
  })

  test('a failed run that fails again when it is re-run by hand is built again', async () => {
    await using scene = await changeWithFailure()
    scene.builds.script('acme/repoB').concludes('failure')
    expect((await scene.orch('run DPTA-1 --no-fail-fast')).code).toBe(1)
    rerunByHand(scene, 'repoB')
    await scene.clock.advance(60_000)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches().filter((text) => text.startsWith('repoB'))).toHaveLength(2)
  })
})

describe('re-run by hand before the verdict', () => {
  /** An orchestration in which repoB has failed and repoD runs until released. */
  async function failedBesideRunning(): Promise<{ scene: Scene; running: ReturnType<Scene['start']> }> {
    const scene = await changeWithFailure()
    scene.builds.script('acme/repoD').holds()
    const running = scene.start('run DPTA-1 --no-fail-fast')
    await scene.untilBuilding('repoD')
    // The failed run is read each 30 s: the last time before repoD ends it has just been read.
    await scene.clock.advance(84_000)
    return { scene, running }
  }

  test('a failed run that turned green five seconds before the verdict does not fail the orchestration', async () => {
    const { scene, running } = await failedBesideRunning()
    await using current = scene
    current.builds.script('acme/repoB').concludes('success', { after: 4_000 })
    rerunByHand(current, 'repoB')
    await current.clock.advance(9_000)
    current.builds.script('acme/repoD').release('success')
    const { code, stdout } = await current.clock.until(running.ended)
    expect(stdout).toMatch(/repoB +running again +rerun on GitHub: attempt 2/u)
    expect(code).toBe(0)
    expect(current.dispatches()).toEqual(['repoB', 'repoD', 'repoE'].map((name) => `${name} build.yml@DPTA-1`))
  })

  test('a re-run that is in progress at the verdict is followed to its end', async () => {
    const { scene, running } = await failedBesideRunning()
    await using current = scene
    current.builds.script('acme/repoB').concludes('success', { after: 120_000 })
    rerunByHand(current, 'repoB')
    await current.clock.advance(9_000)
    current.builds.script('acme/repoD').release('success')
    expect((await current.clock.until(running.ended)).code).toBe(0)
  })

  test('a failed run that nobody re-ran is read once more, and the orchestration fails within seconds', async () => {
    const { scene, running } = await failedBesideRunning()
    await using current = scene
    await current.clock.advance(9_000)
    const since = current.clock.now()
    const reads = (): number =>
      current.sandbox.requests.filter(
        ({ method, path }) => method === 'GET' && /repoB\/actions\/runs\/\d+$/u.test(path),
      ).length
    const before = reads()
    current.builds.script('acme/repoD').release('success')
    expect((await current.clock.until(running.ended)).code).toBe(1)
    expect(reads() - before).toBeLessThanOrEqual(1)
    expect(current.clock.now() - since).toBeLessThan(20_000)
  })
})

import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const all = ['repoA', 'repoB', 'repoC', 'repoD', 'repoE']

describe('build order', () => {
  test('every member is built in graph order, and the members of one level in parallel', async () => {
    await using scene = await Scene.open()
    for (const name of all) await scene.push(name, 'DPTA-1')
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoA')
    await scene.clock.advance(4_000)
    expect(scene.dispatches()).toEqual(['repoA build.yml@DPTA-1'])
    await scene.untilBuilding('repoD')
    expect(scene.dispatches().slice(1).sort()).toEqual([
      'repoB build.yml@DPTA-1',
      'repoC build.yml@DPTA-1',
      'repoD build.yml@DPTA-1',
    ])
    const { code } = await scene.clock.until(running.ended)
    expect(scene.dispatches().at(-1)).toBe('repoE build.yml@DPTA-1')
    expect(scene.dispatches()).toHaveLength(5)
    expect(code).toBe(0)
  })

  test('a job starts as soon as its own dependencies are settled, while its neighbors are still building', async () => {
    const graph = `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoA: {}
  repoB: {}
  repoC: { needs: repoA }
  repoD: { needs: [repoB, repoC] }
`
    await using scene = await Scene.open({ graph })
    for (const name of ['repoA', 'repoB', 'repoC', 'repoD']) await scene.push(name, 'DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoC')
    expect(scene.sandbox.admin.runs('acme/repoB').map(({ attempts }) => attempts[0]?.status)).toEqual(['in_progress'])
    await scene.clock.advance(60_000)
    expect(scene.dispatches()).not.toContain('repoD build.yml@DPTA-1')
    scene.builds.script('acme/repoB').release('success')
    const { code } = await scene.clock.until(running.ended)
    expect(code).toBe(0)
    expect(scene.dispatches().at(-1)).toBe('repoD build.yml@DPTA-1')
  })

  test('a repository without the branch is skipped, and the output says so', async () => {
    await using scene = await Scene.open()
    await scene.push('repoB', 'DPTA-1')
    await scene.push('repoD', 'DPTA-1')
    const { code, outputLines, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(stderr).toBe('')
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoD build.yml@DPTA-1'])
    for (const name of ['repoA', 'repoC', 'repoE'])
      expect(outputLines).toContain(`${name} skipped acme/${name} has no branch DPTA-1`)
  })

  test('a skipped job still orders its dependents: with the branch absent in repoC, repoE waits for repoB and repoD', async () => {
    await using scene = await Scene.open()
    for (const name of ['repoB', 'repoD', 'repoE']) await scene.push(name, 'DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    await scene.clock.advance(120_000)
    expect(scene.dispatches().sort()).toEqual(['repoB build.yml@DPTA-1', 'repoD build.yml@DPTA-1'])
    scene.builds.script('acme/repoB').release('success')
    expect((await scene.clock.until(running.ended)).code).toBe(0)
    expect(scene.dispatches().at(-1)).toBe('repoE build.yml@DPTA-1')
  })

  test('a chain of skipped jobs still orders its dependents: with the branch absent in repoB, repoC and repoD, repoE waits for repoA', async () => {
    await using scene = await Scene.open()
    await scene.push('repoA', 'DPTA-1')
    await scene.push('repoE', 'DPTA-1')
    scene.builds.script('acme/repoA').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoA')
    await scene.clock.advance(120_000)
    expect(scene.dispatches()).toEqual(['repoA build.yml@DPTA-1'])
    scene.builds.script('acme/repoA').release('success')
    expect((await scene.clock.until(running.ended)).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoA build.yml@DPTA-1', 'repoE build.yml@DPTA-1'])
  })

  test('max-parallel starts the job with the longest remaining path first, regardless of its position in the file', async () => {
    const graph = `version: 1
owner: acme
branches: DPTA-*
max-parallel: 1
jobs:
  repoA: {}
  repoB: {}
  repoC: {}
  repoD: { needs: repoC }
  repoE: { needs: repoD }
`
    await using scene = await Scene.open({ graph })
    for (const name of all) await scene.push(name, 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches().map((dispatch) => dispatch.slice(0, 5))).toEqual([
      'repoC',
      'repoD',
      'repoA',
      'repoB',
      'repoE',
    ])
  })

  test('max-parallel of the graph file and --max-parallel limit the number of concurrent runs', async () => {
    const graph = `version: 1
owner: acme
branches: DPTA-*
max-parallel: 2
jobs: { repoA: {}, repoB: {}, repoC: {} }
`
    await using scene = await Scene.open({ graph })
    for (const name of ['repoA', 'repoB', 'repoC']) {
      await scene.push(name, 'DPTA-1')
      scene.builds.script(`acme/${name}`).holds()
    }
    const running = scene.start('run DPTA-1')
    await scene.clock.advance(60_000)
    expect(scene.dispatches()).toHaveLength(2)
    running.signal()
    await scene.clock.until(running.ended)

    for (const name of ['repoA', 'repoB', 'repoC']) scene.builds.script(`acme/${name}`).holds()
    const narrower = scene.start('run DPTA-1 --max-parallel 1')
    await scene.clock.advance(60_000)
    expect(scene.dispatches()).toHaveLength(3)
    narrower.signal()
    await scene.clock.until(narrower.ended)
  })

  test('orch run uses the current git branch when none is named', async () => {
    await using scene = await Scene.open()
    await scene.push('repoB', 'DPTA-7')
    const { code } = await scene.orch('run', { currentBranch: 'DPTA-7\n' })
    expect(code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-7'])
  })
})

import { describe, expect, test } from 'vitest'
import { buildWorkflow } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const link = 'http://127.0.0.1:9/pulls?q=is%3Apr%20is%3Aopen%20head%3ADPTA-1'

describe('locking and unlocking', () => {
  test('pending with run:<id> and a link is on every head of the open pull requests before the first dispatch', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'DPTA-1')
    const before: string[][] = []
    scene.before('POST', /dispatches$/u, async () => {
      for (const name of ['repoB', 'repoD']) before.push(await scene.statuses(name, 'DPTA-1'))
    })
    await scene.orch('run DPTA-1')
    expect(before.flat()).toHaveLength(2)
    for (const status of before.flat()) expect(status).toMatch(/^pending run:[a-z0-9]+ building 2 jobs of DPTA-1$/u)
    const head = await scene.head('repoB', 'DPTA-1')
    const statuses = scene.sandbox.admin.statuses('acme/repoB', head)
    expect(statuses.map(({ context, targetUrl }) => [context, targetUrl])).toEqual([
      ['orchestrator-build', link],
      ['orchestrator-build', link],
      ['orchestrator-build/repoB', expect.stringContaining('/acme/repoB/actions/runs/')],
    ])
  })

  test('a merge is refused before the run, and possible after it', async () => {
    await using scene = await Scene.open()
    const inB = await scene.change('repoB', 'DPTA-1')
    const inD = await scene.change('repoD', 'DPTA-1')
    expect(await scene.merge('repoB', inB)).toMatch(/405/u)
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(outputLines).toContain('repoB#1 unlocked http://127.0.0.1:9/acme/repoB/pull/1')
    expect(await scene.status('repoB', 'DPTA-1')).toBe('success run:ID set:DIGEST ok, 2 repositories built together')
    expect(await scene.merge('repoB', inB)).toBeNull()
    expect(await scene.merge('repoD', inD)).toBeNull()
  })

  test('a merge is refused during the builds', async () => {
    await using scene = await Scene.open()
    const number = await scene.change('repoB', 'DPTA-1')
    await scene.orch('run DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const again = scene.start('run DPTA-1 --force')
    await scene.untilBuilding('repoB', 2)
    expect(await scene.merge('repoB', number)).toMatch(/405/u)
    scene.builds.script('acme/repoB').release('success')
    expect((await scene.clock.until(again.ended)).code).toBe(0)
    expect(await scene.merge('repoB', number)).toBeNull()
  })

  test('success carries one digest for the whole set, and the ID of the orchestration', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'DPTA-1')
    await scene.orch('run DPTA-1')
    const [inB] = await scene.statuses('repoB', 'DPTA-1')
    const [inD] = await scene.statuses('repoD', 'DPTA-1')
    expect(inB).toMatch(/^success run:[a-z0-9]+ set:[0-9a-f]{12} /u)
    expect(inD).toBe(inB)
  })

  test('a member without a pull request is built and counts, but gets no status', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.push('repoD', 'DPTA-1')
    const { code } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoD build.yml@DPTA-1'])
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^success/u)
    expect(await scene.statuses('repoD', 'DPTA-1')).toEqual([])
  })

  test('a change without an open pull request succeeds and says that there was nothing to unlock', async () => {
    await using scene = await Scene.open()
    await scene.push('repoB', 'DPTA-1')
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(stdout).toContain('the change has no open pull request, so there was nothing to unlock')
    expect(scene.posts()).toEqual([])
  })

  test('a closed pull request is not unlocked', async () => {
    await using scene = await Scene.open()
    const number = await scene.change('repoB', 'DPTA-1')
    scene.sandbox.admin.closePull('acme/repoB', number)
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(stdout).toContain('there was nothing to unlock')
    expect(await scene.statuses('repoB', 'DPTA-1')).toEqual([])
  })

  test('several pull requests of one branch get one status, with a warning that names them', async () => {
    await using scene = await Scene.open()
    const first = await scene.change('repoB', 'DPTA-1')
    await scene.sandbox.admin.moveBranch('acme/repoB', 'release', 'main')
    const second = await scene.sandbox.admin.openPull('acme/repoB', { head: 'DPTA-1', base: 'release' })
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(outputLines.some((line) => line.includes('several pull requests of this branch'))).toBe(true)
    for (const number of [first, second])
      expect(outputLines).toContain(`repoB#${number} unlocked http://127.0.0.1:9/acme/repoB/pull/${number}`)
    expect(await scene.statuses('repoB', 'DPTA-1')).toHaveLength(2)
  })

  test('statuses in GitHub Actions link to the CI run', async () => {
    const env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/ci',
      GITHUB_RUN_ID: '42',
    }
    await using scene = await Scene.open({ env })
    await scene.change('repoB', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    const head = await scene.head('repoB', 'DPTA-1')
    const statuses = scene.sandbox.admin.statuses('acme/repoB', head)
    const links = statuses.filter(({ context }) => context === 'orchestrator-build').map(({ targetUrl }) => targetUrl)
    expect(links).toEqual(['https://github.com/acme/ci/actions/runs/42', 'https://github.com/acme/ci/actions/runs/42'])
  })

  test('two jobs of one repository give its pull request one status that unlocks, besides their own statuses', async () => {
    const graph = `version: 1
owner: acme
branches: DPTA-*
status-context: gate
jobs:
  library: { repo: repoA }
  checks: { repo: repoA, workflow: checks.yml, needs: library }
`
    await using scene = await Scene.open({ graph })
    await scene.push('repoA', 'main', { '.github/workflows/checks.yml': buildWorkflow })
    await scene.change('repoA', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoA build.yml@DPTA-1', 'repoA checks.yml@DPTA-1'])
    const head = await scene.head('repoA', 'DPTA-1')
    const statuses = scene.sandbox.admin.statuses('acme/repoA', head)
    expect(statuses.map(({ state, context }) => `${state} ${context}`)).toEqual([
      'pending gate',
      'success gate/library',
      'success gate',
      'success gate/checks',
    ])
  })
})

import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const log = ['collecting', 'expected 3, got 4']
const workflow = `on: { workflow_dispatch: }
jobs:
  verify:
    runs-on: ubuntu-latest
    steps:
      - { name: Prepare, run: 'true' }
      - { name: Unit tests, run: 'false' }
`

describe('failed build', () => {
  test('a failed build is shown with its workflow job, its step and the last lines of its log', async () => {
    await using scene = await Scene.open()
    await scene.push('repoB', 'main', { '.github/workflows/build.yml': workflow })
    await scene.push('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('failure', { failedStep: 'Unit tests', log })
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(outputLines.find((line) => line.startsWith('repoB failed at'))).toMatch(
      /^repoB failed at verify \/ Unit tests http/u,
    )
    expect(outputLines).toContain('repoB | collecting')
    expect(outputLines).toContain('repoB | expected 3, got 4')
  })

  test.each([
    ['one very long last line', (long: string) => [long]],
    ['a very long line before the last one', (long: string) => [long, 'expected 3, got 4']],
    ['nineteen very long lines', (long: string) => Array.from({ length: 19 }, () => long)],
  ])('a failed build whose log has %s is shown with the beginning and the end of the line', async (_, logOf) => {
    await using scene = await Scene.open()
    await scene.push('repoB', 'DPTA-1')
    const lines = logOf(`assertion failed: ${'x'.repeat(300_000)} at main.c:7`)
    scene.builds.script('acme/repoB').concludes('failure', { log: lines })
    const { code, stdout, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    const shown = outputLines.filter((line) => /^repoB \| assertion failed: x+…x+ at main\.c:7$/u.test(line))
    expect(shown).toHaveLength(lines.filter((line) => line.startsWith('assertion')).length)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(600)
  })

  test('a failed build cancels the running builds, and its dependents are never dispatched', async () => {
    await using scene = await Scene.open()
    for (const name of ['repoB', 'repoC', 'repoE']) await scene.change(name, 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('failure', { after: 5_000 })
    scene.builds.script('acme/repoC').holds()
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(scene.dispatches().sort()).toEqual(['repoB build.yml@DPTA-1', 'repoC build.yml@DPTA-1'])
    expect(scene.conclusions('repoC')).toEqual(['cancelled'])
    expect(outputLines.some((line) => line.startsWith('repoE not run'))).toBe(true)
    for (const name of ['repoB', 'repoC', 'repoE'])
      expect(await scene.status(name, 'DPTA-1')).toBe('failure run:ID repoB failed: its run concluded failure')
  })

  test('a failed build keeps every pull request locked', async () => {
    await using scene = await Scene.open()
    const numbers = { repoB: await scene.change('repoB', 'DPTA-1'), repoC: await scene.change('repoC', 'DPTA-1') }
    scene.builds.script('acme/repoC').concludes('failure')
    await scene.orch('run DPTA-1')
    for (const [name, number] of Object.entries(numbers)) expect(await scene.merge(name, number)).toMatch(/405/u)
  })

  test('a failed build with --no-fail-fast lets the running builds finish, but dispatches nothing new', async () => {
    await using scene = await Scene.open()
    for (const name of ['repoB', 'repoC', 'repoE']) await scene.change(name, 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('failure', { after: 5_000 })
    scene.builds.script('acme/repoC').concludes('success', { after: 120_000 })
    const { code } = await scene.orch('run DPTA-1 --no-fail-fast')
    expect(code).toBe(1)
    expect(scene.conclusions('repoC')).toEqual(['success'])
    expect(scene.dispatches()).not.toContain('repoE build.yml@DPTA-1')
    expect(await scene.status('repoC', 'DPTA-1')).toMatch(/^failure/u)
  })

  test('a failed build with fail-fast: false in the graph file behaves as with --no-fail-fast', async () => {
    const graph = `version: 1
owner: acme
branches: DPTA-*
fail-fast: false
jobs: { repoA: {}, repoB: {} }
`
    await using scene = await Scene.open({ graph })
    await scene.push('repoA', 'DPTA-1')
    await scene.push('repoB', 'DPTA-1')
    scene.builds.script('acme/repoA').concludes('failure', { after: 5_000 })
    scene.builds.script('acme/repoB').concludes('success', { after: 120_000 })
    expect((await scene.orch('run DPTA-1')).code).toBe(1)
    expect(scene.conclusions('repoB')).toEqual(['success'])
  })

  test('a failed build leaves a link on the status', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('failure')
    await scene.orch('run DPTA-1')
    const head = await scene.head('repoB', 'DPTA-1')
    const statuses = scene.sandbox.admin.statuses('acme/repoB', head)
    expect(statuses.findLast(({ context }) => context === 'orchestrator-build')).toMatchObject({
      state: 'failure',
      targetUrl: 'http://127.0.0.1:9/pulls?q=is%3Apr%20is%3Aopen%20head%3ADPTA-1',
    })
  })

  test.each(['neutral', 'skipped', 'timed_out', 'startup_failure', 'brand_new'])(
    'a run that concludes %s fails its job, because only success counts as success',
    async (conclusion) => {
      await using scene = await Scene.open()
      const number = await scene.change('repoB', 'DPTA-1')
      scene.builds.script('acme/repoB').concludes(conclusion)
      const { code, outputLines } = await scene.orch('run DPTA-1')
      expect(code).toBe(1)
      expect(outputLines.some((line) => line.startsWith('repoB failed') && line.includes(conclusion))).toBe(true)
      expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^failure/u)
      expect(await scene.merge('repoB', number)).toMatch(/405/u)
    },
  )

  test.each(['action_required', 'stale', 'cancelled'])(
    'a run that concludes %s has an unclear result: the status is error, and nothing is unlocked',
    async (conclusion) => {
      await using scene = await Scene.open()
      await scene.change('repoB', 'DPTA-1')
      scene.builds.script('acme/repoB').concludes(conclusion)
      const { code } = await scene.orch('run DPTA-1')
      expect(code).toBe(1)
      expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
    },
  )

  test('a dispatch that GitHub refuses is sent once and fails the job with the reason; the status is error, because no build failed', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.sandbox.faults.add({
      method: 'POST',
      path: /dispatches$/u,
      action: { kind: 'respond', status: 422, body: { message: 'Workflow is disabled' } },
    })
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('Workflow is disabled')
    expect(scene.writes().filter((write) => write.endsWith('/dispatches'))).toHaveLength(1)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
  })
})

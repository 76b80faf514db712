import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const graph = `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoA: { handoff: true }
  repoB: { handoff: true }
  repoC: { needs: [repoA, repoB] }
  repoD: { needs: repoC }
`

const receiving = {
  '.github/workflows/build.yml': `on: { workflow_dispatch: { inputs: { handoff: { type: string } } } }
jobs: { build: { runs-on: x, steps: [{ run: 'true' }] } }
`,
}

async function open({ receives = true, text = graph } = {}): Promise<Scene> {
  const scene = await Scene.open({ graph: text })
  if (receives) await scene.push('repoC', 'main', receiving)
  return scene
}

/** The input of the last run of repoC. */
function handedTo(scene: Scene): unknown {
  const last = scene.sandbox.admin.runs('acme/repoC').at(-1)
  return JSON.parse(last?.inputs.handoff ?? 'null')
}

function runOf(scene: Scene, name: string): number | undefined {
  return scene.sandbox.admin.runs(`acme/${name}`).at(-1)?.id
}

const entry = (scene: Scene, job: string): object => ({
  job,
  repository: `acme/${job}`,
  run_id: runOf(scene, job),
  artifact: 'trigger-context',
})

describe('handing on between jobs', () => {
  test('a job gets the runs of the needs that hand on, and its dependents get nothing', async () => {
    await using scene = await open()
    for (const name of ['repoA', 'repoB', 'repoC', 'repoD']) await scene.push(name, 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(handedTo(scene)).toEqual([entry(scene, 'repoA'), entry(scene, 'repoB')])
    expect(scene.sandbox.admin.runs('acme/repoD')[0]?.inputs).toEqual({})
  })

  test('a skipped job hands nothing on, and neither does one that is excluded and not fresh', async () => {
    await using scene = await open()
    for (const name of ['repoB', 'repoC']) await scene.push(name, 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(handedTo(scene)).toEqual([entry(scene, 'repoB')])
    const before = scene.sandbox.admin.runs('acme/repoC').length
    await scene.push('repoB', 'DPTA-1')
    await scene.push('repoC', 'DPTA-1')
    await scene.orch('run DPTA-1 --only repoC')
    expect(scene.sandbox.admin.runs('acme/repoC')).toHaveLength(before + 1)
    expect(handedTo(scene)).toEqual([])
  })

  test('a job that is fresh hands on its earlier run', async () => {
    await using scene = await open()
    for (const name of ['repoA', 'repoB', 'repoC']) await scene.change(name, 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    const first = [entry(scene, 'repoA'), entry(scene, 'repoB')]
    await scene.push('repoC', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.sandbox.admin.runs('acme/repoA')).toHaveLength(1)
    expect(scene.sandbox.admin.runs('acme/repoC')).toHaveLength(2)
    expect(handedTo(scene)).toEqual(first)
  })

  test('a need that is built again hands on its new run, so that its dependents are built again too', async () => {
    await using scene = await open()
    for (const name of ['repoA', 'repoB', 'repoC']) await scene.change(name, 'DPTA-1')
    await scene.orch('run DPTA-1')
    await scene.push('repoA', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.sandbox.admin.runs('acme/repoA')).toHaveLength(2)
    expect(handedTo(scene)).toEqual([entry(scene, 'repoA'), entry(scene, 'repoB')])
  })

  test('a retried job hands on the same run', async () => {
    await using scene = await open({ text: graph.replace('repoA: {', 'repoA: { retries: 1,') })
    for (const name of ['repoA', 'repoC']) await scene.push(name, 'DPTA-1')
    scene.builds.script('acme/repoA').concludes('failure')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.sandbox.admin.runs('acme/repoA').map(({ attempts }) => attempts.length)).toEqual([2])
    expect(handedTo(scene)).toEqual([entry(scene, 'repoA')])
  })

  test('a resumed orchestration hands on the runs that its journal names', async () => {
    await using scene = await open()
    for (const name of ['repoA', 'repoB', 'repoC']) await scene.push(name, 'DPTA-1')
    expect((await scene.orch('run DPTA-1 --no-status')).code).toBe(0)
    const handed = handedTo(scene)
    const { path, text } = await scene.journal()
    const lines = text.split('\n')
    const last = lines.findLastIndex((line) => line.includes('"type":"dispatch-requested"'))
    await writeFile(path, `${lines.slice(0, last).join('\n')}\n`)
    expect((await scene.orch('resume')).code).toBe(0)
    expect(scene.sandbox.admin.runs('acme/repoC')).toHaveLength(2)
    expect(handedTo(scene)).toEqual(handed)
    expect(handed).toEqual([entry(scene, 'repoA'), entry(scene, 'repoB')])
  })

  test('a workflow that does not declare the input is refused when the change is planned', async () => {
    await using scene = await open({ receives: false })
    for (const name of ['repoA', 'repoC']) await scene.push(name, 'DPTA-1')
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('build.yml of acme/repoC does not declare the input handoff')
    expect(stderr).toContain('remove `handoff: true` from what repoC needs')
    expect(scene.sandbox.admin.runs()).toEqual([])
  })
})

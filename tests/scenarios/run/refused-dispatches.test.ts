import { expect, test } from 'vitest'
import { buildWorkflow } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const path = '.github/workflows/build.yml'

async function disable(scene: Scene, ...names: string[]): Promise<void> {
  for (const name of names) {
    const url = `http://127.0.0.1:9/repos/acme/${name}/actions/workflows/build.yml/disable`
    const headers = { authorization: `Bearer ${scene.sandbox.token}` }
    const { status } = await scene.sandbox.fetch(new Request(url, { method: 'PUT', headers }))
    expect(status).toBe(204)
  }
}

test('orch plan and orch run name all disabled workflows together, before anything is written', async () => {
  await using scene = await Scene.open()
  for (const name of ['repoB', 'repoC', 'repoD']) await scene.change(name, 'DPTA-1')
  await disable(scene, 'repoB', 'repoD', 'repoE')
  const before = scene.writes()
  for (const command of ['plan DPTA-1', 'run DPTA-1']) {
    const { code, stderr } = await scene.orch(command)
    expect(code).toBe(1)
    for (const name of ['repoB', 'repoD'])
      expect(stderr).toContain(`the workflow build.yml of acme/${name} is disabled, so GitHub refuses to start it`)
    expect(stderr).toContain('gh workflow enable build.yml --repo acme/repoB')
    expect(stderr).not.toContain('acme/repoE')
  }
  expect(scene.writes()).toEqual(before)
})

test('orch plan finds the only workflow disabled, and orch run is refused by GitHub at once', async () => {
  await using scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  await disable(scene, 'repoB')
  expect((await scene.orch('plan DPTA-1')).stderr).toContain('the workflow build.yml of acme/repoB is disabled')
  const { code } = await scene.orch('run DPTA-1')
  expect(code).toBe(1)
  expect(scene.dispatches()).toEqual([])
})

test('a workflow that was disabled after it had run at the head is found without a further request', async () => {
  await using scene = await Scene.open()
  for (const name of ['repoB', 'repoD']) {
    await scene.change(name, 'DPTA-1')
    scene.builds.script(`acme/${name}`).concludes('failure')
  }
  await scene.orch('run DPTA-1 --no-fail-fast')
  await disable(scene, 'repoB', 'repoD')
  const asked = scene.sandbox.requests.length
  const { code, stderr } = await scene.orch('plan DPTA-1')
  expect(code).toBe(1)
  for (const name of ['repoB', 'repoD']) expect(stderr).toContain(`build.yml of acme/${name} is disabled`)
  const paths = scene.sandbox.requests.slice(asked).map(({ path: each }) => each)
  expect(paths.filter((each) => each.includes('/actions/workflows/'))).toEqual([])
})

test('a fresh job needs no enabled workflow', async () => {
  await using scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  await scene.orch('run DPTA-1')
  await disable(scene, 'repoB')
  expect((await scene.orch('run DPTA-1')).code).toBe(0)
})

test('a token that may not read Actions plans without the state of the workflows', async () => {
  await using scene = await Scene.open({ private: ['repoB', 'repoD'] })
  for (const name of ['repoB', 'repoD']) await scene.change(name, 'DPTA-1')
  const grant = { contents: 'read', statuses: 'write', pull_requests: 'read' } as const
  const token = scene.sandbox.admin.createToken('bot', { '*': grant })
  expect((await scene.orch('plan DPTA-1', { env: { GH_ENTERPRISE_TOKEN: token } })).code).toBe(0)
})

test('wrong values of boolean and number inputs are found for all members together', async () => {
  const graph = `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoA: { inputs: { clean: 'yes' } }
  repoB: { inputs: { jobs: many } }
  repoC: { inputs: { clean: true, jobs: 4 } }
  repoD: { inputs: { jobs: '\${{ branch }}' } }
`
  await using scene = await Scene.open({ graph })
  const inputs = '{ clean: { type: boolean }, jobs: { type: number } }'
  const text = buildWorkflow.replace('workflow_dispatch:', `workflow_dispatch: { inputs: ${inputs} }`)
  for (const name of ['repoA', 'repoB', 'repoC', 'repoD']) {
    await scene.push(name, 'main', { [path]: text })
    await scene.change(name, 'DPTA-1')
  }
  const { code, stderr } = await scene.orch('plan DPTA-1')
  expect(code).toBe(1)
  expect(stderr).toContain('the input clean of build.yml of acme/repoA does not take "yes"')
  expect(stderr).toContain('Choose true or false.')
  expect(stderr).toContain('the input jobs of build.yml of acme/repoB does not take "many"')
  expect(stderr).toContain('the input jobs of build.yml of acme/repoD does not take "DPTA-1"')
  expect(stderr).not.toContain('acme/repoC')
})

test('a file of a similar name is suggested for a workflow that does not exist', async () => {
  await using scene = await Scene.open()
  await scene.push('repoB', 'main', { [path]: null, '.github/workflows/build.yaml': buildWorkflow })
  await scene.change('repoB', 'DPTA-1')
  const { code, stderr } = await scene.orch('plan DPTA-1')
  expect(code).toBe(1)
  expect(stderr).toContain('acme/repoB has no .github/workflows/build.yml on its default branch main')
  expect(stderr).toContain('Did you mean build.yaml?')
})

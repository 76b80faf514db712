import { describe, expect, test } from 'vitest'
import { markedWorkflow } from '../../support/example-graph.js'
import { answer, examined, healthy } from './support.js'

const path = '.github/workflows/build.yml'
/** Each list names the one before ten times. */
const anchors = Array.from({ length: 10 }, (_, at) => {
  const before = at === 0 ? 'x' : `*a${at - 1}`
  return `k${at}: &a${at} [${Array.from({ length: 10 }, () => before).join(', ')}]\n`
}).join('')

describe('a workflow file', () => {
  test('that is missing on the default branch fails, and names a file that may be meant', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.push('repoC', 'main', { [path]: null, '.github/workflows/build.yaml': markedWorkflow })
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed workflow-file repoC'] })
    expect(answer(result, 'workflow-file', 'repoC')).toMatchObject({
      message: 'acme/repoC has no .github/workflows/build.yml on its default branch main, where GitHub looks for it',
    })
    expect(answer(result, 'workflow-file', 'repoC').fix).toMatch(/^Did you mean build\.yaml\?/u)
    const about = result.checks.filter(({ repository }) => repository === 'acme/repoC').map(({ id }) => id)
    expect(about.filter((id) => id.startsWith('workflow') || id === 'dispatch-permission')).toEqual(['workflow-file'])
  })

  test('that is missing on the branch of the change fails there alone', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.change('repoB', 'DPTA-1')
    await scene.push('repoB', 'DPTA-1', { [path]: null })
    const result = await examined(scene, 'DPTA-1', { env })
    expect(result.wrong).toContain('failed workflow-file repoB')
    expect(answer(result, 'workflow-file', 'repoB').message).toContain('at the head of the change')
    expect((await examined(scene, '', { env })).wrong).toEqual([])
  })

  test("with a mistake that GitHub's parser finds fails with its place", async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.push('repoC', 'main', { [path]: `${markedWorkflow}concurency: x\n` })
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed workflow-syntax repoC'] })
    expect(answer(result, 'workflow-syntax', 'repoC')).toMatchObject({
      message: "on the default branch: build.yml (Line: 7, Col: 1): Unexpected value 'concurency'",
      fix: 'Correct .github/workflows/build.yml on the default branch.',
    })
  })

  test('cannot drive the terminal by a mistake in it', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.push('repoC', 'main', { [path]: `${markedWorkflow}"\\e]0;owned\\a": x\n` })
    const { code, stdout } = await scene.orch('doctor', { env, terminal: { columns: 80, rows: 24 } })
    expect(code).toBe(1)
    expect(stdout).toContain('owned')
    expect(stdout).not.toContain('\u001b')
  })

  test('with a mistake on the branch of the change alone fails with that place', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.change('repoB', 'DPTA-1')
    await scene.push('repoB', 'DPTA-1', { [path]: markedWorkflow.replace('runs-on: x', 'runs-on: "${{ nothing.x }}"') })
    const result = await examined(scene, 'DPTA-1', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed workflow-syntax repoB'] })
    expect(answer(result, 'workflow-syntax', 'repoB').message).toMatch(/^at the head of the change: .*nothing/u)
  })

  test.each([
    ['that is not YAML', 'on: [push\n'],
    ['whose anchors name a billion values', `${anchors}on: push\n`],
  ])('%s fails', async (_, text) => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.push('repoC', 'main', { [path]: text })
    const result = await examined(scene, '', { env })
    expect(result.wrong).toContain('failed workflow-syntax repoC')
  })

  test('without workflow_dispatch fails', async () => {
    await using world = await healthy()
    const { scene, env } = world
    const text = 'on: push\njobs: { build: { runs-on: x, steps: [{ run: make }] } }\n'
    await scene.push('repoC', 'main', { [path]: text })
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed workflow-dispatch repoC'] })
    expect(answer(result, 'workflow-dispatch', 'repoC').message).toContain('no `workflow_dispatch` trigger')
  })

  test('without an input that the graph file sends fails', async () => {
    const graph =
      'version: 1\nowner: acme\nbranches: DPTA-*\njobs:\n  repoA: { inputs: { level: full } }\n  repoB: {}\n  repoC: {}\n  repoD: {}\n  repoE: {}\n'
    await using world = await healthy({ graph })
    const { scene, env } = world
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed workflow-dispatch repoA'] })
    expect(answer(result, 'workflow-dispatch', 'repoA').message).toContain('does not declare the input level')
  })

  test('whose default branch lags behind the change is a warning', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.change('repoB', 'DPTA-1')
    await scene.push('repoB', 'DPTA-1', { [path]: markedWorkflow })
    const text = 'on: push\njobs: { build: { runs-on: x, steps: [{ run: make }] } }\n'
    await scene.push('repoB', 'main', { [path]: text })
    const result = await examined(scene, 'DPTA-1', { env })
    expect(result.wrong).toContain('warning workflow-dispatch repoB')
    expect(result.code).toBe(0)
  })

  test('that is disabled fails with the command that enables it', async () => {
    await using world = await healthy()
    const { scene, env } = world
    // GitHub knows a workflow once it was asked about it.
    await examined(scene, '', { env })
    scene.sandbox.admin.setWorkflowState('acme/repoC', path, 'disabled_manually')
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed workflow-enabled repoC'] })
    expect(answer(result, 'workflow-enabled', 'repoC').fix).toContain('gh workflow enable build.yml --repo acme/repoC')
  })

  test('whose state the token may not read is not known', async () => {
    await using world = await healthy({ private: ['repoC'] })
    const { scene } = world
    const grants = { metadata: 'read', contents: 'read', pull_requests: 'read', statuses: 'write' } as const
    const token = scene.sandbox.admin.createToken('somebody', { '*': grants })
    const result = await examined(scene, '', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(answer(result, 'workflow-enabled', 'repoC')).toMatchObject({ status: 'unknown' })
    expect(answer(result, 'workflow-enabled', 'repoC').fix).toContain('Actions: read')
    expect(result.code).toBe(1)
  })

  test('whose run-name does not show the marker is a warning', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.push('repoC', 'main', { [path]: markedWorkflow.replace(/^run-name.*\n/u, '') })
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 0, wrong: ['warning workflow-marker repoC'] })
  })
})

describe('a workflow job named as the status', () => {
  const jobs = (text: string): string => `on: push\njobs:\n${text}`
  const steps = 'runs-on: x, steps: [{ run: make }]'

  test.each([
    ['by its name', `  a: { name: Orchestrator-Build, ${steps} }\n`],
    ['by its id', `  orchestrator-build: { ${steps} }\n`],
  ])('fails, because its result counts as the status: %s', async (_, text) => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.push('repoC', 'main', { '.github/workflows/ci.yml': jobs(text) })
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed job-names repoC'] })
    expect(answer(result, 'job-names', 'repoC').message).toContain('a job of ci.yml is named orchestrator-build')
  })

  test.each([
    ['another name in place of the id', `  orchestrator-build: { name: build, ${steps} }\n`],
    [
      'a matrix, which adds its values to the name',
      `  orchestrator-build: { strategy: { matrix: { n: [1] } }, ${steps} }\n`,
    ],
    [
      'a called workflow, which adds the names of its jobs',
      '  orchestrator-build: { uses: ./.github/workflows/x.yml }\n',
    ],
    ['a file that is not a workflow', '  - : ['],
  ])('is none with %s', async (_, text) => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.push('repoC', 'main', { '.github/workflows/ci.yml': jobs(text) })
    expect((await examined(scene, '', { env })).wrong).toEqual([])
  })
})

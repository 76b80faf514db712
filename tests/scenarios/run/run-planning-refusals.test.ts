import { describe, expect, test } from 'vitest'
import { buildWorkflow } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const path = '.github/workflows/build.yml'

/** Asserts that nothing was dispatched, posted or written to disk. */
async function expectNoEffects(scene: Scene): Promise<void> {
  expect(scene.writes()).toEqual([])
  expect(await scene.files()).toEqual([])
}

describe('branch', () => {
  test.each([
    ['outside `branches`', 'run feature/x', 'feature/x is not the branch of a coordinated change'],
    ['that git refuses', 'run DPTA-1..2', 'is not a valid branch name'],
    ['that git refuses for its characters', 'run DPTA-1~1', 'is not a valid branch name'],
  ])('a branch %s exits 2 with the reason', async (_, command, message) => {
    await using scene = await Scene.open()
    const { code, stderr, stdout } = await scene.orch(command)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(stdout).toBe('')
    expect(scene.sandbox.requests).toEqual([])
    await expectNoEffects(scene)
  })

  test('the default branch of a repository is refused with exit code 2, even where `branches` matches it', async () => {
    const graph = "version: 1\nowner: acme\nbranches: '**'\njobs: { repoA: {}, repoB: {} }\n"
    await using scene = await Scene.open({ graph })
    const { code, stderr } = await scene.orch('run main')
    expect(code).toBe(2)
    expect(stderr).toContain('main is the default branch of acme/repoA, acme/repoB')
    await expectNoEffects(scene)
  })

  test('orch run without a branch outside a git repository exits 2 and says what to do', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('run')
    expect(code).toBe(2)
    expect(stderr).toContain('orch run DPTA-1122')
    await expectNoEffects(scene)
  })

  test('the current git branch is validated like a named one', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('run', { currentBranch: 'main\n' })
    expect(code).toBe(2)
    expect(stderr).toContain('main is not the branch of a coordinated change')
  })

  test('a branch that exists nowhere exits 2 and lists similar names', async () => {
    await using scene = await Scene.open()
    await scene.push('repoB', 'DPTA-1122')
    await scene.push('repoD', 'DPTA-9')
    const { code, stderr } = await scene.orch('run DPTA-1123')
    expect(code).toBe(2)
    expect(stderr).toContain('no repository of the graph has the branch DPTA-1123')
    expect(stderr).toContain('Did you mean DPTA-1122')
    await expectNoEffects(scene)
  })

  test('a branch that exists nowhere exits 2 where no similar name exists', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('run DPTA-1123')
    expect(code).toBe(2)
    expect(stderr).not.toContain('Did you mean')
    await expectNoEffects(scene)
  })
})

describe('repositories', () => {
  test('a private repository that the token cannot see stops the run and is not treated as one without the branch', async () => {
    await using scene = await Scene.open({ private: ['repoC'] })
    await scene.change('repoB', 'DPTA-1')
    const token = scene.sandbox.admin.createToken('bot', {
      'acme/repoC': 'none',
      '*': { contents: 'write', actions: 'write', statuses: 'write', pull_requests: 'write' },
    })
    const { code, stderr } = await scene.orch('run DPTA-1', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(code).toBe(1)
    expect(stderr).toContain('acme/repoC')
    expect(stderr).toContain('does not exist, or this token cannot see it')
    await expectNoEffects(scene)
  })

  test('a repository that does not exist stops the run', async () => {
    const graph = 'version: 1\nowner: acme\nbranches: DPTA-*\njobs: { repoA: {}, lib: {} }\n'
    await using scene = await Scene.open({ graph })
    await scene.change('repoA', 'DPTA-1')
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('acme/lib')
    await expectNoEffects(scene)
  })

  test('a renamed repository stops the run and reports the new name', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.sandbox.admin.renameRepository('acme/repoC', 'library')
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('acme/repoC is now called acme/library')
    expect(stderr).toContain('write acme/library in the graph file')
    await expectNoEffects(scene)
  })

  test('an archived member stops the run', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoC', 'DPTA-1')
    scene.sandbox.admin.archiveRepository('acme/repoC')
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('acme/repoC has the branch but is archived')
    await expectNoEffects(scene)
  })

  test('an archived repository without the branch is skipped like any other', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.sandbox.admin.archiveRepository('acme/repoC')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
  })

  test('an empty repository is treated as one without the branch', async () => {
    const graph = 'version: 1\nowner: acme\nbranches: DPTA-*\njobs: { repoA: {}, lib: {} }\n'
    await using scene = await Scene.open({ graph })
    await scene.sandbox.admin.createRepository('acme/lib')
    await scene.change('repoA', 'DPTA-1')
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(outputLines).toContain('lib skipped acme/lib has no branch DPTA-1')
  })
})

describe('workflow files', () => {
  test('all problems with the workflow files are reported together, before anything is written', async () => {
    const graph = `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoA: { workflow: missing.yml }
  repoB: {}
  repoC: { inputs: { color: red } }
  repoD: {}
  repoE: {}
  repoF: {}
`
    await using scene = await Scene.open({ graph })
    const declares = (inputs: string): string =>
      buildWorkflow.replace('workflow_dispatch:', `workflow_dispatch: { inputs: ${inputs} }`)
    for (const name of ['repoA', 'repoC', 'repoE']) await scene.change(name, 'DPTA-1')
    await scene.push('repoB', 'DPTA-1', { [path]: buildWorkflow.replace('workflow_dispatch:', 'push:') })
    await scene.push('repoC', 'DPTA-1', { [path]: declares('{ size: { required: true } }') })
    await scene.push('repoD', 'DPTA-1', { [path]: null })
    await scene.push('repoE', 'DPTA-1', { [path]: 'on: [' })
    await scene.push('repoF', 'DPTA-1')
    await scene.push('repoF', 'main', { [path]: null })
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    for (const message of [
      'acme/repoA has no .github/workflows/missing.yml on its default branch main',
      'acme/repoA has no .github/workflows/missing.yml at the head of the change',
      '.github/workflows/build.yml of acme/repoB has no `workflow_dispatch` trigger at the head of the change',
      'build.yml of acme/repoC does not declare the input color: it declares size',
      'build.yml of acme/repoC requires the input size, which the job repoC does not give',
      'acme/repoD has no .github/workflows/build.yml at the head of the change',
      '.github/workflows/build.yml of acme/repoE cannot be read',
      'acme/repoF has no .github/workflows/build.yml on its default branch main',
    ])
      expect(stderr).toContain(message)
    await expectNoEffects(scene)
  })

  test('problems with the workflow file of a skipped repository are ignored', async () => {
    await using scene = await Scene.open()
    await scene.push('repoC', 'main', { [path]: null })
    await scene.push('repoB', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
  })
})

describe('permissions', () => {
  const rights = { contents: 'read', actions: 'write', statuses: 'write', pull_requests: 'read' } as const

  test('a missing token exits 4 and says how to get one', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('run DPTA-1', { env: { GH_ENTERPRISE_TOKEN: '' } })
    expect(code).toBe(4)
    expect(stderr).toContain('there is no token for 127.0.0.1')
    expect(stderr).toContain('Actions: write')
    expect(scene.sandbox.requests).toEqual([])
  })

  test('a token that GitHub refuses exits 4', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const { code, stderr } = await scene.orch('run DPTA-1', { env: { GH_ENTERPRISE_TOKEN: 'ghp_wrong' } })
    expect(code).toBe(4)
    expect(stderr).toContain('refused the token')
    await expectNoEffects(scene)
  })

  test('a token that may not read one repository exits 4, names the permission and the repository, and nothing is written', async () => {
    await using scene = await Scene.open({ private: ['repoC'] })
    await scene.change('repoB', 'DPTA-1')
    const token = scene.sandbox.admin.createToken('bot', { 'acme/repoC': { metadata: 'read' }, '*': rights })
    const { code, stderr } = await scene.orch('run DPTA-1', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(code).toBe(4)
    expect(stderr).toContain('this token may not read branches and files in acme/repoC')
    expect(stderr).toContain('Contents: read')
    await expectNoEffects(scene)
  })

  test('a token that may not post statuses in one repository exits 4, names both, and nothing is dispatched', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'DPTA-1')
    const token = scene.sandbox.admin.createToken('bot', { 'acme/repoD': { ...rights, statuses: 'read' }, '*': rights })
    const { code, stdout } = await scene.orch('run DPTA-1', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(code).toBe(4)
    expect(stdout).toContain('this token may not post commit statuses in acme/repoD')
    expect(stdout).toMatch(/Commit statuses: write|Statuses: write/u)
    expect(scene.dispatches()).toEqual([])
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
  })

  test('a token that may not dispatch in one repository exits 4 and names both', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const token = scene.sandbox.admin.createToken('bot', { '*': { ...rights, actions: 'read' } })
    const { code, stdout } = await scene.orch('run DPTA-1', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(code).toBe(4)
    expect(stdout).toContain('this token may not dispatch workflows in acme/repoB')
    expect(stdout).toContain('Actions: write')
    expect(scene.dispatches()).toEqual([])
  })

  test('a token that is revoked during the builds exits 4 without success', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const token = scene.sandbox.admin.createToken('bot', { '*': rights })
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1', { env: { GH_ENTERPRISE_TOKEN: token } })
    await scene.untilBuilding('repoB')
    scene.sandbox.admin.revokeToken(token)
    const { code } = await scene.clock.until(running.ended)
    expect(code).toBe(4)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending/u)
  })

  test('a token with the minimal permissions of the docs is sufficient', async () => {
    await using scene = await Scene.open({ private: ['repoA', 'repoB', 'repoC', 'repoD', 'repoE'] })
    await scene.change('repoB', 'DPTA-1')
    const token = scene.sandbox.admin.createToken('bot', { '*': rights })
    expect((await scene.orch('run DPTA-1', { env: { GH_ENTERPRISE_TOKEN: token } })).code).toBe(0)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^success/u)
  })
})

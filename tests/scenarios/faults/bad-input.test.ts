import { writeFile, rm, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

async function withGraph(graph: string): Promise<Scene> {
  const scene = await Scene.open()
  await writeFile(join(scene.directory, 'orchestrator.yaml'), graph)
  return scene
}

describe('the graph file', () => {
  test('all mistakes are reported at once, each with file, line, column and what would be right: exit code 2', async () => {
    const graph = `version: 1
owner: acme
branches: DPTA-*
fail-fsat: true
jobs:
  repoA: {}
  repoB: { needs: repoX }
  repoC: { needs: repoC }
`
    await using scene = await withGraph(graph)
    const { code, stdout, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/orchestrator\.yaml:4:1/u)
    expect(stderr).toContain('fail-fast')
    expect(stderr).toMatch(/orchestrator\.yaml:7:\d+/u)
    expect(stderr).toContain('repoX')
    expect(stderr).toMatch(/orchestrator\.yaml:8:\d+/u)
    expect(scene.sandbox.requests).toEqual([])
  })

  test.each([
    ['an empty file', ''],
    ['an empty graph', 'version: 1\nowner: acme\nbranches: DPTA-*\njobs: {}\n'],
    ['no jobs', 'version: 1\nowner: acme\nbranches: DPTA-*\n'],
    ['no YAML', 'jobs: [\n'],
    ['a list', '- a\n'],
    ['10 MB of it', `# ${'x'.repeat(10_000_000)}\nversion: 1\n`],
  ])('%s: exit code 2 with the place', async (_, graph) => {
    await using scene = await withGraph(graph)
    const { code, stdout, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('orchestrator.yaml')
    expect(stderr.length).toBeLessThan(5_000)
    expect(scene.sandbox.requests).toEqual([])
  })

  test.each(['run DPTA-1', 'plan DPTA-1', 'invalidate', 'status DPTA-1'])(
    'orch %s without one: exit code 2 with the way out',
    async (command) => {
      await using scene = await Scene.open()
      await rm(join(scene.directory, 'orchestrator.yaml'))
      const { code, stderr } = await scene.orch(command)
      expect(code).toBe(2)
      expect(stderr).toContain('there is no orchestrator.yaml here or in any folder above')
      expect(stderr).toContain('--config')
    },
  )

  test('one that cannot be read is not passed over for one further up', async () => {
    await using scene = await Scene.open()
    await rm(join(scene.directory, 'orchestrator.yaml'))
    await mkdir(join(scene.directory, 'orchestrator.yaml'))
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(2)
    expect(stderr).toContain('EISDIR')
  })

  test.each([
    ['--config', 'run DPTA-1 --config nowhere.yaml', {}],
    ['ORCH_CONFIG', 'run DPTA-1', { ORCH_CONFIG: 'nowhere.yaml' }],
  ])('%s that names no file: exit code 2 naming it', async (source, command, env) => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch(command, { env })
    expect(code).toBe(2)
    expect(stderr).toContain('nowhere.yaml cannot be read')
    expect(stderr).toContain(source)
  })
})

describe('the command line', () => {
  test.each(['', 'bogus', '--bogus', 'run --bogus', 'invalidate a b'])('orch %s: exit code 2', async (command) => {
    await using scene = await Scene.open()
    const { code, stdout, stderr } = await scene.orch(command)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).not.toBe('')
  })

  test.each(['--help', 'run --help', '--version'])('orch %s: exit code 0, on stdout', async (command) => {
    await using scene = await Scene.open()
    const { code, stdout, stderr } = await scene.orch(command)
    expect(code).toBe(0)
    expect(stdout).not.toBe('')
    expect(stderr).toBe('')
  })

  test('an address of GitHub that is none: exit code 2 or a clear error naming the variable', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('run DPTA-1', { env: { GITHUB_API_URL: 'not an address' } })
    expect(code).not.toBe(0)
    expect(stderr).toContain('GITHUB_API_URL')
  })
})

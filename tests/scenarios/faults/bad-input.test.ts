import { writeFile, rm, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

async function withGraph(graph: string): Promise<Scene> {
  const scene = await Scene.open()
  await writeFile(join(scene.directory, 'orchestrator.yaml'), graph)
  return scene
}

describe('graph file', () => {
  test('a graph file with mistakes exits 2 and reports all of them at once, each with file, line, column and fix', async () => {
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
    ['empty file', ''],
    ['empty graph', 'version: 1\nowner: acme\nbranches: DPTA-*\njobs: {}\n'],
    ['no jobs', 'version: 1\nowner: acme\nbranches: DPTA-*\n'],
    ['invalid YAML', 'jobs: [\n'],
    ['list at the top level', '- a\n'],
    ['10 MB comment', `# ${'x'.repeat(10_000_000)}\nversion: 1\n`],
  ])('a graph file with an invalid content (%s) exits 2 with the position', async (_, graph) => {
    await using scene = await withGraph(graph)
    const { code, stdout, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('orchestrator.yaml')
    expect(stderr.length).toBeLessThan(5_000)
    expect(scene.sandbox.requests).toEqual([])
  })

  test.each(['run DPTA-1', 'plan DPTA-1', 'invalidate', 'status DPTA-1'])(
    'orch %s without a graph file exits 2 and says how to create one',
    async (command) => {
      await using scene = await Scene.open()
      await rm(join(scene.directory, 'orchestrator.yaml'))
      const { code, stderr } = await scene.orch(command)
      expect(code).toBe(2)
      expect(stderr).toContain('there is no orchestrator.yaml here or in any folder above')
      expect(stderr).toContain('--config')
    },
  )

  test('an unreadable graph file is not skipped in favour of one in a parent folder', async () => {
    await using scene = await Scene.open()
    await rm(join(scene.directory, 'orchestrator.yaml'))
    await mkdir(join(scene.directory, 'orchestrator.yaml'))
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(2)
    expect(stderr).toContain('it is a folder')
  })

  test.each([
    ['--config', 'run DPTA-1 --config nowhere.yaml', {}],
    ['ORCH_CONFIG', 'run DPTA-1', { ORCH_CONFIG: 'nowhere.yaml' }],
  ])('%s with a missing file exits 2 and names the file', async (source, command, env) => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch(command, { env })
    expect(code).toBe(2)
    expect(stderr).toContain('nowhere.yaml cannot be read')
    expect(stderr).toContain(source)
  })
})

describe('command line', () => {
  test.each(['', 'bogus', '--bogus', 'run --bogus', 'invalidate a b'])(
    'the command line "orch %s" exits 2',
    async (command) => {
      await using scene = await Scene.open()
      const { code, stdout, stderr } = await scene.orch(command)
      expect(code).toBe(2)
      expect(stdout).toBe('')
      expect(stderr).not.toBe('')
    },
  )

  test.each(['--help', 'run --help', '--version'])('orch %s exits 0 and prints on stdout', async (command) => {
    await using scene = await Scene.open()
    const { code, stdout, stderr } = await scene.orch(command)
    expect(code).toBe(0)
    expect(stdout).not.toBe('')
    expect(stderr).toBe('')
  })

  test('an invalid GitHub address exits 2 or reports a clear error that names the variable', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('run DPTA-1', { env: { GITHUB_API_URL: 'not an address' } })
    expect(code).not.toBe(0)
    expect(stderr).toContain('GITHUB_API_URL')
  })
})

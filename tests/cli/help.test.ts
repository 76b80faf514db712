import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { helpExamples } from '../../src/cli/help/command-help.js'
import { openFlowFolder } from '../support/flow-folder.js'
import { nodeStep } from '../support/flow-client-contract.js'
import { Scene } from '../support/scene.js'
import { cutAfter } from './support/cut-journal.js'

/** The words of an example, as a shell reads them. */
function wordsOf(example: string): string[] {
  return [...example.matchAll(/'([^']*)'|(\S+)/gu)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1)
}

/** Commands that run until they are stopped, or need another world: tests of their own execute them. */
const long = /^orch (?:serve|worker|sandbox|demo|init)\b/u
const local = /^orch (?:event|runs|handoff|flows)\b/u
const unfinished = /^orch (?:resume|cancel|watch)\b/u
const setUp = /^orch (?:doctor|setup)\b/u

const options = { currentBranch: 'DPTA-1122' }

/** A change in repoB and repoE, and a pull request that is of no change, in repoC. */
async function change(): Promise<Scene> {
  const scene = await Scene.open()
  await scene.change('repoC', 'docs')
  for (const name of ['repoB', 'repoE']) await scene.change(name, 'DPTA-1122')
  return scene
}

describe('the examples of the help work', () => {
  const examples = helpExamples.filter((example) => !long.test(example) && !local.test(example) && !setUp.test(example))

  test.each(examples.filter((example) => !unfinished.test(example) && !example.includes('workers')))(
    '%s',
    async (example) => {
      await using scene = await change()
      if (!/^orch (?:run|plan)\b/u.test(example)) await scene.orch('run DPTA-1122')
      const { code, stdout, stderr } = await scene.orch(wordsOf(example), options)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      if (!example.includes('--output')) expect(stdout).not.toBe('')
    },
  )

  test.each(examples.filter((example) => /^orch (?:resume|cancel)\b/u.test(example)))('%s', async (example) => {
    await using scene = await change()
    await scene.orch('run DPTA-1122')
    await cutAfter(scene, 'dispatch-accepted')
    expect((await scene.orch(wordsOf(example), options)).code).toBe(0)
  })

  test.each(examples.filter((example) => example.startsWith('orch watch')))('%s', async (example) => {
    await using scene = await change()
    const running = scene.start('run DPTA-1122')
    await scene.untilBuilding('repoB')
    expect((await scene.orch(wordsOf(example), options)).code).toBe(0)
    await scene.clock.until(running.ended)
  })

  test.each(helpExamples.filter((example) => setUp.test(example)))('%s', async (example) => {
    await using scene = await change()
    const { code, stdout } = await scene.orch(wordsOf(example), options)
    // The repositories of a scene have what a run needs, and not all that a check or the set-up wants.
    expect([0, 1]).toContain(code)
    expect(stdout).toContain('repoB')
  })

  test.each(helpExamples.filter((example) => local.test(example)))('%s', async (example) => {
    const on = 'on: { event: { types: [upstream.release] }, dispatch: true }'
    await using folder = await openFlowFolder({ announce: `name: announce\n${on}\nsteps:\n${nodeStep('')}` })
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch(wordsOf(example), { directory: folder.directory })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('the help', () => {
  test('lists every command in a group, with variables and exit codes, and fits 80 columns', async () => {
    await using scene = await Scene.open()
    const { code, stdout } = await scene.orch('--help')
    expect(code).toBe(0)
    const groups = [...stdout.matchAll(/^(\w[\w -]*):$/gmu)].map(([, name]) => name)
    expect(groups).toEqual([
      'Options',
      'Global flags',
      'Change',
      'History',
      'Set-up',
      'Service',
      'Local',
      'General',
      'Environment',
      'Exit codes',
    ])
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('orch version prints what orch --version prints', async () => {
    await using scene = await Scene.open()
    expect((await scene.orch('version')).stdout).toBe((await scene.orch('--version')).stdout)
  })
})

describe('global flags', () => {
  test.each([
    ['before the command', '-C sub --config graph.yaml graph'],
    ['after the command', 'graph --directory sub --config=graph.yaml'],
    ['with an equals sign', '--directory=sub --config=graph.yaml graph'],
  ])('the folder and the graph file can be named %s', async (_place, words) => {
    await using scene = await Scene.open()
    await mkdir(join(scene.directory, 'sub'))
    await writeFile(
      join(scene.directory, 'sub', 'graph.yaml'),
      'version: 1\nowner: acme\nbranches: DPTA-*\njobs: { only: {} }\n',
    )
    const { code, stdout } = await scene.orch(words)
    expect([code, stdout]).toEqual([0, expect.stringContaining('acme/only')])
  })

  test('variables set them, and a flag takes precedence', async () => {
    await using scene = await Scene.open()
    await mkdir(join(scene.directory, 'sub'))
    await writeFile(
      join(scene.directory, 'sub', 'orchestrator.yaml'),
      'version: 1\nowner: acme\nbranches: DPTA-*\njobs: { only: {} }\n',
    )
    const env = { ORCH_DIRECTORY: 'sub' }
    expect((await scene.orch('graph', { env })).stdout).toContain('acme/only')
    expect((await scene.orch('graph -C .', { env })).stdout).toContain('acme/repoA')
    const { code, stderr } = await scene.orch('list', { env: { ORCH_SANDBOX: 'maybe' } })
    expect([code, stderr]).toEqual([2, expect.stringContaining('ORCH_SANDBOX is neither true nor false: maybe')])
  })

  test('a folder that does not exist is wrong use', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('-C nowhere graph')
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no folder nowhere')])
  })

  test('--no-color removes the colors of a terminal', async () => {
    await using scene = await Scene.open()
    const at = { terminal: { columns: 80, rows: 24 }, env: { NO_COLOR: '' } }
    expect((await scene.orch('graph', at)).stdout).toContain('\u001b[')
    expect((await scene.orch('graph --no-color', at)).stdout).not.toContain('\u001b[')
    expect((await scene.orch('graph', { ...at, env: { NO_COLOR: '', ORCH_NO_COLOR: '1' } })).stdout).not.toContain(
      '\u001b[',
    )
  })

  test('--quiet leaves only the end of a run', async () => {
    await using scene = await change()
    const { code, stdout, stderr } = await scene.orch('run DPTA-1122 --quiet')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.trimEnd().split('\n').length).toBeLessThan(4)
    expect(stdout).toContain('succeeded')
  })

  test('a value that looks like a flag stays a value', async () => {
    await using scene = await change()
    await scene.orch('run DPTA-1122')
    expect((await scene.orch(['invalidate', 'DPTA-1122', '--reason', '-C/etc'])).code).toBe(0)
    expect((await scene.statuses('repoB', 'DPTA-1122'))[0]).toContain('-C/etc')
  })
})

describe('the branch in a run of GitHub Actions', () => {
  const actions = { GITHUB_ACTIONS: 'true' }

  test.each([
    ['of a pull request', { GITHUB_HEAD_REF: 'DPTA-1122', GITHUB_REF_NAME: '7/merge', GITHUB_REF_TYPE: 'branch' }],
    ['of a push', { GITHUB_HEAD_REF: '', GITHUB_REF_NAME: 'DPTA-1122', GITHUB_REF_TYPE: 'branch' }],
  ])('is that of the run %s, where the head is detached', async (_event, env) => {
    await using scene = await change()
    expect((await scene.orch('status --json', { env: { ...actions, ...env } })).stdout).toContain(
      '"branch": "DPTA-1122"',
    )
  })

  test('is not known for a tag', async () => {
    await using scene = await change()
    const env = { ...actions, GITHUB_REF_NAME: 'DPTA-1122', GITHUB_REF_TYPE: 'tag' }
    expect((await scene.orch('status', { env })).code).toBe(2)
  })
})

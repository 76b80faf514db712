import { execFileSync } from 'node:child_process'
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startCommand } from '../../support/command.js'
import type { Ended } from '../../support/command.js'
import { exampleGraph } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

/** A valid graph whose only matching branch is its name, so that a test can see which graph was loaded. */
const graphFor = (name: string): string => exampleGraph.replace('DPTA-*', `${name}-*`)

/** The name of the graph file that the command loaded, according to the branches that it accepts. */
const takenGraph = ({ stderr }: Ended): string | undefined => /matches only (\w+)-\*/u.exec(stderr)?.[1]

class Tree implements AsyncDisposable {
  readonly scene: Scene

  private constructor(scene: Scene) {
    this.scene = scene
  }

  /** A scene without a graph file, with the folders a/b/c. */
  static async open(files: Record<string, string> = {}): Promise<Tree> {
    const scene = await Scene.open()
    await rm(join(scene.directory, 'orchestrator.yaml'))
    await mkdir(join(scene.directory, 'a', 'b', 'c'), { recursive: true })
    for (const [path, text] of Object.entries(files)) await writeFile(join(scene.directory, path), text)
    return new Tree(scene)
  }

  /** Runs a command in a folder of the tree; the test fails if it sends a request to GitHub. */
  orch(folder: string, words: string | readonly string[] = 'plan NONE-1', env: Record<string, string> = {}) {
    const { clock, directory } = this.scene
    const fetch = (): Promise<Response> => Promise.reject(new Error('nothing may be asked'))
    const token = { GH_TOKEN: 'ghp_a-token' }
    const place = { directory: join(directory, folder), clock, env: { ...token, ...env }, fetch }
    return clock.until(startCommand(place, words).ended)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.scene.close()
  }
}

describe('graph file search', () => {
  test('the graph file search takes the one in the working directory', async () => {
    await using tree = await Tree.open({ 'orchestrator.yaml': graphFor('TOP'), 'a/orchestrator.yaml': graphFor('A') })
    expect(takenGraph(await tree.orch('.'))).toBe('TOP')
  })

  test('the graph file search takes the nearest one upwards if the working directory has none', async () => {
    await using tree = await Tree.open({ 'orchestrator.yaml': graphFor('TOP'), 'a/orchestrator.yaml': graphFor('A') })
    expect(takenGraph(await tree.orch('a/b/c'))).toBe('A')
    await rm(join(tree.scene.directory, 'a', 'orchestrator.yaml'))
    expect(takenGraph(await tree.orch('a/b/c'))).toBe('TOP')
  })

  test('the graph file search prefers ORCH_CONFIG over files in the folders', async () => {
    await using tree = await Tree.open({ 'a/orchestrator.yaml': graphFor('A'), 'a/other.yaml': graphFor('OTHER') })
    expect(takenGraph(await tree.orch('a', 'plan NONE-1', { ORCH_CONFIG: 'other.yaml' }))).toBe('OTHER')
  })

  test('the graph file search prefers --config over everything else', async () => {
    const files = { 'orchestrator.yaml': graphFor('TOP'), 'env.yaml': graphFor('ENV'), 'flag.yaml': graphFor('FLAG') }
    await using tree = await Tree.open(files)
    expect(takenGraph(await tree.orch('.', 'plan NONE-1 -c flag.yaml', { ORCH_CONFIG: 'env.yaml' }))).toBe('FLAG')
  })

  test('a graph file is named relative to the working directory, or absolutely', async () => {
    await using tree = await Tree.open({ 'a/other.yaml': graphFor('OTHER') })
    expect(takenGraph(await tree.orch('a/b/c', 'plan NONE-1 --config ../../other.yaml'))).toBe('OTHER')
    const absolute = join(tree.scene.directory, 'a', 'other.yaml')
    expect(takenGraph(await tree.orch('a/b/c', ['plan', 'NONE-1', '--config', absolute]))).toBe('OTHER')
  })

  test('the graph file search ignores an empty ORCH_CONFIG', async () => {
    await using tree = await Tree.open({ 'orchestrator.yaml': graphFor('TOP') })
    expect(takenGraph(await tree.orch('a/b', 'plan NONE-1', { ORCH_CONFIG: ' ' }))).toBe('TOP')
  })

  test('the graph file search follows a symbolic link', async () => {
    await using tree = await Tree.open({ 'a/other.yaml': graphFor('OTHER') })
    const { directory } = tree.scene
    await symlink(join(directory, 'a', 'other.yaml'), join(directory, 'orchestrator.yaml'))
    expect(takenGraph(await tree.orch('a/b'))).toBe('OTHER')
  })

  test.each(['run NONE-1', 'plan NONE-1', 'status NONE-1', 'invalidate NONE-1'])(
    'the graph file search is the same for orch %s',
    async (words) => {
      await using tree = await Tree.open({ 'orchestrator.yaml': graphFor('TOP') })
      expect(takenGraph(await tree.orch('a/b', words))).toBe('TOP')
    },
  )

  test('the graph file search does not continue when a named file is missing', async () => {
    await using tree = await Tree.open({ 'orchestrator.yaml': graphFor('TOP') })
    const { code, stdout, stderr } = await tree.orch('a', 'plan NONE-1 --config nowhere.yaml')
    expect(stderr.split('\n')).toEqual([
      'error: nowhere.yaml cannot be read',
      '  why: --config names it: no such file or directory',
      '  what to do: Name a graph file with --config.',
      '',
    ])
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })
})

describe('unreadable graph file', () => {
  test.each([
    ['--config', 'plan NONE-1 --config a', {}],
    ['ORCH_CONFIG', 'plan NONE-1', { ORCH_CONFIG: 'a' }],
  ])('a directory in place of the graph file is reported with its source %s', async (source, words, env) => {
    await using tree = await Tree.open({ 'orchestrator.yaml': graphFor('TOP') })
    const { code, stderr } = await tree.orch('.', words, env)
    expect(stderr).toContain(`a cannot be read\n  why: ${source} names it: it is a folder`)
    expect(code).toBe(2)
  })

  test.each([
    ['a device without an end', '/dev/zero'],
    ['a named pipe that nobody writes', 'pipe'],
  ])('%s in place of the graph file is refused at once', async (_kind, name) => {
    await using tree = await Tree.open({ 'orchestrator.yaml': graphFor('TOP') })
    execFileSync('mkfifo', [join(tree.scene.directory, 'pipe')])
    const { code, stderr } = await tree.orch('.', `plan NONE-1 --config ${name}`)
    expect([code, stderr]).toEqual([2, expect.stringContaining('--config names it: it is not a regular file')])
  })

  test('a directory named like the graph file is not skipped in favour of a file in a parent folder', async () => {
    await using tree = await Tree.open({ 'orchestrator.yaml': graphFor('TOP') })
    await mkdir(join(tree.scene.directory, 'a', 'orchestrator.yaml'))
    const { code, stdout, stderr } = await tree.orch('a/b')
    expect(stderr).toContain(`${join('a', 'orchestrator.yaml')} cannot be read\n  why: it is a folder`)
    expect(stderr).toContain('what to do: Make it readable, or name another one with --config.')
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test.skipIf(process.getuid?.() === 0)(
    'a graph file without read permission is not skipped in favour of a file in a parent folder',
    async () => {
      await using tree = await Tree.open({ 'orchestrator.yaml': graphFor('TOP'), 'a/orchestrator.yaml': graphFor('A') })
      await chmod(join(tree.scene.directory, 'a', 'orchestrator.yaml'), 0)
      const { code, stderr } = await tree.orch('a')
      expect(stderr).toContain('permission denied')
      expect(code).toBe(2)
    },
  )

  test('a graph file that is a link to itself is not skipped in favour of a file in a parent folder', async () => {
    await using tree = await Tree.open({ 'orchestrator.yaml': graphFor('TOP') })
    const link = join(tree.scene.directory, 'a', 'orchestrator.yaml')
    await symlink(link, link)
    const { code, stderr } = await tree.orch('a')
    expect(stderr).toContain('too many symbolic links encountered')
    expect(code).toBe(2)
  })

  test('a missing graph file is explained in three lines that say how to create one', async () => {
    await using tree = await Tree.open()
    const { code, stdout, stderr } = await tree.orch('a/b')
    expect(stderr.split('\n')).toEqual([
      'error: there is no orchestrator.yaml here or in any folder above',
      '  why: it holds the graph: which repositories build in which order',
      '  what to do: Write one with orch init, or name one with --config or ORCH_CONFIG.',
      '',
    ])
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })
})

describe('mistakes in the graph file', () => {
  const wrong = 'version: 1\nowner: acme\nbranches: DPTA-*\njobs:\n  repoA: {}\n  repoB: { needs: repoX }\n'

  test.each([
    ['.', 'plan DPTA-1', 'orchestrator.yaml'],
    ['a/b', 'plan DPTA-1', '../../orchestrator.yaml'],
    ['a', 'plan DPTA-1 --config ../orchestrator.yaml', '../orchestrator.yaml'],
  ])('a mistake in the graph file is located by a path that an editor opens from %s', async (folder, words, shown) => {
    await using tree = await Tree.open({ 'orchestrator.yaml': wrong })
    const { code, stdout, stderr } = await tree.orch(folder, words)
    expect(stderr).toMatch(new RegExp(`^${shown.replaceAll('.', '\\.')}:6:19`, 'mu'))
    expect(stderr).toContain('repoX')
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test('a mistake in the graph file is reported by every command, before a token is read', async () => {
    await using tree = await Tree.open({ 'orchestrator.yaml': wrong })
    for (const words of ['run DPTA-1', 'plan DPTA-1', 'status DPTA-1', 'invalidate', 'sandbox']) {
      const { code, stdout, stderr } = await tree.orch('.', words, { GH_TOKEN: '' })
      expect(stderr).toContain('orchestrator.yaml:6:19')
      expect(stdout).toBe('')
      expect(code).toBe(2)
    }
  })

  test('a mistake in the graph file is annotated in GitHub Actions on stderr, so that a redirected stdout stays clean', async () => {
    await using tree = await Tree.open({ 'orchestrator.yaml': wrong })
    const { stdout, stderr } = await tree.orch('.', 'plan DPTA-1 --json', { GITHUB_ACTIONS: 'true' })
    expect(stderr).toMatch(/^::error title=orch::orchestrator\.yaml:6:19.*repoX/mu)
    expect(stdout).toBe('')
  })
})

test('the state is beside the graph file, regardless of the working directory', async () => {
  await using scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  await mkdir(join(scene.directory, 'graphs'))
  await rename(join(scene.directory, 'orchestrator.yaml'), join(scene.directory, 'graphs', 'one.yaml'))
  expect((await scene.orch('run DPTA-1 --config graphs/one.yaml')).code).toBe(0)
  const files = await scene.files()
  expect(files.filter((path) => path.endsWith('.jsonl')).map((path) => path.split('.orch')[0])).toEqual(['graphs/'])
})

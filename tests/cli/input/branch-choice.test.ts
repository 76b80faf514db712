import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

describe('branch of the change', () => {
  test.each(['run', 'plan', 'status'])(
    'the named branch takes precedence over the current git branch: orch %s',
    async (command) => {
      await using scene = await Scene.open()
      await scene.change('repoB', 'DPTA-1')
      await scene.change('repoB', 'DPTA-2')
      const { stdout } = await scene.orch(`${command} DPTA-2 --json`, { currentBranch: 'DPTA-1\n' })
      expect(/"branch": ?"([^"]*)"/u.exec(stdout)?.[1]).toBe('DPTA-2')
    },
  )

  test.each(['run', 'plan', 'status'])(
    'the current git branch is used where none is named: orch %s',
    async (command) => {
      await using scene = await Scene.open()
      await scene.change('repoB', 'DPTA-1')
      const { code, stdout } = await scene.orch(command, { currentBranch: 'DPTA-1\n' })
      expect(stdout).toContain('DPTA-1')
      expect(code).toBe(command === 'status' ? 8 : 0)
    },
  )

  test.each<[string, { currentBranch?: string }]>([
    ['there is no git repository', {}],
    ['the head is detached', { currentBranch: '' }],
  ])('a branch must be named where %s', async (_what, options) => {
    await using scene = await Scene.open()
    for (const command of ['run', 'plan', 'status']) {
      const { code, stdout, stderr } = await scene.orch(command, options)
      expect(stderr.split('\n')).toEqual([
        'error: no branch is given',
        '  why: no branch was named, and the working directory is not on one (no git repository, or a detached head)',
        '  what to do: Name the branch: orch run DPTA-1122',
        '',
      ])
      expect(stdout).toBe('')
      expect(code).toBe(2)
    }
    expect(scene.sandbox.requests).toEqual([])
  })

  test('orch invalidate does not use the current git branch, because without a name it locks every change', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoC', 'DPTA-2')
    expect((await scene.orch('invalidate', { currentBranch: 'DPTA-1\n' })).code).toBe(0)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending inv:ID/u)
    expect(await scene.status('repoC', 'DPTA-2')).toMatch(/^pending inv:ID/u)
  })

  test('a branch name is case-sensitive: a name in another case is another branch', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const { code, stderr } = await scene.orch('run dpta-1')
    expect(stderr).toContain('dpta-1 is not the branch of a coordinated change')
    expect(code).toBe(2)
  })
})

describe('invalid branch', () => {
  test.each(['run', 'plan', 'status', 'invalidate'])(
    'a branch that does not match is refused by orch %s, with the patterns that would match',
    async (command) => {
      await using scene = await Scene.open()
      const { code, stdout, stderr } = await scene.orch(`${command} feature/x`)
      expect(stderr.split('\n')).toEqual([
        'error: feature/x is not the branch of a coordinated change',
        '  why: `branches` in the graph file matches only DPTA-*',
        '  what to do: Name a branch such as DPTA-1122, or widen `branches`.',
        '',
      ])
      expect(stdout).toBe('')
      expect(code).toBe(2)
      expect(scene.sandbox.requests).toEqual([])
    },
  )

  test.each([
    ['', 'it is empty'],
    ['DPTA-1..2', 'it has two dots in a row'],
    ['DPTA-1.lock', 'a part of it ends in .lock'],
    ['DPTA-1 2', 'it contains " "'],
    ['DPTA-1\n', 'it contains "\\n"'],
    ['DPTA-*', 'it contains "*"'],
    ['-x', 'it starts with a dash'],
  ])('the branch %j is refused because git refuses it', async (name, problem) => {
    await using scene = await Scene.open()
    for (const command of ['run', 'plan', 'status', 'invalidate']) {
      const { code, stdout, stderr } = await scene.orch([command, '--', name])
      expect(stderr).toContain(`why: git refuses it: ${problem}`)
      expect(stderr.split('\n')).toHaveLength(4)
      expect(stdout).toBe('')
      expect(code).toBe(2)
    }
    expect(scene.sandbox.requests).toEqual([])
  })

  test('a refused branch name is shown without terminal control sequences', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch(['run', 'DPTA-\u001b[31m\u202e'])
    for (const hostile of ['\u001b', '\u202e']) expect(stderr).not.toContain(hostile)
    expect(stderr).toContain('is not a valid branch name')
    expect(code).toBe(2)
  })

  test.each(['origin/DPTA-7', 'refs/heads/DPTA-7', 'refs/remotes/fork/DPTA-7', 'dpta-7', 'origin/dpta-7'])(
    'the branch that is meant by %s is named',
    async (named) => {
      await using scene = await Scene.open()
      const { code, stderr } = await scene.orch(`run ${named}`)
      expect([code, stderr]).toEqual([2, expect.stringContaining('what to do: Did you mean DPTA-7?\n')])
    },
  )

  test('no example is made of a pattern that is not plain', async () => {
    const graph = 'version: 1\nowner: acme\nbranches: ["(a+)+$*", "!*"]\njobs: { repoA: {} }\n'
    await using scene = await Scene.open({ graph })
    const { code, stderr } = await scene.orch('run main')
    expect([code, stderr]).toEqual([2, expect.stringContaining('Name a branch that they match, or widen `branches`.')])
  })

  test('the current git branch is refused if it does not match', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('status', { currentBranch: 'main\n' })
    expect(stderr).toContain('main is not the branch of a coordinated change')
    expect(code).toBe(2)
  })
})

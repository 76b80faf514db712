import { describe, expect, test } from 'vitest'
import { Scene } from '../support/scene.js'

describe('the branch of the change', () => {
  test.each(['run', 'plan', 'status'])('is the one named, whatever git is on: orch %s', async (command) => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoB', 'DPTA-2')
    const { stdout } = await scene.orch(`${command} DPTA-2 --json`, { currentBranch: 'DPTA-1\n' })
    expect(/"branch": ?"([^"]*)"/u.exec(stdout)?.[1]).toBe('DPTA-2')
  })

  test.each(['run', 'plan', 'status'])('is the current git branch where none is named: orch %s', async (command) => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const { code, stdout } = await scene.orch(command, { currentBranch: 'DPTA-1\n' })
    expect(stdout).toContain('DPTA-1')
    expect(code).toBe(command === 'status' ? 8 : 0)
  })

  test.each<[string, { currentBranch?: string }]>([
    ['there is no git repository', {}],
    ['the head is detached', { currentBranch: '' }],
  ])('must be named where %s', async (_what, options) => {
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

  test('is not taken from git by invalidate, which without a name means every change', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoC', 'DPTA-2')
    expect((await scene.orch('invalidate', { currentBranch: 'DPTA-1\n' })).code).toBe(0)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending inv:ID/u)
    expect(await scene.status('repoC', 'DPTA-2')).toMatch(/^pending inv:ID/u)
  })

  test('is told with its exact letters: a name of another case is another branch', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const { code, stderr } = await scene.orch('run dpta-1')
    expect(stderr).toContain('dpta-1 is not the branch of a coordinated change')
    expect(code).toBe(2)
  })
})

describe('a branch that is no change', () => {
  test.each(['run', 'plan', 'status', 'invalidate'])(
    'is refused by orch %s, with what would match',
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
  ])('because git refuses %j', async (name, problem) => {
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

  test('is shown without what would drive the terminal', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch(['run', 'DPTA-\u001b[31m\u202e'])
    for (const hostile of ['\u001b', '\u202e']) expect(stderr).not.toContain(hostile)
    expect(stderr).toContain('is not a valid branch name')
    expect(code).toBe(2)
  })

  test('is refused as well when it is the current git branch', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('status', { currentBranch: 'main\n' })
    expect(stderr).toContain('main is not the branch of a coordinated change')
    expect(code).toBe(2)
  })
})

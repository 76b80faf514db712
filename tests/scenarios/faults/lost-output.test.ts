import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

describe('output that cannot be written is an error', () => {
  test.each([
    'run DPTA-1',
    'run DPTA-1 --json',
    'plan DPTA-1 --json',
    'status DPTA-1',
    'invalidate DPTA-1 --json',
    'graph',
    'list --json',
    'show',
    'completion bash',
    'flows list',
    'version',
    '--help',
    'run --help',
  ])('orch %s', async (words) => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    if (!words.startsWith('run')) await scene.orch('run DPTA-1')
    const { code, stderr } = await scene.orch(words, { fullDisk: true })
    expect([code, stderr]).toEqual([1, 'error: stdout cannot be written: no space left on device\n'])
  })

  test('the run itself goes on to its end', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.orch('run DPTA-1', { fullDisk: true })
    expect(scene.posts()).toContain('success repoB')
  })
})

import { describe, expect, test } from 'vitest'
import { Scene } from '../support/scene.js'

describe('orch run', () => {
  test('builds the members in the order of the graph and unlocks their pull requests', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'DPTA-1')
    const { code, stdout, stderr } = await scene.orch('run DPTA-1')
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoD build.yml@DPTA-1'])
    expect(await scene.status('repoB', 'DPTA-1')).toBe('success run:ID set:DIGEST ok, 2 repositories built together')
    expect(stdout).toContain('repoA      skipped')
  })
})

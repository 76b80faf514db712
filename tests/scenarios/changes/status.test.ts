import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const rowOf = (lines: string[], name: string): string => lines.find((line) => line.startsWith(name))?.trim() ?? ''

async function change(): Promise<Scene> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  await scene.change('repoD', 'DPTA-1')
  return scene
}

describe('orch status', () => {
  test('orch status prints one table: repository, branch, head, pull request, status, and whether the digest still matches', async () => {
    await using scene = await change()
    await scene.orch('run DPTA-1')
    const { code, outputLines } = await scene.orch('status DPTA-1')
    expect(code).toBe(0)
    expect(rowOf(outputLines, 'Repository')).toBe('Repository Branch Head Pull request Status Digest')
    const head = (await scene.head('repoB', 'DPTA-1')).slice(0, 7)
    expect(rowOf(outputLines, 'repoB')).toBe(`repoB DPTA-1 ${head} #1 success matches`)
    expect(rowOf(outputLines, 'repoA')).toBe('repoA absent')
  })

  test('orch status exits 8 before a run, during a run, and after an invalidation', async () => {
    await using scene = await change()
    expect((await scene.orch('status DPTA-1')).code).toBe(8)
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    expect((await scene.orch('status DPTA-1')).code).toBe(8)
    scene.builds.script('acme/repoB').release('success')
    await scene.clock.until(running.ended)
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
    await scene.orch('invalidate DPTA-1')
    expect((await scene.orch('status DPTA-1')).code).toBe(8)
  })

  test('orch status exits 1 after a failed build', async () => {
    await using scene = await change()
    scene.builds.script('acme/repoB').concludes('failure')
    await scene.orch('run DPTA-1')
    const { code, outputLines } = await scene.orch('status DPTA-1')
    expect(code).toBe(1)
    expect(rowOf(outputLines, 'repoD')).toMatch(/failure/u)
  })

  test('orch status exits 1 when a success was tested together with other commits', async () => {
    await using scene = await change()
    await scene.orch('run DPTA-1')
    await scene.push('repoC', 'DPTA-1')
    const { code, outputLines } = await scene.orch('status DPTA-1')
    expect(code).toBe(1)
    expect(rowOf(outputLines, 'repoB')).toMatch(/success differs$/u)
  })

  test('orch status exits 1 when a repository cannot be read, and names it', async () => {
    await using scene = await change()
    await scene.orch('run DPTA-1')
    scene.sandbox.admin.renameRepository('acme/repoC', 'library')
    const { code, stdout } = await scene.orch('status DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('acme/repoC is now called acme/library')
  })

  test('orch status exits 4 when the token is refused', async () => {
    await using scene = await change()
    expect((await scene.orch('status DPTA-1', { env: { GH_ENTERPRISE_TOKEN: 'ghp_wrong' } })).code).toBe(4)
  })

  test('orch status writes nothing', async () => {
    await using scene = await change()
    await scene.orch('status DPTA-1')
    expect(scene.writes()).toEqual([])
    expect(await scene.files()).toEqual([])
  })

  test('orch status --json prints one versioned document', async () => {
    await using scene = await change()
    const { stdout } = await scene.orch('status DPTA-1 --json')
    expect(JSON.parse(stdout)).toMatchObject({ version: 2, branch: 'DPTA-1', verdict: 'pending' })
  })

  test('orch status uses the current git branch when none is named', async () => {
    await using scene = await change()
    expect((await scene.orch('status', { currentBranch: 'DPTA-1\n' })).outputLines[0]).toContain('DPTA-1')
  })
})

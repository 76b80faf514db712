import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

/** Opens a pull request from a fork into repoB with the branch name DPTA-1, with its own commit unless its head is to be shared. */
async function forkedPull(scene: Scene, options: { shared?: boolean } = {}): Promise<{ number: number; sha: string }> {
  await scene.sandbox.admin.forkRepository('acme/repoB', 'mallory/repoB')
  if (options.shared !== true) await scene.sandbox.admin.commit('mallory/repoB', 'DPTA-1', { 'evil.txt': 'x\n' })
  const sha = (await scene.sandbox.admin.branch('mallory/repoB', 'DPTA-1')) ?? ''
  const number = await scene.sandbox.admin.openPull('acme/repoB', {
    head: 'DPTA-1',
    from: 'mallory/repoB',
    title: 'mine',
  })
  return { number, sha }
}

describe('pull request of a fork', () => {
  test('a pull request of a fork with the branch name of the change is never built, locked or unlocked', async () => {
    await using scene = await Scene.open()
    await scene.change('repoD', 'DPTA-1')
    const { sha } = await forkedPull(scene)
    const { code, outputLines, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoD build.yml@DPTA-1'])
    expect(outputLines).toContain('repoB skipped acme/repoB has no branch DPTA-1')
    expect(stdout).not.toContain('repoB#')
    expect(scene.statusesOf('repoB', sha)).toEqual([])
  })

  test('a pull request of a fork is left unchanged next to a pull request of the change', async () => {
    await using scene = await Scene.open()
    const own = await scene.change('repoB', 'DPTA-1')
    const { number, sha } = await forkedPull(scene)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.statusesOf('repoB', sha)).toEqual([])
    expect(await scene.merge('repoB', number)).toMatch(/405/u)
    expect(await scene.merge('repoB', own)).toBeNull()
  })

  test('a pull request of a fork is not changed by an invalidation', async () => {
    await using scene = await Scene.open()
    const { number, sha } = await forkedPull(scene)
    const { code, stdout } = await scene.orch('invalidate')
    expect(code).toBe(0)
    expect(stdout).not.toContain(`#${number}`)
    expect(scene.statusesOf('repoB', sha)).toEqual([])
  })

  test('a pull request of a fork with the same head commit causes a warning, because it shows our status too', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const { number } = await forkedPull(scene, { shared: true })
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(stdout).toContain(`acme/repoB#${number} comes from a fork and has the same head commit`)
  })
})

describe('another branch with the same head commit', () => {
  async function shared(): Promise<Scene> {
    const scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.sandbox.admin.moveBranch('acme/repoB', 'other', 'DPTA-1')
    await scene.sandbox.admin.openPull('acme/repoB', { head: 'other' })
    return scene
  }

  test('another branch with the same head commit prevents the run, which suggests an empty commit', async () => {
    await using scene = await shared()
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('acme/repoB#2 of branch other has the same head commit')
    expect(stderr).toContain('Push an empty commit')
    expect(scene.writes()).toEqual([])
    expect(await scene.files()).toEqual([])
  })

  test('another branch with the same head commit does not prevent the run after an empty commit was pushed', async () => {
    await using scene = await shared()
    await scene.push('repoB', 'DPTA-1', {})
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
  })

  test('another branch with the same head commit does not prevent a run with --no-status, which posts nothing', async () => {
    await using scene = await shared()
    const { code } = await scene.orch('run DPTA-1 --no-status')
    expect(code).toBe(0)
    expect(await scene.statuses('repoB', 'DPTA-1')).toEqual([])
  })

  test('another branch with the same head commit but no open pull request does not prevent the run', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.sandbox.admin.moveBranch('acme/repoB', 'other', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
  })
})

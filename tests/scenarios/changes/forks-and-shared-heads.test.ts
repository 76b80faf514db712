import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

/** A fork's pull request in repoB from a branch called DPTA-1, with a commit of its own unless its head is to be shared. */
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

describe("a fork's pull request, however its branch is named", () => {
  test('is never built, locked or unlocked by a run', async () => {
    await using scene = await Scene.open()
    await scene.change('repoD', 'DPTA-1')
    const { sha } = await forkedPull(scene)
    const { code, told, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoD build.yml@DPTA-1'])
    expect(told).toContain('repoB skipped acme/repoB has no branch DPTA-1')
    expect(stdout).not.toContain('repoB#')
    expect(scene.statusesOf('repoB', sha)).toEqual([])
  })

  test('is left alone next to a pull request of the change', async () => {
    await using scene = await Scene.open()
    const own = await scene.change('repoB', 'DPTA-1')
    const { number, sha } = await forkedPull(scene)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.statusesOf('repoB', sha)).toEqual([])
    expect(await scene.merge('repoB', number)).toMatch(/405/u)
    expect(await scene.merge('repoB', own)).toBeNull()
  })

  test('is never touched by an invalidation', async () => {
    await using scene = await Scene.open()
    const { number, sha } = await forkedPull(scene)
    const { code, stdout } = await scene.orch('invalidate')
    expect(code).toBe(0)
    expect(stdout).not.toContain(`#${number}`)
    expect(scene.statusesOf('repoB', sha)).toEqual([])
  })

  test('with the same head commit is warned about, for our status shows on it too', async () => {
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

  test('means no run: push an empty commit', async () => {
    await using scene = await shared()
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('acme/repoB#2 of branch other has the same head commit')
    expect(stderr).toContain('Push an empty commit')
    expect(scene.writes()).toEqual([])
    expect(await scene.files()).toEqual([])
  })

  test('is no obstacle once an empty commit was pushed', async () => {
    await using scene = await shared()
    await scene.push('repoB', 'DPTA-1', {})
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
  })

  test('is no obstacle for --no-status, which posts nothing', async () => {
    await using scene = await shared()
    const { code } = await scene.orch('run DPTA-1 --no-status')
    expect(code).toBe(0)
    expect(await scene.statuses('repoB', 'DPTA-1')).toEqual([])
  })

  test('is no obstacle without an open pull request', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.sandbox.admin.moveBranch('acme/repoB', 'other', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
  })
})

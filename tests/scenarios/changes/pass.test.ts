import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

/** A pull request of repoB whose branch is not of a change; returns its number. */
async function other(scene: Scene, branch = 'feature'): Promise<number> {
  await scene.push('repoB', branch)
  return scene.sandbox.admin.openPull('acme/repoB', { head: branch, title: 'other' })
}

describe('orch pass', () => {
  test('pass posts success on a pull request that belongs to no change, and only once', async () => {
    await using scene = await Scene.open()
    const number = await other(scene)
    const first = await scene.orch(`pass --pull-request acme/repoB#${number}`)
    expect(first.outputLines[0]).toMatch(/^Posted success on acme\/repoB#\d+ at [0-9a-f]{7}: it is not a coordinated/u)
    expect(first.code).toBe(0)
    expect(await scene.statuses('repoB', 'feature')).toEqual(['success not a coordinated change'])
    expect(await scene.merge('repoB', number)).toBeNull()
    const second = await scene.orch(`pass --pull-request acme/repoB#${number}`)
    expect(second.code).toBe(1)
    expect(second.outputLines[0]).toContain('is not open')
  })

  test('pass posts nothing where the success is there already', async () => {
    await using scene = await Scene.open()
    const number = await other(scene)
    await scene.orch(`pass --pull-request ACME/repob#${number}`)
    const { code, outputLines } = await scene.orch(`pass --pull-request acme/repoB#${number}`)
    expect([code, outputLines[0]]).toEqual([0, `acme/repoB#${number} has that success already.`])
    expect(scene.posts()).toEqual(['success repoB'])
  })

  test('pass posts nothing on a pull request of a change', async () => {
    await using scene = await Scene.open()
    const number = await scene.change('repoB', 'DPTA-1')
    const { code, stdout } = await scene.orch(`pass --pull-request acme/repoB#${number} --json`)
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      result: 'coordinated',
      branch: 'DPTA-1',
      repository: 'acme/repoB',
      number,
    })
    expect(scene.writes()).toEqual([])
  })

  test('pass never touches a commit that is also the head of a pull request of a change', async () => {
    await using scene = await Scene.open()
    const ofChange = await scene.change('repoB', 'DPTA-1')
    const sha = await scene.head('repoB', 'DPTA-1')
    await scene.sandbox.admin.moveBranch('acme/repoB', 'feature', sha)
    const number = await scene.sandbox.admin.openPull('acme/repoB', { head: 'feature', title: 'same commit' })
    const { code, stdout } = await scene.orch(`pass --pull-request acme/repoB#${number} --json`)
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ result: 'shared-head', sharedWith: ofChange, headSha: sha })
    expect(scene.writes()).toEqual([])
  })

  test('pass puts its success back if a pull request of a change appears at the commit at the same time', async () => {
    await using scene = await Scene.open()
    const number = await other(scene)
    const sha = await scene.head('repoB', 'feature')
    scene.before('POST', /\/statuses\//u, async () => {
      await scene.sandbox.admin.moveBranch('acme/repoB', 'DPTA-1', sha)
      await scene.sandbox.admin.openPull('acme/repoB', { head: 'DPTA-1', title: 'late' })
    })
    const { code } = await scene.orch(`pass --pull-request acme/repoB#${number}`)
    expect(code).toBe(1)
    expect(scene.statusesOf('repoB', sha)[0]).toBe('pending no longer not a coordinated change')
  })

  test.each([
    ['acme/repoB', 'is not a pull request'],
    ['acme/repoB#0', 'is not a pull request'],
    ['acme/../x#1', 'is not a pull request'],
    ['acme/other#1', 'acme/other is not part of the graph'],
  ])('pass refuses --pull-request %s before anything is sent', async (text, problem) => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch(['pass', '--pull-request', text])
    expect(code).toBe(2)
    expect(stderr).toContain(problem)
    expect(scene.sandbox.requests).toEqual([])
  })

  test('pass without --pull-request is a usage problem', async () => {
    await using scene = await Scene.open()
    expect((await scene.orch('pass')).code).toBe(2)
  })
})

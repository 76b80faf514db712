import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

/** repoB's pull request was squash-merged and its branch not deleted; repoD still changes. */
async function afterMerge(options: Parameters<typeof Scene.open>[0] = {}): Promise<Scene> {
  const scene = await Scene.open({ unprotected: ['repoB', 'repoC'], ...options })
  const number = await scene.change('repoB', 'DPTA-1')
  await scene.sandbox.admin.mergePull('acme/repoB', number, { method: 'squash' })
  await scene.change('repoD', 'DPTA-1')
  return scene
}

const said = 'acme/repoB#1 was merged at the head of the branch, so main counts'

describe('a branch whose pull request was merged', () => {
  test('orch run does not build it, and unlocks the others against its default branch', async () => {
    await using scene = await afterMerge()
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoD build.yml@DPTA-1'])
    expect(outputLines).toContain(`repoB skipped ${said}`)
    expect(outputLines.join('\n')).toContain('1 of 5 repositories has the branch, 1 merged already')
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^success/u)
    expect(await scene.statuses('repoB', 'DPTA-1')).toEqual([])
  })

  test('orch plan and orch status show it, and the digest stays when the branch is deleted', async () => {
    await using scene = await afterMerge()
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect((await scene.orch('plan DPTA-1')).stdout).toContain(said)
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(0)
    expect(status.outputLines.find((line) => line.startsWith('repoB'))).toMatch(/^repoB merged [0-9a-f]{7} #1 merged/u)
    expect(status.stdout).toContain('repoB: the branch was merged at its head, so main counts')
    await scene.sandbox.admin.deleteBranch('acme/repoB', 'DPTA-1')
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
  })

  test('orch plan --json and orch status --json name the merged pull request', async () => {
    await using scene = await afterMerge()
    const headSha = await scene.head('repoB', 'DPTA-1')
    const plan: unknown = JSON.parse((await scene.orch('plan DPTA-1 --json')).stdout)
    const pull = { number: 1, baseBranch: 'main' }
    expect(plan).toMatchObject({
      absent: [
        { repository: 'acme/repoA', merged: null },
        { repository: 'acme/repoB', merged: { headSha, pullRequests: [pull] } },
        {},
        {},
      ],
    })
    const status: unknown = JSON.parse((await scene.orch('status DPTA-1 --json')).stdout)
    expect(status).toMatchObject({
      repositories: [{}, { kind: 'merged', headSha, mergedPullRequests: [pull] }, {}, {}, {}],
    })
  })

  test('a commit on top of the merged head makes it a member again', async () => {
    await using scene = await afterMerge()
    await scene.push('repoB', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoD build.yml@DPTA-1'])
  })

  test('a pull request that was closed without being merged leaves a member', async () => {
    await using scene = await Scene.open()
    scene.sandbox.admin.closePull('acme/repoB', await scene.change('repoB', 'DPTA-1'))
    await scene.change('repoD', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoD build.yml@DPTA-1'])
  })

  test("a fork's merged pull request of the same name and head does not make the branch a merged one", async () => {
    await using scene = await Scene.open({ unprotected: ['repoB'] })
    await scene.push('repoB', 'DPTA-1')
    await scene.sandbox.admin.forkRepository('acme/repoB', 'mallory/repoB')
    const pull = { head: 'DPTA-1', from: 'mallory/repoB' }
    const number = await scene.sandbox.admin.openPull('acme/repoB', pull)
    await scene.sandbox.admin.mergePull('acme/repoB', number)
    await scene.change('repoD', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoD build.yml@DPTA-1'])
  })

  test('a push to the merged branch during the builds ends the orchestration', async () => {
    await using scene = await afterMerge()
    scene.builds.script('acme/repoD').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoD')
    await scene.push('repoB', 'DPTA-1')
    scene.builds.script('acme/repoD').release('success')
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    expect(stdout).toContain('the merged branch of acme/repoB has the new commit')
    expect(await scene.status('repoD', 'DPTA-1')).not.toMatch(/^success/u)
  })

  test('a merge of the default branch after success makes the change not green, because its dependents were tested with another one', async () => {
    await using scene = await Scene.open({ unprotected: ['repoB', 'repoD'] })
    const number = await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
    await scene.sandbox.admin.mergePull('acme/repoB', number, { method: 'squash' })
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(1)
    expect(status.outputLines.find((line) => line.startsWith('repoD'))).toMatch(/differs$/u)
  })

  test('a change whose pull requests are all merged exits 2 and says so', async () => {
    await using scene = await Scene.open({ unprotected: ['repoB', 'repoC'] })
    for (const name of ['repoB', 'repoC']) await scene.merge(name, await scene.change(name, 'DPTA-1'))
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(2)
    expect(stderr).toContain('every pull request of DPTA-1 is merged: acme/repoB#1, acme/repoC#1')
    expect(scene.writes()).toEqual([])
  })

  test('the REST API recognizes a merged branch too', async () => {
    await using scene = await afterMerge()
    scene.sandbox.faults.add({ action: { kind: 'graphql-refused', status: 404 } })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoD build.yml@DPTA-1'])
  })
})

describe('a branch that differs only in case', () => {
  test.each(['dpta-1', 'Dpta-1', 'DPTa-1'])(
    '%s stops orch run with exit code 2 before anything is written',
    async (name) => {
      await using scene = await Scene.open()
      await scene.change('repoB', 'DPTA-1')
      await scene.change('repoD', name)
      const { code, stderr } = await scene.orch('run DPTA-1')
      expect(code).toBe(2)
      expect(stderr).toContain(`acme/repoD has no branch DPTA-1, but it has ${name}, which differs only in case`)
      expect(scene.writes()).toEqual([])
      expect(await scene.files()).toEqual([])
    },
  )

  test('orch plan names every repository that has one, and orch status exits 2 as well', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    for (const name of ['repoC', 'repoD']) await scene.change(name, 'dpta-1')
    const { code, stderr } = await scene.orch('plan DPTA-1')
    expect(code).toBe(2)
    for (const name of ['repoC', 'repoD'])
      expect(stderr).toContain(`acme/${name} has no branch DPTA-1, but it has dpta-1`)
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(2)
    expect(status.stdout).toContain('repoC: there is no branch DPTA-1, but dpta-1, which differs only in case')
  })

  test('a longer or a nested name is another branch', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.push('repoC', 'dpta-12')
    await scene.push('repoD', 'old/dpta-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
  })

  test('it is ignored in a repository that also has the branch itself', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.push('repoB', 'dpta-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
  })

  test('the REST API finds it too', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'dpta-1')
    scene.sandbox.faults.add({ action: { kind: 'graphql-refused', status: 404 } })
    expect((await scene.orch('plan DPTA-1')).code).toBe(2)
  })
})

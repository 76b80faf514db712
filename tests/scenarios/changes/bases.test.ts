import { describe, expect, test } from 'vitest'
import { exampleGraph } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const allowing = exampleGraph.replace('jobs:', 'stacked-pull-requests: allow\njobs:')

/** Opens a scene with the branch in repoB and repoD, each with pull request 1, and with a branch `release` in repoB. */
async function openWithPair(options: { graph?: string; unprotected?: string[] } = {}): Promise<Scene> {
  const scene = await Scene.open(options)
  await scene.sandbox.admin.moveBranch('acme/repoB', 'release', 'main')
  await scene.change('repoB', 'DPTA-1')
  await scene.change('repoD', 'DPTA-1')
  return scene
}

/** The same with the pull request of repoB stacked on the branch DPTA-0. */
async function openStacked(options: { graph?: string } = {}): Promise<Scene> {
  const scene = await openWithPair(options)
  await scene.sandbox.admin.moveBranch('acme/repoB', 'DPTA-0', 'main')
  await scene.sandbox.admin.changeBase('acme/repoB', 1, 'DPTA-0')
  return scene
}

/** A run of which repoB builds until `finish`. */
async function building(scene: Scene, words = 'run DPTA-1') {
  scene.builds.script('acme/repoB').holds()
  const running = scene.start(words)
  await scene.untilBuilding('repoB')
  return () => {
    scene.builds.script('acme/repoB').release('success')
    return scene.clock.until(running.ended)
  }
}

const inOneLine = (text: string): string => text.replace(/\s+/gu, ' ')

describe('the base of a pull request', () => {
  test('status is not green after a pull request was retargeted, and the next run unlocks it without a build', async () => {
    await using scene = await openWithPair()
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    await scene.sandbox.admin.changeBase('acme/repoB', 1, 'release')
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(1)
    expect(status.stdout).not.toContain('matches')
    expect(status.stdout).toMatch(/repoB .* success +differs/u)
    expect(inOneLine(status.stdout)).toContain('tested with other commits or bases')

    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
    await scene.sandbox.admin.changeBase('acme/repoB', 1, 'main')
    expect((await scene.orch('status DPTA-1')).code).toBe(1)
  })

  test('a pull request that is opened into the default branch after the run changes no base', async () => {
    await using scene = await openWithPair()
    await scene.push('repoE', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    await scene.sandbox.admin.openPull('acme/repoE', { head: 'DPTA-1' })
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(8)
    expect(status.stdout).toMatch(/repoB .* success +matches/u)
  })

  test.each(['by GraphQL', 'by REST'])(
    'a base that changes during a build supersedes the run, read %s',
    async (api) => {
      await using scene = await openWithPair()
      if (api === 'by REST') scene.sandbox.faults.add({ action: { kind: 'graphql-refused' } })
      const finish = await building(scene)
      await scene.sandbox.admin.changeBase('acme/repoB', 1, 'release')
      await scene.clock.advance(90_000)
      const ended = await finish()
      expect(ended.code).toBe(1)
      expect(ended.stdout).toContain('superseded')
      expect(ended.stdout).toContain('acme/repoB#1 now merges into release instead of main')
      expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
      expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^error/u)
    },
  )

  test('a pull request that is retargeted right before its success is posted is locked again', async () => {
    await using scene = await openWithPair()
    // Its claim, the status of its job, its success.
    for (let post = 0; post < 3; post += 1) {
      scene.before('POST', /repoD\/statuses/u, async () => {
        const isBase = scene.sandbox.admin.pull('acme/repoB', 1).baseRef === 'main'
        if (isBase && scene.posts().some((each) => each.startsWith('success')))
          await scene.sandbox.admin.changeBase('acme/repoB', 1, 'release')
      })
    }
    const ended = await scene.orch('run DPTA-1')
    expect(ended.code).toBe(1)
    expect(scene.posts()).toContain('success repoB')
    expect(ended.stdout).toContain('acme/repoB#1 now merges into release instead of main')
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending run:ID revoked/u)
  })

  test('a pull request that was merged into another base at its tested commit does not count as merged', async () => {
    await using scene = await openWithPair({ unprotected: ['repoB'] })
    const finish = await building(scene)
    await scene.sandbox.admin.changeBase('acme/repoB', 1, 'release')
    expect(await scene.merge('repoB', 1)).toBeNull()
    const ended = await finish()
    expect(ended.code).toBe(1)
    expect(ended.stdout).toContain('acme/repoB#1 was merged into release instead of main')
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^error/u)
  })

  test('--follow builds nothing again after a pull request was retargeted', async () => {
    await using scene = await openWithPair()
    const finish = await building(scene, 'run DPTA-1 --follow')
    await scene.sandbox.admin.changeBase('acme/repoB', 1, 'release')
    await scene.clock.advance(90_000)
    expect((await finish()).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
  })

  test('plan, run and status name a base other than the default branch', async () => {
    await using scene = await openWithPair()
    await scene.sandbox.admin.changeBase('acme/repoB', 1, 'release')
    const note = 'acme/repoB#1 merges into release, not into the default branch main'
    const plan = await scene.orch('plan DPTA-1')
    expect(plan.code).toBe(0)
    expect(inOneLine(plan.stdout)).toContain(`! ${note}`)
    const run = await scene.orch('run DPTA-1')
    expect(run.code).toBe(0)
    expect(run.stdout).toContain(note)
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(0)
    expect(inOneLine(status.stdout)).toContain(`! ${note}`)
    expect(JSON.parse((await scene.orch('status DPTA-1 --json')).stdout)).toMatchObject({
      repositories: [
        {},
        { otherBases: [{ number: 1, baseBranch: 'release', defaultBranch: 'main', stacked: null }] },
        {},
        { otherBases: [] },
        {},
      ],
    })
  })

  test('the default branch is named nowhere', async () => {
    await using scene = await openWithPair()
    expect((await scene.orch('plan DPTA-1')).stdout).not.toContain('default branch')
    expect((await scene.orch('run DPTA-1')).stdout).not.toContain('default branch')
    expect((await scene.orch('status DPTA-1')).stdout).not.toContain('default branch')
  })

  test('a success of an older version, which did not record the bases, is not green until the next run', async () => {
    await using scene = await openWithPair()
    await scene.orch('run DPTA-1')
    const heads = ['A', 'B', 'C', 'D', 'E'].map((name) => ({
      repo: `acme/repo${name}`,
      headSha: null as string | null,
    }))
    for (const name of ['repoB', 'repoD']) {
      const entry = heads.find(({ repo }) => repo === `acme/${name}`)
      if (entry) entry.headSha = await scene.head(name, 'DPTA-1')
    }
    const { setDigest } = await import('../../../src/model/set-digest.js')
    const description = `run:before0001 set:${setDigest(heads).slice(0, 12)} ok`
    for (const name of ['repoB', 'repoD'])
      await scene.postStatus(name, await scene.head(name, 'DPTA-1'), 'success', description)
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(1)
    expect(status.stdout).toMatch(/repoB .* success +unknown/u)
    const note = 'an older version posted success on acme/repoB, acme/repoD and did not record the bases'
    expect(inOneLine(status.stdout)).toContain(note)

    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
  })
})

describe('a stacked pull request', () => {
  const stacked = 'acme/repoB#1 is stacked on DPTA-0, the branch of another change'

  test.each(['plan DPTA-1', 'run DPTA-1', 'run DPTA-1 --no-status'])(
    'orch %s refuses a stacked pull request',
    async (words) => {
      await using scene = await openStacked()
      const { code, stderr } = await scene.orch(words)
      expect(code).toBe(2)
      expect(stderr).toContain(stacked)
      expect(stderr).toContain('stacked-pull-requests: allow')
      expect(scene.writes()).toEqual([])
    },
  )

  test('every stacked pull request of the change is named', async () => {
    await using scene = await openStacked()
    await scene.sandbox.admin.moveBranch('acme/repoD', 'DPTA-0', 'main')
    await scene.sandbox.admin.changeBase('acme/repoD', 1, 'DPTA-0')
    const { code, stderr } = await scene.orch('plan DPTA-1')
    expect(code).toBe(2)
    expect(stderr).toContain(stacked)
    expect(stderr).toContain('acme/repoD#1 is stacked on DPTA-0')
  })

  test('stacked-pull-requests: allow builds and unlocks it, and plan, run and status name it', async () => {
    await using scene = await openStacked({ graph: allowing })
    const plan = await scene.orch('plan DPTA-1')
    expect(plan.code).toBe(0)
    expect(inOneLine(plan.stdout)).toContain(`! ${stacked}, as the graph file allows`)
    const run = await scene.orch('run DPTA-1')
    expect(run.code).toBe(0)
    expect(run.stdout).toContain(`${stacked}, as the graph file allows`)
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(0)
    expect(inOneLine(status.stdout)).toContain(`! ${stacked}, as the graph file allows`)
  })

  test('a pull request that is retargeted to the branch of another change is locked by the run and refused by the next one', async () => {
    await using scene = await openWithPair()
    await scene.sandbox.admin.moveBranch('acme/repoB', 'DPTA-0', 'main')
    const finish = await building(scene, 'run DPTA-1 --follow')
    await scene.sandbox.admin.changeBase('acme/repoB', 1, 'DPTA-0')
    await scene.clock.advance(90_000)
    const ended = await finish()
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain(stacked)
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^error/u)
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(1)
    expect(inOneLine(status.stdout)).toContain(`! ${stacked}: orch run refuses it`)
  })

  test('a base that the patterns of the graph file exclude is not stacked', async () => {
    await using scene = await openWithPair({
      graph: exampleGraph.replace('branches: DPTA-*', "branches: ['*', '!release']"),
    })
    await scene.sandbox.admin.changeBase('acme/repoB', 1, 'release')
    expect((await scene.orch('plan DPTA-1')).code).toBe(0)
  })
})

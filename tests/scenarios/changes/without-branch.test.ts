import { describe, expect, test } from 'vitest'
import { buildWorkflow, exampleGraph } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

/** The example graph; repoE, which puts the others together, is also built where it has no branch. */
const graph = exampleGraph.replace(
  'repoE: { needs: [repoB, repoC, repoD] }',
  'repoE: { needs: [repoB, repoC, repoD], without-branch: build }',
)

const markedWorkflow = `name: build
run-name: build \${{ inputs.orch_id }}
on:
  workflow_dispatch:
    inputs:
      orch_id:
        type: string
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: 'true'
`

/** repoB and repoD have the branch and a pull request each; the other repositories have not. */
async function changeOfTwo(options: Parameters<typeof Scene.open>[0] = {}): Promise<Scene> {
  const scene = await Scene.open({ graph, ...options })
  await scene.change('repoB', 'DPTA-1')
  await scene.change('repoD', 'DPTA-1')
  return scene
}

/** The same, where the workflow of repoE shows the marker. */
async function markedChange(): Promise<Scene> {
  const scene = await changeOfTwo()
  await scene.push('repoE', 'main', { '.github/workflows/build.yml': markedWorkflow })
  return scene
}

const members = ['repoB build.yml@DPTA-1', 'repoD build.yml@DPTA-1']

describe('without-branch: build', () => {
  test('orch run builds the default branch of a dependent after its needs, posts nothing there, and unlocks the change', async () => {
    await using scene = await changeOfTwo()
    const main = await scene.head('repoE', 'main')
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(scene.dispatches()).toEqual([...members, 'repoE build.yml@main'])
    expect(stdout).toContain(`default branch main ${main.slice(0, 7)}`)
    expect(scene.sandbox.admin.statuses('acme/repoE', main)).toEqual([])
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^success/u)
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^success/u)
    expect(scene.writes().filter((write) => /repoE\/statuses/u.test(write))).toEqual([])
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
  })

  test('a failure of the default branch against the change keeps its pull requests locked', async () => {
    await using scene = await changeOfTwo()
    scene.builds.script('acme/repoE').concludes('failure')
    const { code } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^failure/u)
    expect(scene.sandbox.admin.statuses('acme/repoE', await scene.head('repoE', 'main'))).toEqual([])
  })

  test('in defaults it applies to every job, and a job can override it', async () => {
    const all = exampleGraph
      .replace('jobs:', 'defaults: { without-branch: build }\njobs:')
      .replace('repoC: { needs: repoA }', 'repoC: { needs: repoA, without-branch: skip }')
    await using scene = await changeOfTwo({ graph: all })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoA build.yml@main', ...members, 'repoE build.yml@main'])
  })

  test('a repository whose branch was merged is built on its default branch', async () => {
    const merged = exampleGraph.replace('repoB: { needs: repoA }', 'repoB: { needs: repoA, without-branch: build }')
    await using scene = await Scene.open({ graph: merged, unprotected: ['repoB'] })
    const number = await scene.change('repoB', 'DPTA-1')
    await scene.sandbox.admin.mergePull('acme/repoB', number, { method: 'squash' })
    await scene.change('repoD', 'DPTA-1')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches().sort()).toEqual(['repoB build.yml@main', 'repoD build.yml@DPTA-1'])
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
    await scene.sandbox.admin.deleteBranch('acme/repoB', 'DPTA-1')
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
  })

  test('the REST API reads the workflow of the default branch too', async () => {
    await using scene = await changeOfTwo()
    scene.sandbox.faults.add({ action: { kind: 'graphql-refused', status: 404 } })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual([...members, 'repoE build.yml@main'])
  })

  test('orch plan and its JSON form name the default branch that is built', async () => {
    await using scene = await changeOfTwo()
    const headSha = await scene.head('repoE', 'main')
    const { stdout } = await scene.orch('plan DPTA-1')
    expect(stdout).toContain(`default branch main ${headSha.slice(0, 7)}`)
    const plan: unknown = JSON.parse((await scene.orch('plan DPTA-1 --json')).stdout)
    const job = { job: 'repoE', action: 'run', headSha, defaultBranch: 'main' }
    expect(plan).toMatchObject({ jobs: [{}, {}, {}, {}, job], absent: [{ isBuilt: false }, {}, { isBuilt: true }] })
    const status: unknown = JSON.parse((await scene.orch('status DPTA-1 --json')).stdout)
    const row = { kind: 'absent', builtDefaultBranch: { defaultBranch: 'main', headSha } }
    expect(status).toMatchObject({ repositories: [{}, {}, {}, {}, row] })
  })

  test('a change that no repository has is not built', async () => {
    await using scene = await Scene.open({ graph })
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(2)
    expect(stderr).toContain('no repository of the graph has the branch DPTA-1')
    expect(scene.writes()).toEqual([])
  })

  test('a default branch without the workflow stops the plan with exit code 2', async () => {
    await using scene = await changeOfTwo()
    await scene.push('repoE', 'main', { '.github/workflows/build.yml': null })
    const { code, stderr } = await scene.orch('plan DPTA-1')
    expect(code).toBe(2)
    expect(stderr).toContain('acme/repoE has no .github/workflows/build.yml on its default branch main')
  })

  test('a default branch whose workflow cannot be dispatched stops the plan with exit code 2', async () => {
    await using scene = await changeOfTwo()
    const workflow = buildWorkflow.replace('workflow_dispatch:', 'push:')
    await scene.push('repoE', 'main', { '.github/workflows/build.yml': workflow })
    const { code, stderr } = await scene.orch('plan DPTA-1')
    expect(code).toBe(2)
    expect(stderr).toContain('has no `workflow_dispatch` trigger on its default branch main')
  })

  test('--only of another job does not build it, and --only of it does', async () => {
    await using scene = await changeOfTwo()
    expect((await scene.orch('run DPTA-1 --only repoB')).code).toBe(0)
    expect((await scene.orch('run DPTA-1 --only repoE')).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoE build.yml@main'])
    expect(scene.posts()).toEqual([])
  })
})

describe('default branch that moves', () => {
  test('a push to it while it is built ends superseded, and nothing is unlocked', async () => {
    await using scene = await changeOfTwo()
    scene.builds.script('acme/repoE').holds()
    const tested = await scene.head('repoE', 'main')
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoE')
    const moved = await scene.push('repoE', 'main')
    scene.builds.script('acme/repoE').release('success')
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    const move = `moved from ${tested.slice(0, 7)} to ${moved.slice(0, 7)}`
    expect(stdout).toContain(`main of acme/repoE, which is built, ${move}`)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
  })

  test('a push to it right before the dispatch ends superseded, because the run builds another commit', async () => {
    await using scene = await changeOfTwo()
    scene.before('POST', /repoE\/actions\/workflows\/build\.yml\/dispatches$/u, () => scene.push('repoE', 'main'))
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('superseded')
    expect(await scene.status('repoD', 'DPTA-1')).not.toMatch(/^success/u)
  })

  test('a push to a default branch that is not built does no harm', async () => {
    await using scene = await changeOfTwo()
    scene.builds.script('acme/repoE').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoE')
    await scene.push('repoC', 'main')
    scene.builds.script('acme/repoE').release('success')
    expect((await scene.clock.until(running.ended)).code).toBe(0)
  })

  test('a push to it while success is posted locks nothing again, as a push a moment later would not', async () => {
    await using scene = await changeOfTwo()
    let statuses = 0
    const push = (): unknown => {
      statuses += 1
      if (statuses <= 2) return scene.before('POST', /repoB\/statuses\//u, push)
      return scene.push('repoE', 'main')
    }
    scene.before('POST', /repoB\/statuses\//u, push)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(statuses).toBe(3)
    for (const name of ['repoB', 'repoD']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^success/u)
    expect((await scene.orch('status DPTA-1')).code).toBe(1)
  })

  test('a push to it after success makes orch status say so, and the next run builds only it', async () => {
    await using scene = await changeOfTwo()
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    await scene.push('repoE', 'main')
    const { code, stdout } = await scene.orch('status DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('or main of acme/repoE has moved since')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual([...members, 'repoE build.yml@main', 'repoE build.yml@main'])
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
  })
})

describe('earlier builds of a default branch', () => {
  test('its build is fresh by the marker, and a change that is unlocked is not built again', async () => {
    await using scene = await markedChange()
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    const before = scene.dispatches()
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(stdout).toContain('fresh')
    expect(scene.dispatches()).toEqual(before)
  })

  test('a build that an untrusted user dispatched does not count', async () => {
    await using scene = await markedChange()
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    const other = scene.sandbox.admin.createToken('somebody')
    const directory = await scene.anotherFolder()
    const before = scene.dispatches().length
    const { code } = await scene.orch('run DPTA-1', { directory, env: { GH_ENTERPRISE_TOKEN: other } })
    expect(code).toBe(0)
    expect(scene.dispatches().slice(before)).toContain('repoE build.yml@main')
  })

  test('without the marker it is built again, because nothing proves the earlier build', async () => {
    await using scene = await changeOfTwo()
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual([...members, 'repoE build.yml@main', 'repoE build.yml@main'])
  })

  test('a second orchestration takes over its run, which the marker names', async () => {
    await using scene = await markedChange()
    scene.builds.script('acme/repoE').holds()
    const first = scene.start('run DPTA-1')
    await scene.untilBuilding('repoE')
    await scene.clock.advance(10_000)
    const second = scene.start('run DPTA-1', { directory: await scene.anotherFolder() })
    await scene.clock.until(first.ended)
    scene.builds.script('acme/repoE').release('success')
    expect((await scene.clock.until(second.ended)).code).toBe(0)
    expect(scene.dispatches()).toEqual([...members, 'repoE build.yml@main'])
  })

  test('orch invalidate locks the members and posts nothing on the default branch', async () => {
    await using scene = await changeOfTwo()
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect((await scene.orch('invalidate DPTA-1')).code).toBe(0)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending/u)
    expect(scene.sandbox.admin.statuses('acme/repoE', await scene.head('repoE', 'main'))).toEqual([])
  })
})

describe('dispatch on a default branch without a clear answer', () => {
  const dispatchOfE = /repoE\/actions\/workflows\/build\.yml\/dispatches$/u

  test('its run is found by the marker', async () => {
    await using scene = await markedChange()
    const action = { kind: 'disconnect-after' } as const
    scene.sandbox.faults.add({ method: 'POST', path: dispatchOfE, times: 1, action })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual([...members, 'repoE build.yml@main'])
  })

  test('without the marker the job ends as unknown, because other changes start the same workflow on the same commit', async () => {
    await using scene = await changeOfTwo()
    const action = { kind: 'disconnect-after' } as const
    scene.sandbox.faults.add({ method: 'POST', path: dispatchOfE, times: 1, action })
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('its run on main cannot be told apart from those of other changes')
    expect(scene.dispatches()).toEqual([...members, 'repoE build.yml@main'])
    expect(await scene.status('repoB', 'DPTA-1')).not.toMatch(/^success/u)
  })
})

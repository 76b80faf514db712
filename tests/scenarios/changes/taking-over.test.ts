import { describe, expect, test } from 'vitest'
import { markedWorkflow } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const branch = 'DPTA-1'

const marked = { '.github/workflows/build.yml': markedWorkflow }

/** The environment of GitHub Actions. A restarted CI job has the same run ID and the next attempt number. */
function actions(attempt: number): Record<string, string> {
  return {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.test',
    GITHUB_REPOSITORY: 'acme/ci',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_ATTEMPT: String(attempt),
    GITHUB_JOB: 'orch',
    GITHUB_ACTION: '__run',
  }
}

/** A change in repoB and repoD, each with a pull request; the builds run until released. */
async function change(files: Record<string, string> = {}): Promise<Scene> {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoD']) {
    if (Object.keys(files).length > 0) await scene.push(name, 'main', files)
    await scene.change(name, branch)
    scene.builds.script(`acme/${name}`).holds().holds().holds()
  }
  return scene
}

/** Starts a command whose machine is lost while both builds run. */
async function killedWhileBuilding(scene: Scene, words: string, env: Record<string, string> = {}): Promise<void> {
  const network = { isCut: false }
  scene.start(words, { network, env, directory: await scene.anotherFolder() })
  for (const name of ['repoB', 'repoD']) await scene.untilBuilding(name)
  await scene.clock.advance(2_000)
  network.isCut = true
}

function release(scene: Scene, ...names: string[]): void {
  for (const name of names) scene.builds.script(`acme/${name}`).release('success')
}

async function isUnlocked(scene: Scene): Promise<boolean> {
  const states = await Promise.all(['repoB', 'repoD'].map((name) => scene.status(name, branch)))
  return states.every((state) => state.startsWith('success'))
}

describe('restarted CI job', () => {
  test('a CI job restarted on another machine adopts the running builds and dispatches nothing twice', async () => {
    await using scene = await change(marked)
    await killedWhileBuilding(scene, 'run DPTA-1', actions(1))
    const again = scene.start('run DPTA-1', { env: actions(2), seed: 8 })
    await scene.clock.advance(5_000)
    release(scene, 'repoB', 'repoD')
    expect((await scene.clock.until(again.ended)).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
    expect(await isUnlocked(scene)).toBe(true)
  })

  test('a restarted CI job keeps what succeeded in between, and builds only failed jobs again, as the next attempt', async () => {
    await using scene = await change(marked)
    await killedWhileBuilding(scene, 'run DPTA-1', actions(1))
    scene.builds.script('acme/repoB').release('success')
    scene.builds.script('acme/repoD').release('failure')
    await scene.clock.advance(5_000)
    const again = scene.start('run DPTA-1', { env: actions(2), seed: 8 })
    await scene.untilBuilding('repoD', 2)
    release(scene, 'repoD')
    expect((await scene.clock.until(again.ended)).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB', 'repoD', 'repoD'].map((name) => `${name} build.yml@DPTA-1`))
    const titles = scene.sandbox.admin.runs('acme/repoD').map(({ displayTitle }) => displayTitle)
    expect(titles.map((title) => /\.(\d)\.[0-9a-f]{12}\]$/u.exec(title)?.[1])).toEqual(['1', '2'])
  })

  test('a restarted CI job waits for a lagging run listing before it dispatches a job that may be dispatched already', async () => {
    await using scene = await change(marked)
    await killedWhileBuilding(scene, 'run DPTA-1', actions(1))
    const empty = { status: 200, body: { total_count: 0, workflow_runs: [] } }
    scene.sandbox.faults.add({
      method: 'GET',
      path: /\/actions\/workflows\/build\.yml\/runs$/u,
      times: 6,
      action: { kind: 'respond', ...empty },
    })
    const again = scene.start('run DPTA-1', { env: actions(2), seed: 8 })
    await scene.clock.advance(60_000)
    release(scene, 'repoB', 'repoD')
    expect((await scene.clock.until(again.ended)).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a restarted CI job resumes its journal if the disk is still there', async () => {
    await using scene = await change()
    const network = { isCut: false }
    const dead = { pid: 4711, isAlive: () => true }
    scene.start('run DPTA-1', { network, env: actions(1), processes: dead })
    for (const name of ['repoB', 'repoD']) await scene.untilBuilding(name)
    await scene.clock.advance(2_000)
    network.isCut = true
    const isAlive = (pid: number): boolean => pid !== 4711
    const again = scene.start('run DPTA-1', { env: actions(2), seed: 8, processes: { isAlive } })
    await scene.clock.advance(5_000)
    release(scene, 'repoB', 'repoD')
    const { code, stdout } = await scene.clock.until(again.ended)
    expect(code).toBe(0)
    expect(stdout).toMatch(/resumed +orchestration/u)
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a CI job of another event reuses what the lost one has built', async () => {
    await using scene = await change(marked)
    await killedWhileBuilding(scene, 'run DPTA-1', actions(1))
    release(scene, 'repoB', 'repoD')
    await scene.clock.advance(5_000)
    const other = scene.start('run DPTA-1', { env: { ...actions(1), GITHUB_RUN_ID: '4712' }, seed: 8 })
    expect((await scene.clock.until(other.ended)).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
    expect(await isUnlocked(scene)).toBe(true)
  })

  test('a restarted job in another CI service adopts the running builds with --event', async () => {
    await using scene = await change(marked)
    await killedWhileBuilding(scene, 'run DPTA-1 --event pipeline-12')
    const again = scene.start('run DPTA-1 --event pipeline-12', { seed: 8 })
    await scene.clock.advance(5_000)
    release(scene, 'repoB', 'repoD')
    expect((await scene.clock.until(again.ended)).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a restarted CI job builds again where the workflows carry no marker, because it cannot identify its runs', async () => {
    await using scene = await change()
    await killedWhileBuilding(scene, 'run DPTA-1', actions(1))
    const again = scene.start('run DPTA-1', { env: actions(2), seed: 8 })
    for (const name of ['repoB', 'repoD']) await scene.untilBuilding(name, 2)
    release(scene, 'repoB', 'repoD', 'repoB', 'repoD')
    expect((await scene.clock.until(again.ended)).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(4)
  })
})

describe('newer orchestration', () => {
  test('a newer orchestration takes over the runs of an older one on another machine, which ends superseded', async () => {
    await using scene = await change(marked)
    const older = scene.start('run DPTA-1', { directory: await scene.anotherFolder() })
    for (const name of ['repoB', 'repoD']) await scene.untilBuilding(name)
    const newer = scene.start('run DPTA-1', { seed: 8 })
    expect((await scene.clock.until(older.ended)).stdout).toMatch(/superseded +the orchestration/u)
    release(scene, 'repoB', 'repoD')
    expect((await scene.clock.until(newer.ended)).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
    expect(await isUnlocked(scene)).toBe(true)
  })

  test('a newer orchestration takes over the runs in its own journals without a marker', async () => {
    await using scene = await change()
    const network = { isCut: false }
    scene.start('run DPTA-1', { network })
    for (const name of ['repoB', 'repoD']) await scene.untilBuilding(name)
    await scene.clock.advance(2_000)
    network.isCut = true
    const newer = scene.start('run DPTA-1 --new', { seed: 8 })
    await scene.clock.advance(5_000)
    release(scene, 'repoB', 'repoD')
    expect((await scene.clock.until(newer.ended)).code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
  })

  test('a newer orchestration does not take over a run of another commit', async () => {
    await using scene = await change(marked)
    await killedWhileBuilding(scene, 'run DPTA-1')
    await scene.push('repoB', branch)
    const newer = scene.start('run DPTA-1', { seed: 8 })
    await scene.untilBuilding('repoB', 2)
    release(scene, 'repoB', 'repoB', 'repoD')
    expect((await scene.clock.until(newer.ended)).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB', 'repoD', 'repoB'].map((name) => `${name} build.yml@DPTA-1`))
  })
})

describe('--follow', () => {
  test('--follow starts again when the change moves, and takes over the builds that are still valid', async () => {
    await using scene = await change()
    const running = scene.start('run DPTA-1 --follow')
    for (const name of ['repoB', 'repoD']) await scene.untilBuilding(name)
    await scene.push('repoB', branch)
    await scene.untilBuilding('repoB', 2)
    release(scene, 'repoB', 'repoD')
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(0)
    expect(stdout).toMatch(/superseded[^]*started[^]*succeeded/u)
    expect(scene.dispatches()).toEqual(['repoB', 'repoD', 'repoB'].map((name) => `${name} build.yml@DPTA-1`))
    expect(await isUnlocked(scene)).toBe(true)
  })

  test('--follow does not start again against a newer orchestration', async () => {
    await using scene = await change(marked)
    const older = scene.start('run DPTA-1 --follow', { directory: await scene.anotherFolder() })
    for (const name of ['repoB', 'repoD']) await scene.untilBuilding(name)
    const newer = scene.start('run DPTA-1', { seed: 8 })
    expect((await scene.clock.until(older.ended)).code).toBe(1)
    release(scene, 'repoB', 'repoD')
    expect((await scene.clock.until(newer.ended)).code).toBe(0)
  })
})

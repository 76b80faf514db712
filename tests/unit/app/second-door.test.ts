import { describe, expect, test } from 'vitest'
import { cancelOrchestrations } from '../../../src/app/cancel-orchestrations.js'
import { checkUnfinished } from '../../../src/app/check-unfinished.js'
import { invalidateChange } from '../../../src/app/invalidate-change.js'
import type { RunRequest } from '../../../src/app/plan-run.js'
import { readStatus } from '../../../src/app/read-status.js'
import { resumeOrchestration } from '../../../src/app/resume-orchestration.js'
import { runChange } from '../../../src/app/run-change.js'
import { statusLink } from '../../../src/app/run/status-link.js'
import { readEvent } from '../../../src/app/run/event-key.js'
import { createId } from '../../../src/model/build/orchestration-id.js'
import { AppWorld, serverUrl } from '../../support/app-door.js'
import type { AppProcess } from '../../support/app-door.js'

const branch = 'DPTA-1'

/** A sandbox in which repoB and repoD are changed. */
async function changedWorld(): Promise<AppWorld> {
  const world = await AppWorld.open()
  await world.change('repoB', branch)
  await world.change('repoD', branch)
  return world
}

function request({ graph }: AppWorld, { ports: { host, clock } }: AppProcess, event?: string): RunRequest {
  return {
    host,
    clock,
    graph,
    branch,
    settings: { failFast: true, maxParallel: null, timeoutMs: null, postStatus: true, only: null, force: false },
    event: readEvent({ env: {}, branch, named: event }),
    serverUrl,
    link: statusLink({ env: {}, serverUrl, branch }),
  }
}

function run(world: AppWorld, process: AppProcess, event?: string): ReturnType<typeof runChange> {
  return runChange({ ...process.ports, ...request(world, process, event), follow: false })
}

function cancel({ ports }: AppProcess, named: string): ReturnType<typeof cancelOrchestrations> {
  return cancelOrchestrations({
    ...ports,
    named,
    signal: new AbortController().signal,
    connect: (work) => work(ports),
  })
}

/** Waits until a build of a repository has begun. */
function untilBuilding({ clock, builds }: AppWorld, name: string): Promise<unknown> {
  return clock.until(builds.whenStarted(`acme/${name}`))
}

/** Adds copies of the only orchestration of another branch, as if it had been started again and again. */
async function addOrchestrations(world: AppWorld, count: number): Promise<void> {
  await world.change('repoC', 'DPTA-2')
  const process = world.process('of another branch')
  const result = await world.clock.until(
    runChange({ ...process.ports, ...request(world, process), branch: 'DPTA-2', follow: false }),
  )
  if (result.kind !== 'ended') throw new Error('the other branch was not built')
  const { id } = result.orchestration
  const entry = world.memory.entries.get(id)
  if (!entry) throw new Error('its journal is not in the memory')
  for (let nth = 0; nth < count; nth += 1) {
    const copy = createId(world.clock.now() + nth, () => 0)
    world.memory.entries.set(copy, { ...entry, lines: entry.lines.map((line) => line.replaceAll(id, copy)) })
  }
}

describe('src/app with journals in memory', () => {
  test('an unfinished orchestration and the run that it left are found after 60 newer orchestrations of another branch', async () => {
    await using world = await changedWorld()
    world.builds.script('acme/repoB').holds()
    const first = world.process('first')
    run(world, first).catch(() => undefined)
    await untilBuilding(world, 'repoB')
    first.die()
    await addOrchestrations(world, 60)

    const second = world.process('second')
    const { store } = second.ports
    const { graph } = world
    const [id = ''] = await store.list(branch)
    expect(await checkUnfinished({ store, graph, branch, eventKey: null })).toMatchObject({
      kind: 'stopped',
      problems: [{ message: `the orchestration ${id} of DPTA-1 is unfinished` }],
    })
    const next = run(world, second)
    world.builds.script('acme/repoB').release('success')
    expect(await world.clock.until(next)).toMatchObject({
      kind: 'ended',
      orchestration: { options: { knownRuns: [{ job: 'repoB' }, { job: 'repoD' }] }, ending: { outcome: 'succeeded' } },
    })
    expect(world.dispatches().sort()).toEqual(['acme/repoB', 'acme/repoC', 'acme/repoD'])
  })

  test('through src/app alone, run builds and unlocks a change, status shows its success, and invalidate locks it again', async () => {
    await using world = await changedWorld()
    const process = world.process('runner')
    const result = await world.clock.until(run(world, process))
    expect(result).toMatchObject({ kind: 'ended', orchestration: { ending: { outcome: 'succeeded' } } })
    expect(world.dispatches()).toEqual(['acme/repoB', 'acme/repoD'])
    expect(process.events.at(0)?.type).toBe('started')
    expect(process.events.at(-1)?.type).toBe('finished')
    expect(process.openReporters).toBe(0)
    expect(await process.ports.store.list()).toHaveLength(1)

    const { graph } = world
    const { host } = process.ports
    expect(await world.clock.until(readStatus({ host, graph, branch }))).toMatchObject({ kind: 'green' })
    const link = statusLink({ env: {}, serverUrl, branch })
    const request = { graph, branch, onlyIfChanged: false, reason: 'repoB changed', link, isDryRun: false }
    const invalidation = { ...process.ports, ...request }
    expect(await world.clock.until(invalidateChange(invalidation))).toMatchObject({ kind: 'done' })
    expect(await world.state('repoB', branch)).toBe('pending')
    expect(await world.clock.until(readStatus({ host, graph, branch }))).toMatchObject({ kind: 'pending' })
  })

  test('through src/app alone, resume completes the orchestration of a dead process and dispatches no job twice', async () => {
    await using world = await changedWorld()
    world.builds.script('acme/repoB').holds()
    const first = world.process('first')
    const abandoned = run(world, first, 'push 1')
    abandoned.catch(() => undefined)
    await untilBuilding(world, 'repoB')
    first.die()

    const second = world.process('second')
    const { store } = second.ports
    const { graph } = world
    const [id = ''] = await store.list()
    const { key } = request(world, second, 'push 1').event
    expect(await checkUnfinished({ store, graph, branch, eventKey: null })).toMatchObject({ kind: 'stopped' })
    expect(await checkUnfinished({ store, graph, branch, eventKey: key })).toEqual({ kind: 'resume', id })
    const resumed = resumeOrchestration({ ...second.ports, id })
    world.builds.script('acme/repoB').release('success')
    expect(await world.clock.until(resumed)).toMatchObject({
      kind: 'ended',
      orchestration: { id, ending: { outcome: 'succeeded' } },
    })
    expect(world.dispatches()).toEqual(['acme/repoB', 'acme/repoD'])
    expect(second.events.map(({ type }) => type).slice(0, 2)).toEqual(['started', 'resumed'])
    expect(await world.state('repoD', branch)).toBe('success')
    expect(await checkUnfinished({ store, graph, branch, eventKey: null })).toEqual({ kind: 'none' })
  })

  test('through src/app alone, cancel sends a request to the driving process, which cancels its runs and ends', async () => {
    await using world = await changedWorld()
    world.builds.script('acme/repoB').holds()
    const driver = world.process('driver')
    const running = run(world, driver)
    await untilBuilding(world, 'repoB')

    const asker = world.process('asker')
    const [id = ''] = await asker.ports.store.list()
    expect(await world.clock.until(cancel(asker, id))).toMatchObject({
      kind: 'done',
      results: [{ id, kind: 'cancelled' }],
    })
    expect(await world.clock.until(running)).toMatchObject({
      kind: 'ended',
      orchestration: { ending: { outcome: 'cancelled' } },
    })
    expect(asker.notes).toHaveLength(1)
    expect(await world.state('repoB', branch)).not.toBe('success')
  })

  test('through src/app alone, cancel takes over and ends an orchestration that no process drives', async () => {
    await using world = await changedWorld()
    world.builds.script('acme/repoB').holds()
    const first = world.process('first')
    run(world, first).catch(() => undefined)
    await untilBuilding(world, 'repoB')
    first.die()

    const second = world.process('second')
    expect(await world.clock.until(cancel(second, branch))).toMatchObject({
      kind: 'done',
      results: [{ branch, kind: 'cancelled' }],
    })
    expect(world.sandbox.admin.runs('acme/repoB').map(({ attempts }) => attempts.at(-1)?.conclusion)).toEqual([
      'cancelled',
    ])
    expect(second.openReporters).toBe(0)
  })
})

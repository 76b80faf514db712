import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Concurrency } from '../../../src/model/service-settings.js'
import { createChangeCommands } from '../../../src/service/commands/create-change-commands.js'
import type { Database } from '../../../src/service/database/database.js'
import { createEngine } from '../../../src/service/workloads/engine.js'
import type { Engine } from '../../../src/service/workloads/engine.js'
import type { NewWorkload, Workload } from '../../../src/service/workloads/workload.js'
import { embeddedRoom } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { listLog, realClock, until } from '../../support/queue-room.js'
import { RealTimeGitHub } from '../../support/real-time-github.js'

const settings = {
  failFast: true,
  maxParallel: null,
  timeoutMs: null,
  postStatus: true,
  only: null,
  force: false,
}

function run(id: string, branch: string, more: { reuseOnly?: boolean } = {}): NewWorkload {
  const event = { key: id, isRepeated: false, isNamed: true }
  return { id, work: { kind: 'run', branch, event, settings: { ...settings, ...more }, by: 'a test' } }
}

describe('workloads that build a change', () => {
  let room: DatabaseRoom
  let database: Database
  let engine: Engine | null = null

  beforeAll(async () => {
    room = await embeddedRoom()
    database = await room.create()
  }, 120_000)
  afterAll(() => room.close(), 120_000)
  afterEach(async () => {
    await engine?.close()
    engine = null
  }, 120_000)

  async function start(github: RealTimeGitHub, limits: Partial<Concurrency> = {}): Promise<Engine> {
    engine = createEngine({
      database,
      clock: realClock,
      log: listLog(),
      random: Math.random,
      host: 'test',
      pid: 1,
      workers: 2,
      capacity: 100,
      limits: { perRepository: null, inAll: null, ...limits },
      roles: ['service'],
      runs: {
        host: github.connect(),
        graph: () => Promise.resolve(github.graph),
        serverUrl: github.url,
        link: (branch) => `${github.url}/changes/${branch}`,
      },
      performFlowStep: () => Promise.reject(new Error('no flow was started')),
      timings: { takeOverPeriodMs: 200, queuePollMs: 500 },
    })
    await engine.launch()
    return engine
  }

  function ended({ workloads }: Engine, id: string): Promise<Workload> {
    return until(async () => {
      const workload = await workloads.read(id)
      return workload?.endedAt ? workload : null
    }, 90_000)
  }

  test('a run builds the change, unlocks its pull requests and completes', async () => {
    await using github = await RealTimeGitHub.open()
    await github.change('DPTA-1', 'repoB', 'repoE')
    const it = await start(github)
    await it.workloads.enqueue(run('e1', 'DPTA-1'))
    const { status, result } = await ended(it, 'e1')
    expect(status).toBe('completed')
    expect(result).toMatch(/^succeeded: /u)
    expect(github.dispatches()).toEqual(['repoB DPTA-1', 'repoE DPTA-1'])
    expect(await github.states('repoB', 'DPTA-1')).toEqual(['pending', 'success'])
  })

  test('a run of a branch that does not exist fails and says why', async () => {
    await using github = await RealTimeGitHub.open()
    const it = await start(github)
    await it.workloads.enqueue(run('e2', 'DPTA-404'))
    const { status, result } = await ended(it, 'e2')
    expect(status).toBe('failed')
    expect(result).toContain('DPTA-404')
  })

  test('a run that may only reuse builds is cancelled with the reason, and changes nothing, when a job would be built', async () => {
    await using github = await RealTimeGitHub.open()
    await github.change('DPTA-6', 'repoB', 'repoE')
    const it = await start(github)
    await it.workloads.enqueue(run('e6', 'DPTA-6', { reuseOnly: true }))
    const { status, result } = await ended(it, 'e6')
    expect(status).toBe('cancelled')
    expect(result).toContain('DPTA-6 is no longer what was tested: repoB, repoE would be built')
    expect(github.dispatches()).toEqual([])
    expect(await github.states('repoB', 'DPTA-6')).toEqual([])
  })

  test('a process that ends hands its orchestration on; the next one resumes it and dispatches nothing twice', async () => {
    await using github = await RealTimeGitHub.open()
    await github.change('DPTA-3', 'repoB', 'repoE')
    github.builds.script('acme/repoB', 'build.yml').holds()
    const first = await start(github)
    await first.workloads.enqueue(run('e3', 'DPTA-3'))
    await github.builds.whenStarted('acme/repoB')
    await first.close()
    expect(await github.states('repoB', 'DPTA-3')).toEqual(['pending'])
    const second = await start(github)
    github.builds.script('acme/repoB', 'build.yml').release('success')
    expect(await ended(second, 'e3')).toMatchObject({ status: 'completed' })
    expect(github.dispatches()).toEqual(['repoB DPTA-3', 'repoE DPTA-3'])
    expect(await github.states('repoB', 'DPTA-3')).toEqual(['pending', 'success'])
  })

  test('a cancel ends the orchestration and its runs', async () => {
    await using github = await RealTimeGitHub.open()
    await github.change('DPTA-4', 'repoB')
    github.builds.script('acme/repoB', 'build.yml').holds()
    const it = await start(github)
    await it.workloads.enqueue(run('e4', 'DPTA-4'))
    await github.builds.whenStarted('acme/repoB')
    expect(await it.workloads.cancel('e4', '@octocat')).toEqual({ kind: 'requested' })
    const { status, result } = await ended(it, 'e4')
    expect(status).toBe('cancelled')
    expect(result).toContain('@octocat')
    expect((await github.states('repoB', 'DPTA-4')).at(-1)).toBe('error')
  })

  test.each([
    ['in one repository', { perRepository: 1 }, ['DPTA-7'], 'DPTA-8'],
    ['in all', { inAll: 1 }, ['DPTA-7', 'DPTA-8'], null],
  ] as const)(
    'where one orchestration may run at a time %s, the next one starts when it has ended',
    async (_where, limits, waiting, other) => {
      await using github = await RealTimeGitHub.open()
      await github.change('DPTA-6', 'repoB', 'repoD')
      await github.change('DPTA-7', 'repoB')
      await github.change('DPTA-8', 'repoC')
      github.builds.script('acme/repoB', 'build.yml').holds()
      const it = await start(github, limits)
      const commands = createChangeCommands({
        graph: { ...github.graph, concurrency: { perRepository: null, inAll: null, ...limits } },
        host: github.connect(),
        store: it.store,
        clock: realClock,
        random: Math.random,
        workloads: it.workloads,
        serverUrl: github.url,
        linkTo: () => github.url,
      })
      const id = (branch: string): string => `${branch}-${Object.keys(limits).join('')}`
      await commands.run('DPTA-6', '@octocat', id('DPTA-6'))
      await github.builds.whenStarted('acme/repoB')
      await commands.run('DPTA-7', '@octocat', id('DPTA-7'))
      await commands.run('DPTA-8', '@octocat', id('DPTA-8'))

      if (other !== null) expect(await ended(it, id(other))).toMatchObject({ status: 'completed' })
      const { items } = await it.workloads.list({ status: 'pending' })
      expect(items.map(({ change }) => change).toSorted()).toEqual(waiting)
      github.builds.script('acme/repoB', 'build.yml').release('success')

      const ends: number[] = []
      for (const branch of ['DPTA-6', ...waiting]) {
        const { status, startedAt, endedAt } = await ended(it, id(branch))
        expect(status).toBe('completed')
        expect(startedAt).toBeGreaterThanOrEqual(ends.at(-1) ?? 0)
        ends.push(endedAt ?? 0)
      }
    },
  )

  test('a pushed run reaches the orchestration that waits for it, without a poll of GitHub', async () => {
    await using github = await RealTimeGitHub.open()
    await github.change('DPTA-5', 'repoB', 'repoE')
    github.builds.script('acme/repoB', 'build.yml').holds()
    const it = await start(github)
    await it.workloads.enqueue(run('e5', 'DPTA-5'))
    await github.builds.whenStarted('acme/repoB')
    const [created] = github.sandbox.admin.runs('acme/repoB')
    await new Promise((resolve) => setTimeout(resolve, 500))
    github.builds.script('acme/repoB', 'build.yml').release('success')
    const before = performance.now()
    await it.workloads.observe('acme/repoB', {
      id: created?.id ?? 0,
      headSha: (await github.sandbox.admin.branch('acme/repoB', 'DPTA-5')) ?? '',
      status: 'completed',
      conclusion: 'success',
      runAttempt: 1,
      url: `${github.url}/acme/repoB/actions/runs/${created?.id ?? 0}`,
    })
    await github.builds.whenStarted('acme/repoE')
    process.stderr.write(`from the completion to the next dispatch: ${(performance.now() - before).toFixed(0)} ms\n`)
    expect(await ended(it, 'e5')).toMatchObject({ status: 'completed' })
  })
})

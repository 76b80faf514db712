import { describe, expect, test } from 'vitest'
import { fold } from '../../../src/engine/build/state/apply.js'
import { resume } from '../../../src/engine/build/drive.js'
import type { Drive } from '../../../src/engine/build/drive.js'
import type { Event } from '../../../src/model/build/events.js'
import type { Graph } from '../../../src/model/graph.js'
import type { Orchestration } from '../../../src/model/build/orchestration.js'
import type { RunOptions } from '../../../src/model/build/plan.js'
import { MemoryJournal } from '../../support/memory-journal.js'
import { TestClock } from '../../support/test-clock.js'
import { graphOf, minute, pullRequestOf, readingOf, sha, startDrive } from './fixtures.js'
import { ScriptedGitHub } from './scripted-github.js'

/** After the process is killed, it receives no answer; requests that it sent before still take effect on GitHub. */
class KillableProcess {
  isOver = false
  end: () => void = () => undefined
  readonly over = new Promise<void>((resolve) => {
    this.end = () => {
      this.isOver = true
      resolve()
    }
  })

  /** Wraps an object so that its calls never return after the process is killed. */
  bind<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, name): unknown => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...given: unknown[]): unknown => {
          if (this.isOver) return never
          const result: unknown = Reflect.apply(member, target, given)
          return result instanceof Promise ? result.then((value: unknown) => (this.isOver ? never : value)) : result
        }
      },
    })
  }
}

const never = new Promise<never>(() => undefined)

/** The journal of a process that is killed right after a chosen event is written. */
class KillingJournal extends MemoryJournal {
  isLast: (event: Event) => boolean = () => false
  onLast: () => void = () => undefined

  override async append(event: Event): Promise<void> {
    await super.append(event)
    if (this.isLast(event)) this.onLast()
  }

  events(): Event[] {
    return this.lines.map((line) => JSON.parse(line) as Event)
  }
}

interface World {
  clock: TestClock
  github: ScriptedGitHub
  graph: Graph
  journal: KillingJournal
  life: KillableProcess
}

function worldOf(needs: Readonly<Record<string, readonly string[]>>): World {
  const clock = new TestClock()
  const graph = graphOf(needs)
  const github = new ScriptedGitHub(
    clock,
    graph.jobs.map(({ repo }) => readingOf(repo)),
  )
  return { clock, graph, github, journal: new KillingJournal(), life: new KillableProcess() }
}

function start({ clock, github, graph, journal, life }: World, options: Partial<RunOptions> = {}): Drive {
  return startDrive(life.bind(github), life.bind(clock), graph, { ...options, journal: life.bind(journal) }).run
}

/** Runs until the chosen event is written, and kills the process there. */
async function killAfter(
  world: World,
  isLast: (event: Event) => boolean,
  options: Partial<RunOptions> = {},
): Promise<void> {
  world.journal.isLast = isLast
  world.journal.onLast = () => world.life.end()
  start(world, options)
  await world.clock.until(world.life.over)
  world.journal.isLast = () => false
}

async function resumeToEnd({ clock, github, journal }: World): Promise<Orchestration> {
  const reporter = { report: () => undefined, close: () => Promise.resolve() }
  return clock.until(resume({ github, clock, journal, reporter }, fold(journal.events())).finished)
}

function eventsAfterResuming({ journal }: World): Event[] {
  const events = journal.events()
  return events.slice(events.findIndex(({ type }) => type === 'resumed') + 1)
}

const isOf =
  (type: Event['type'], about = '') =>
  (event: Event): boolean =>
    event.type === type && JSON.stringify(event).includes(about)

describe('resumed orchestration', () => {
  test('a resumed orchestration observes its active build, and repeats no dispatch and no claim', async () => {
    const world = worldOf({ A: [] })
    world.github.scripts.set('acme/A', { lasts: 5 * minute })
    await killAfter(world, isOf('run-observed'))
    await world.clock.advance(10_000)
    const { ending, jobs } = await resumeToEnd(world)
    expect(ending?.outcome).toBe('succeeded')
    expect(jobs.get('A')).toMatchObject({ outcome: 'succeeded', attempt: 1 })
    expect(world.github.writesOf('dispatch')).toEqual(['acme/A'])
    expect(world.github.writesOf('pending')).toEqual(['acme/A'])
    expect(eventsAfterResuming(world)[0]?.type).toBe('run-observed')
  })

  test('a resumed orchestration keeps a settled job and starts its dependents', async () => {
    const world = worldOf({ A: [], B: ['A'] })
    await killAfter(world, isOf('job-settled', '"A"'))
    const before = fold(world.journal.events()).jobs.get('A')
    await world.clock.advance(10 * minute)
    const { ending, jobs } = await resumeToEnd(world)
    expect(ending?.outcome).toBe('succeeded')
    expect(before).toMatchObject({ phase: 'settled', outcome: 'succeeded' })
    expect(jobs.get('A')).toEqual(before)
    expect(world.github.writesOf('dispatch')).toEqual(['acme/A', 'acme/B'])
  })

  test("a resumed orchestration reads the change and GitHub's time before it dispatches, and builds nothing that moved", async () => {
    const world = worldOf({ A: [], B: ['A'] })
    await killAfter(world, isOf('job-settled', '"A"'))
    const headSha = sha('b')
    world.github.change('acme/B', { headSha, pullRequests: [pullRequestOf('acme/B', { headSha })] })
    const { ending } = await resumeToEnd(world)
    expect(ending).toMatchObject({ outcome: 'superseded', reason: expect.stringContaining('acme/B moved') as string })
    expect(world.github.writesOf('dispatch')).toEqual(['acme/A'])
  })

  test('a resumed orchestration equals the fold of its journal at the end', async () => {
    const world = worldOf({ A: [], B: ['A'] })
    await killAfter(world, isOf('run-observed', '"A"'))
    const { verifications, ...orchestration } = await resumeToEnd(world)
    const folded = fold(world.journal.events())
    expect(folded).toEqual({ ...orchestration, verifications: expect.anything() as unknown })
    // The readings during the builds that show nothing new are not journaled.
    const { 'while-building': watch, ...others } = verifications
    const any: unknown = expect.any(Number)
    expect(folded.verifications).toEqual({
      ...others,
      'while-building': { ...watch, count: any, readAt: any, nextAt: any },
    })
  })
})

describe('dispatch without an answer', () => {
  test('resume searches for the run of a dispatch from the time of its intent and adopts it after kill -9 before the answer', async () => {
    const world = worldOf({ A: [] })
    const { github, life } = world
    const searchedSince: number[] = []
    github.hooks.dispatch = ({ repo }) => {
      const result = github.accept(repo)
      life.end()
      return Promise.resolve(result)
    }
    github.hooks.findRuns = (_, createdSince) => {
      searchedSince.push(createdSince)
      return [...github.runs.keys()].map((runId) => ({ runId, url: `https://github.test/runs/${runId}` }))
    }
    start(world)
    await world.clock.until(life.over)
    expect(fold(world.journal.events()).jobs.get('A')?.phase).toBe('dispatching')
    await world.clock.advance(10 * minute)
    const { ending, jobs } = await resumeToEnd(world)
    expect(ending?.outcome).toBe('succeeded')
    expect(jobs.get('A')).toMatchObject({ outcome: 'succeeded', runId: [...github.runs.keys()][0] })
    expect(github.writesOf('dispatch')).toEqual(['acme/A'])
    const intent = world.journal.events().find(({ type }) => type === 'dispatch-requested')
    expect(searchedSince).toEqual([intent?.at])
  })

  test('resume ends unknown when no run appears within two minutes of searching, even after a long pause', async () => {
    const world = worldOf({ A: [] })
    await killAfter(world, isOf('dispatch-requested'))
    await world.clock.advance(10 * minute)
    const resumedAt = world.clock.now()
    const { ending, jobs } = await resumeToEnd(world)
    expect(ending?.outcome).toBe('unknown')
    expect(jobs.get('A')).toMatchObject({ outcome: 'unknown', runId: null })
    expect(world.clock.now() - resumedAt).toBeGreaterThanOrEqual(2 * minute)
    expect(world.github.writesOf('dispatch')).toEqual([])
    expect(world.github.shown('acme/A')).toMatch(/^error run:run0000001 /u)
  })
})

describe('unattended time', () => {
  async function resumedAfterAnHour(lastsB: number): Promise<{ world: World; outcome: string | undefined }> {
    const world = worldOf({ A: [], B: ['A'] })
    world.github.scripts.set('acme/A', { lasts: 20 * minute })
    world.github.scripts.set('acme/B', { lasts: lastsB })
    await killAfter(world, isOf('run-observed'), { timeoutMs: 22 * minute })
    await world.clock.advance(60 * minute)
    const { ending } = await resumeToEnd(world)
    return { world, outcome: ending?.outcome }
  }

  test('the unattended time does not count towards --timeout', async () => {
    const { world, outcome } = await resumedAfterAnHour(10 * minute)
    expect(outcome).toBe('succeeded')
    expect(world.github.writesOf('dispatch')).toEqual(['acme/A', 'acme/B'])
  })

  test('the time before and after the unattended time counts towards --timeout', async () => {
    const { world, outcome } = await resumedAfterAnHour(25 * minute)
    expect(outcome).toBe('timed-out')
    expect(world.github.writesOf('cancel')).toEqual(['acme/B'])
  })
})

describe('a process that was killed while success was being posted', () => {
  /** Kills the process when A has success and B does not yet. */
  async function killedHalfway(): Promise<World> {
    const world = worldOf({ A: [], B: [] })
    const { clock, github, journal } = world
    github.hooks.beforePost = (repo) =>
      repo === 'acme/B' && journal.events().some(isOf('verified')) ? clock.sleep(minute) : undefined
    await killAfter(world, (event) => event.type === 'status-posted' && event.round === 'success')
    github.hooks = {}
    expect(github.shown('acme/A')).toMatch(/^success/u)
    expect(github.shown('acme/B')).toMatch(/^pending/u)
    return world
  }

  test('resume verifies the change and posts every success again after kill -9 between two successes', async () => {
    const world = await killedHalfway()
    const { ending } = await resumeToEnd(world)
    expect(ending?.outcome).toBe('succeeded')
    // A process without a journal may have revoked the success of acme/A.
    expect(world.github.writesOf('success')).toEqual(['acme/A', 'acme/A', 'acme/B'])
    const types = eventsAfterResuming(world).map(({ type }) => type)
    expect(types.indexOf('verified')).toBeGreaterThanOrEqual(0)
    expect(types.indexOf('verified')).toBeLessThan(types.indexOf('status-requested'))
  })

  test('resume unlocks nothing more and revokes its successes when the change moved after kill -9', async () => {
    const world = await killedHalfway()
    const headSha = sha('b')
    world.github.change('acme/B', { headSha, pullRequests: [pullRequestOf('acme/B', { headSha })] })
    const { ending } = await resumeToEnd(world)
    expect(ending?.outcome).toBe('superseded')
    expect(world.github.writesOf('success')).toEqual(['acme/A'])
    expect(world.github.shown('acme/A')).toMatch(/^error/u)
  })
})

test('resume of an interrupted orchestration cancels its runs, closes its statuses and finishes', async () => {
  const world = worldOf({ A: [], B: ['A'] })
  world.github.scripts.set('acme/A', { lasts: 60 * minute })
  world.journal.isLast = isOf('interrupted')
  world.journal.onLast = () => world.life.end()
  const run = start(world)
  await world.clock.advance(minute)
  run.interrupt('SIGINT')
  await world.clock.until(world.life.over)
  expect(world.github.writesOf('cancel')).toEqual([])
  await world.clock.advance(30 * minute)
  const { ending } = await resumeToEnd(world)
  expect(ending?.outcome).toBe('cancelled')
  expect(world.github.writesOf('cancel')).toEqual(['acme/A'])
  expect(world.github.writesOf('dispatch')).toEqual(['acme/A'])
  for (const repo of ['acme/A', 'acme/B']) expect(world.github.shown(repo)).toMatch(/^error/u)
})

describe('unanswered claim', () => {
  test("resume posts no claim over another writer's newer status and ends superseded", async () => {
    const world = worldOf({ A: [] })
    await killAfter(world, isOf('status-requested'))
    world.github.addStatus('acme/A', 'pending', 'run:other00001 building 1 job')
    const { ending } = await resumeToEnd(world)
    expect(ending?.outcome).toBe('superseded')
    expect(world.github.writesOf('pending')).toEqual([])
    expect(world.github.writesOf('dispatch')).toEqual([])
    expect(world.github.shown('acme/A')).toBe('pending run:other00001 building 1 job')
  })

  test('resume posts a missing claim when no other writer has claimed the head', async () => {
    const world = worldOf({ A: [] })
    await killAfter(world, isOf('status-requested'))
    const { ending } = await resumeToEnd(world)
    expect(ending?.outcome).toBe('succeeded')
    expect(world.github.writesOf('pending')).toEqual(['acme/A'])
  })
})

describe('a process that was killed after a pull request joined', () => {
  test.each<[string, (event: Event) => boolean]>([
    ['before its head is claimed', isOf('verified', '"joined"')],
    ['while its head is claimed', isOf('status-requested', 'acme/B')],
    ['after its head is claimed', isOf('status-posted', 'acme/B')],
  ])('resume claims and unlocks a head that joined after kill -9 %s', async (_, isLast) => {
    const world = worldOf({ A: [], B: [] })
    world.github.change('acme/B', { pullRequests: [] })
    for (const repo of ['acme/A', 'acme/B']) world.github.scripts.set(repo, { lasts: 5 * minute })
    void world.clock
      .sleep(15_000)
      .then(() => world.github.change('acme/B', { pullRequests: [pullRequestOf('acme/B')] }))
    await killAfter(world, isLast)
    const { ending } = await resumeToEnd(world)
    expect(ending?.outcome).toBe('succeeded')
    for (const repo of ['acme/A', 'acme/B']) expect(world.github.shown(repo)).toMatch(/^success/u)
    expect(world.github.writesOf('dispatch')).toEqual(['acme/A', 'acme/B'])
  })
})

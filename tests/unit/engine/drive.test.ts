import { describe, expect, test } from 'vitest'
import type { Event } from '../../../src/model/build/events.js'
import type { Graph } from '../../../src/model/graph.js'
import type { RunOptions } from '../../../src/model/build/plan.js'
import type { RunReading } from '../../../src/ports/host/builds.js'
import { MemoryJournal } from '../../support/memory-journal.js'
import { TestClock } from '../../support/test-clock.js'
import { absentReading, diamond, failureOf, graphOf, minute, readingOf, runOf, sha, startDrive } from './fixtures.js'
import { ScriptedGitHub } from './scripted-github.js'

function scene(needs: Readonly<Record<string, readonly string[]>>, absent: readonly string[] = []) {
  const clock = new TestClock()
  const graph = graphOf(needs)
  const readings = graph.jobs.map(({ id, repo }) => (absent.includes(id) ? absentReading(repo) : readingOf(repo)))
  return { clock, graph, github: new ScriptedGitHub(clock, readings) }
}

async function finish(
  { clock, graph, github }: { clock: TestClock; graph: Graph; github: ScriptedGitHub },
  options: Partial<RunOptions> & { journal?: MemoryJournal } = {},
) {
  const { run, events } = startDrive(github, clock, graph, options)
  const orchestration = await clock.until(run.finished)
  return {
    outcome: orchestration.ending?.outcome,
    reason: orchestration.ending?.reason,
    orchestration,
    events: events(),
  }
}

describe('an orchestration', () => {
  test('an orchestration claims every head first, builds in order, and unlocks only after reading everything again', async () => {
    const it = scene(diamond, ['C'])
    const { outcome, events } = await finish(it)
    expect(outcome).toBe('succeeded')
    expect(it.github.writesOf('pending')).toEqual(['acme/A', 'acme/B', 'acme/D', 'acme/E'])
    expect(it.github.writesOf('dispatch')).toEqual(['acme/A', 'acme/B', 'acme/D', 'acme/E'])
    const firstDispatch = it.github.writes.findIndex((write) => write.includes('dispatch'))
    expect(it.github.writes.slice(0, firstDispatch).every((write) => write.includes('pending'))).toBe(true)
    const order = events.flatMap((event) =>
      event.type === 'verified' && event.stage !== 'while-building'
        ? [event.stage]
        : event.type === 'status-posted'
          ? [event.round]
          : [],
    )
    expect(order).toEqual([
      ...['claim', 'claim', 'claim', 'claim'],
      'before-success',
      ...['success', 'success', 'success', 'success'],
      'after-success',
    ])
    expect(it.github.shown('acme/E')).toMatch(
      /^success run:run0000001 set:[0-9a-f]{12} ok, 4 repositories built together$/u,
    )
  })

  test('an orchestration dispatches nothing when one claim fails, and closes the others with error', async () => {
    const it = scene({ A: [], B: [], C: [] })
    it.github.hooks.postStatus = ({ repo, state }) =>
      repo === 'acme/B' && state === 'pending'
        ? Promise.resolve({ kind: 'failed', failure: failureOf({ kind: 'forbidden', message: 'no leave' }) })
        : undefined
    const { outcome, reason, orchestration } = await finish(it)
    expect(outcome).toBe('unknown')
    expect(orchestration.ending?.auth).toBe(true)
    expect(reason).toContain('nothing was built, because acme/B could not be locked: no leave')
    expect(it.github.writesOf('dispatch')).toEqual([])
    expect(it.github.writesOf('error')).toEqual(['acme/A', 'acme/C'])
  })

  test('an orchestration posts failure and reads the failed step when a build fails, and settles the jobs that did not start as not-run', async () => {
    const it = scene({ A: [], B: ['A'] })
    it.github.scripts.set('acme/A', { conclusion: 'failure' })
    const { outcome, orchestration } = await finish(it)
    expect(outcome).toBe('failed')
    expect(orchestration.jobs.get('A')).toMatchObject({ outcome: 'failed', explanation: { step: 'test' } })
    expect(orchestration.jobs.get('B')).toMatchObject({ outcome: 'not-run', attempt: null })
    expect(it.github.writesOf('failure')).toEqual(['acme/A', 'acme/B'])
  })

  test('an orchestration posts error when the outcome of a build is unknown', async () => {
    const it = scene({ A: [] })
    it.github.hooks.dispatch = () => Promise.resolve({ kind: 'ambiguous', failure: failureOf() })
    const { outcome } = await finish(it)
    expect(outcome).toBe('unknown')
    expect(it.github.writesOf('error')).toEqual(['acme/A'])
    expect(it.github.writesOf('dispatch')).toEqual(['acme/A'])
  })

  test('an orchestration adopts the only run that appears after a dispatch without an answer, and does not dispatch again', async () => {
    const it = scene({ A: [] })
    it.github.hooks.dispatch = () => Promise.resolve({ kind: 'ambiguous', failure: failureOf() })
    const dispatchedAt = it.github.clock.now()
    it.github.runs.set(7, { repo: 'acme/A', headSha: sha('a'), dispatchedAt, cancelledAt: null })
    let listings = 0
    it.github.hooks.findRuns = () => ((listings += 1) < 4 ? [] : [{ runId: 7, url: 'https://github.test/7' }])
    const { outcome, orchestration } = await finish(it)
    expect(outcome).toBe('succeeded')
    expect(orchestration.jobs.get('A')).toMatchObject({ outcome: 'succeeded', runId: 7 })
    expect(it.github.writesOf('dispatch')).toEqual(['acme/A'])
  })

  test('an orchestration adopts neither of two runs that a dispatch without an answer may have started', async () => {
    const it = scene({ A: [] })
    it.github.hooks.dispatch = () => Promise.resolve({ kind: 'ambiguous', failure: failureOf() })
    it.github.hooks.findRuns = () => [
      { runId: 7, url: 'https://github.test/7' },
      { runId: 8, url: 'https://github.test/8' },
    ]
    const { outcome, orchestration } = await finish(it)
    expect(outcome).toBe('unknown')
    expect(orchestration.ending?.reason).toContain('2 runs match')
  })

  test('an orchestration does not report a failed build when GitHub refused the dispatch', async () => {
    const it = scene({ A: [] })
    const failure = failureOf({ kind: 'forbidden', message: 'no leave' })
    it.github.hooks.dispatch = () => Promise.resolve({ kind: 'refused', failure })
    const { outcome, orchestration } = await finish(it)
    expect(outcome).toBe('unknown')
    expect(orchestration.ending?.auth).toBe(true)
    expect(it.github.writesOf('error')).toEqual(['acme/A'])
  })

  test('an orchestration keeps the mark within the 140 characters of a status when the reason is hostile and long', async () => {
    const it = scene({ A: [] })
    const message = `\u001b[31m\n::error::${'😀'.repeat(300)}`
    it.github.hooks.dispatch = () => Promise.resolve({ kind: 'refused', failure: failureOf({ message }) })
    await finish(it)
    const [newest] = it.github.statuses.get('acme/A') ?? []
    expect(newest?.description).toMatch(/^run:run0000001 /u)
    expect(Array.from(newest?.description ?? '').length).toBeLessThanOrEqual(140)
    expect(newest?.description).not.toMatch(/\p{C}/u)
  })

  test('an orchestration without a pull request succeeds and reports that there was nothing to unlock', async () => {
    const it = scene({ A: [] })
    it.github.change('acme/A', { pullRequests: [] })
    const { outcome, reason } = await finish(it)
    expect(outcome).toBe('succeeded')
    expect(reason).toContain('nothing to unlock')
    expect(it.github.writes).toEqual(['0 dispatch acme/A'])
  })

  test.each([{ only: 'B' }, {}])('an orchestration without statuses reads and posts none (%j)', async (options) => {
    const it = scene({ A: [], B: ['A'] })
    const { outcome } = await finish(it, { ...options, postStatus: false })
    expect(outcome).toBe('succeeded')
    expect(it.github.writes.filter((write) => !write.includes('dispatch'))).toEqual([])
    expect(it.github.writesOf('dispatch')).toEqual(options.only === undefined ? ['acme/A', 'acme/B'] : ['acme/B'])
  })

  test('an orchestration ends by its deadline although GitHub never answers a dispatch', async () => {
    const it = scene({ A: [], B: [] })
    it.github.hooks.beforeLimiter = (repo) => (repo === 'acme/B' ? it.clock.sleep(24 * 60 * minute) : undefined)
    const start = it.clock.now()
    const { outcome, reason } = await finish(it, { timeoutMs: 20 * minute })
    expect(outcome).toBe('timed-out')
    expect(reason).toContain('B was not started')
    expect(it.clock.now() - start).toBeLessThan(21 * minute)
    await it.clock.advance(25 * 60 * minute)
    expect(it.github.writesOf('dispatch')).toEqual(['acme/A'])
  })

  test('an orchestration ends by its deadline and dispatches nothing although GitHub never answers a claim', async () => {
    const it = scene({ A: [], B: [] })
    it.github.hooks.beforePost = (repo) => (repo === 'acme/B' ? it.clock.sleep(24 * 60 * minute) : undefined)
    const start = it.clock.now()
    const { outcome, reason } = await finish(it, { timeoutMs: 20 * minute })
    expect(outcome).toBe('timed-out')
    expect(reason).toContain('before acme/B was locked')
    expect(it.clock.now() - start).toBeLessThan(21 * minute)
    await it.clock.advance(25 * 60 * minute)
    expect(it.github.writes.map((write) => write.split(' ').slice(1).join(' '))).toEqual([
      'pending acme/A',
      'error acme/A',
    ])
  })

  test('an orchestration forces the cancel of a run that does not end, and then reports that it may still be active', async () => {
    const it = scene({ A: [] })
    it.github.scripts.set('acme/A', { lasts: Infinity, endsOn: 'nothing' })
    const { outcome, orchestration } = await finish(it)
    expect(outcome).toBe('timed-out')
    expect(orchestration.jobs.get('A')).toMatchObject({
      reason: expect.stringContaining('may still be running') as unknown,
    })
    expect(it.github.writesOf('cancel')).toEqual(['acme/A'])
    expect(it.github.writesOf('force-cancel')).toEqual(['acme/A'])
  })

  test('an orchestration cancels a run of another commit and ends superseded', async () => {
    const it = scene({ A: [], B: ['A'] })
    it.github.scripts.set('acme/A', { headSha: sha('b') })
    const { outcome, reason } = await finish(it)
    expect(outcome).toBe('superseded')
    expect(reason).toContain('built b000000 instead of the planned a000000')
    expect(it.github.writesOf('cancel')).toEqual(['acme/A'])
    expect(it.github.writesOf('dispatch')).toEqual(['acme/A'])
    expect(it.github.writesOf('error')).toEqual(['acme/A', 'acme/B'])
  })

  test('an orchestration continues after failed readings and after a run that is temporarily missing', async () => {
    const it = scene({ A: [] })
    let reads = 0
    it.github.hooks.readRun = () => {
      reads += 1
      if (reads <= 3) return Promise.resolve({ kind: 'absent' })
      return reads <= 6 ? Promise.resolve({ kind: 'unreadable', failure: failureOf() }) : undefined
    }
    expect((await finish(it)).outcome).toBe('succeeded')
    expect(reads).toBeGreaterThan(6)
  })
})

describe('journal', () => {
  test('an orchestration that waits journals readings that show nothing new once in five minutes', async () => {
    const clock = new TestClock()
    const github = new ScriptedGitHub(clock, [readingOf('acme/A')])
    github.scripts.set('acme/A', { lasts: 60 * minute })
    const { run, events } = startDrive(github, clock, graphOf({ A: [] }, { job: { timeoutMs: 90 * minute } }))
    await clock.advance(55 * minute)
    const readings = events().filter(({ type }) => type === 'run-observed' || type === 'verified')
    expect(readings.length).toBeLessThan(15)
    const gaps = readings.slice(1).map(({ at }, index) => at - readings[index]!.at)
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(5 * minute)
    expect(Math.max(...gaps)).toBeLessThan(6 * minute)
    expect((await clock.until(run.finished)).ending?.outcome).toBe('succeeded')
  })

  test('a journal that refuses the first event prevents every request', async () => {
    const it = scene({ A: [] })
    const journal = new MemoryJournal()
    journal.refuses = true
    await expect(finish(it, { journal })).rejects.toThrow('ENOSPC')
    expect(it.github.writes).toEqual([])
  })

  test('a journal that refuses the intent of a dispatch prevents the dispatch', async () => {
    const it = scene({ A: [] })
    const journal = new MemoryJournal()
    const appendNow = journal.append.bind(journal)
    journal.append = (event: Event) => {
      if (event.type === 'dispatch-requested') journal.refuses = true
      return appendNow(event)
    }
    const { outcome } = await finish(it, { journal })
    expect(outcome).toBe('unknown')
    expect(it.github.writesOf('dispatch')).toEqual([])
    expect(it.github.shown('acme/A')).toMatch(/^error run:run0000001 the journal could not be written/u)
  })

  test('a journal that refuses a later event stops every dispatch and cancels the active runs', async () => {
    const it = scene({ A: [], B: [], C: ['B'] })
    it.github.scripts.set('acme/A', { lasts: 60 * minute })
    const journal = new MemoryJournal()
    void it.clock.sleep(30_000).then(() => (journal.refuses = true))
    const { outcome, reason } = await finish(it, { journal })
    expect(outcome).toBe('unknown')
    expect(reason).toContain('ENOSPC')
    // B starts first, because C waits for it.
    expect(it.github.writesOf('dispatch')).toEqual(['acme/B', 'acme/A'])
    expect(it.github.writesOf('cancel')).toEqual(['acme/A', 'acme/B'])
    expect(it.github.writesOf('error')).toEqual(['acme/A', 'acme/B', 'acme/C'])
  })

  test('a reading that arrives while a slow journal writes the settlement of its job is dropped', async () => {
    const it = scene({ A: [] })
    let release: (reading: RunReading) => void = () => undefined
    it.github.hooks.readRun = () => new Promise((resolve) => (release = resolve))
    const journal = new MemoryJournal()
    const appendNow = journal.append.bind(journal)
    journal.append = async (event: Event) => {
      if (event.type === 'job-settled') {
        release({ kind: 'run', run: runOf() })
        await it.clock.sleep(50)
      }
      await appendNow(event)
    }
    const { run, events } = startDrive(it.github, it.clock, it.graph, { journal })
    void it.clock.sleep(2_000).then(() => {
      run.interrupt('SIGINT')
    })
    const { ending } = await it.clock.until(run.finished)
    expect(ending?.outcome).toBe('cancelled')
    expect(events().filter(({ type }) => type === 'run-observed' || type === 'job-settled')).toHaveLength(1)
  })

  test('each job settles once when the journal breaks while several jobs are being settled', async () => {
    const it = scene({ A: [], B: [], C: [] }, ['B', 'C'])
    const journal = new MemoryJournal()
    const appendNow = journal.append.bind(journal)
    journal.append = async (event: Event) => {
      if (event.type === 'job-settled') journal.refuses = true
      await it.clock.sleep(50)
      await appendNow(event)
    }
    const { outcome, orchestration } = await finish(it, { journal })
    expect(outcome).toBe('unknown')
    expect([...orchestration.jobs.values()].map(({ phase }) => phase)).toEqual(['settled', 'settled', 'settled'])
  })
})

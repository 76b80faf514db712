import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/engine/build/decide/decide.js'
import { TestClock } from '../../support/test-clock.js'
import {
  claimed,
  dispatched,
  failureOf,
  fold,
  graphOf,
  minute,
  planOf,
  readingOf,
  sha,
  startDrive,
  statusOf,
} from './fixtures.js'
import type { DatedEvent } from './fixtures.js'
import { ScriptedGitHub } from './scripted-github.js'

const never = new Promise<never>(() => undefined)

function scene(needs: Readonly<Record<string, readonly string[]>>) {
  const clock = new TestClock()
  const graph = graphOf(needs)
  const github = new ScriptedGitHub(
    clock,
    graph.jobs.map(({ repo }) => readingOf(repo)),
  )
  for (const { repo } of graph.jobs) github.scripts.set(repo, { lasts: 60 * minute })
  return { clock, graph, github }
}

/** Drives the scene and interrupts it after `ms`; `took` is the time from the interruption to the end, ms. */
async function interruptAfter(ms: number, { clock, graph, github }: ReturnType<typeof scene>) {
  const { run, events } = startDrive(github, clock, graph)
  let interruptedAt = Infinity
  void clock.sleep(ms).then(() => {
    interruptedAt = clock.now()
    run.interrupt('SIGINT')
    run.interrupt('SIGTERM')
  })
  const { ending, jobs } = await clock.until(run.finished)
  return {
    outcome: ending?.outcome,
    reason: ending?.reason ?? '',
    jobs,
    took: clock.now() - interruptedAt,
    events: events(),
  }
}

describe('an interrupted orchestration', () => {
  test('an interrupted orchestration cancels the active runs first and then closes the statuses', async () => {
    const it = scene({ A: [], B: [], C: ['A'] })
    const { outcome, reason, took, events } = await interruptAfter(10_000, it)
    expect(outcome).toBe('cancelled')
    expect(reason).toBe('interrupted by SIGINT; its runs were cancelled')
    expect(took).toBeLessThan(5_000)
    expect(it.github.writes.slice(-5).map((write) => write.split(' ').slice(1).join(' '))).toEqual([
      ...['cancel acme/A', 'cancel acme/B'],
      ...['error acme/A', 'error acme/B', 'error acme/C'],
    ])
    expect(events.filter(({ type }) => type === 'interrupted')).toHaveLength(1)
    expect(events.at(-1)?.type).toBe('finished')
  })

  test('an interrupted orchestration cancels the run of a dispatch in flight when its answer comes in time', async () => {
    const it = scene({ A: [] })
    it.github.hooks.dispatch = ({ repo }) => it.clock.sleep(3_000).then(() => it.github.accept(repo))
    const { outcome, took } = await interruptAfter(1_000, it)
    expect(outcome).toBe('cancelled')
    expect(it.github.writesOf('cancel')).toEqual(['acme/A'])
    expect(took).toBeLessThan(5_000)
  })

  test.each(['dispatch', 'cancelRun', 'postStatus', 'readRun'] as const)(
    'an interrupted orchestration ends within five seconds although %s never answers',
    async (hook) => {
      const it = scene({ A: [], B: [] })
      it.github.hooks[hook] = () => (it.clock.now() > start + 500 || hook === 'dispatch' ? never : undefined)
      const start = it.clock.now()
      const { outcome, took, reason } = await interruptAfter(1_500, it)
      expect(outcome).toBe('cancelled')
      expect(took).toBeLessThan(5_000)
      if (hook === 'dispatch') expect(reason).toContain('it is not known whether these runs were cancelled: A, B')
      if (hook === 'cancelRun') expect(it.github.writesOf('error')).toEqual(['acme/A', 'acme/B'])
      if (hook === 'postStatus') expect(reason).toMatch(/(?:is|are) still pending/u)
    },
  )

  test('an interrupted orchestration reports the runs that may still be active when their cancels fail', async () => {
    const it = scene({ A: [], B: [] })
    it.github.hooks.cancelRun = (repo) =>
      repo === 'acme/B' ? Promise.resolve({ kind: 'failed', failure: failureOf() }) : undefined
    const { reason } = await interruptAfter(10_000, it)
    expect(reason).toBe('interrupted by SIGINT; it is not known whether this run was cancelled: B')
  })

  test('an orchestration that is interrupted before the first event is written starts nothing', async () => {
    const it = scene({ A: [] })
    const { run } = startDrive(it.github, it.clock, it.graph)
    run.interrupt('SIGTERM')
    const { ending } = await it.clock.until(run.finished)
    expect(ending?.outcome).toBe('cancelled')
    expect(it.github.writesOf('dispatch')).toEqual([])
  })

  test('an interrupted orchestration waits for a claim in flight and then closes it', async () => {
    const it = scene({ A: [] })
    it.github.hooks.postStatus = ({ repo, state, description }) =>
      state === 'pending'
        ? it.clock.sleep(2_000).then(() => ({ kind: 'posted', status: it.github.addStatus(repo, state, description) }))
        : undefined
    const { took } = await interruptAfter(1_000, it)
    expect(it.github.shown('acme/A')).toMatch(/^error /u)
    expect(it.github.writesOf('dispatch')).toEqual([])
    expect(took).toBeLessThan(5_000)
  })

  test('an interrupted orchestration waits for a success in flight and then posts error over it', async () => {
    const it = scene({ A: [], B: [] })
    it.github.scripts.clear()
    let successes = 0
    it.github.hooks.postStatus = ({ repo, state, description }) => {
      if (state !== 'success') return undefined
      successes += 1
      const lasts = it.clock.sleep(successes === 1 ? 3_000 : 1_000_000)
      return lasts.then(() => ({ kind: 'posted', status: it.github.addStatus(repo, state, description) }))
    }
    const clockBefore = it.clock.now()
    const { run } = startDrive(it.github, it.clock, it.graph)
    const whenPosting = async (): Promise<void> => {
      while (successes < 2) await it.clock.sleep(100)
      run.interrupt('SIGINT')
    }
    void whenPosting()
    const { ending } = await it.clock.until(run.finished)
    expect(it.clock.now() - clockBefore).toBeLessThan(2 * minute)
    expect(it.github.shown('acme/A')).toMatch(/^error /u)
    expect(ending?.reason).toContain('acme/B@a000000 may be unlocked: run orch invalidate DPTA-1')
  })
})

describe('actions after an interruption', () => {
  const plan = planOf(graphOf({ A: [] }), { readings: [readingOf('acme/A')] })
  const interrupted: DatedEvent = { type: 'interrupted', signal: 'SIGINT', cause: 'signal', at: 10 }
  const request: DatedEvent = {
    type: 'cancel-requested',
    job: 'A',
    runId: 7,
    reason: 'fail-fast',
    force: false,
    at: 5,
  }

  test('a cancel after an interruption skips the queue of writes, even when the same cancel waits there', () => {
    const events = [claimed('acme/A'), ...dispatched('A'), request, interrupted]
    const cancel = decide(fold(plan, events), 10).find(({ type }) => type === 'cancel')
    expect(cancel).toMatchObject({ job: 'A', urgent: true, reason: 'fail-fast', at: 10 })
  })

  test('no closing status is posted on a head while a success for it is in flight', () => {
    const requested: DatedEvent = {
      ...{ type: 'status-requested', repo: 'acme/A', headSha: sha('a'), round: 'success', state: 'success' },
      ...{ description: '', at: 5 },
    } as const
    const posts = (events: DatedEvent[]): string[] =>
      decide(fold(plan, events), 10).flatMap((action) => (action.type === 'post-status' ? [action.round] : []))
    const built: DatedEvent = { type: 'job-settled', job: 'A', outcome: 'succeeded', reason: '', at: 4 }
    const events = [claimed('acme/A'), built, requested, interrupted]
    expect(posts(events)).toEqual([])
    const posted: DatedEvent = {
      type: 'status-posted',
      repo: 'acme/A',
      headSha: sha('a'),
      round: 'success',
      status: statusOf(),
      at: 11,
    }
    expect(posts([...events, posted])).toEqual(['closing'])
  })
})

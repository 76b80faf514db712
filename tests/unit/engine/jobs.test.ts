import { describe, expect, test } from 'vitest'
import type { Action } from '../../../src/engine/build/decide/actions.js'
import { decide } from '../../../src/engine/build/decide/decide.js'
import { judgeConclusion } from '../../../src/engine/build/decide/job/judge.js'
import { observationDelay } from '../../../src/engine/build/state/delays.js'
import type { Plan, RunOptions } from '../../../src/model/build/plan.js'
import {
  absentReading,
  diamond,
  dispatched,
  failureOf,
  fold,
  graphOf,
  minute,
  observedAt,
  planOf,
  readingOf,
  sha,
} from './fixtures.js'
import type { DatedEvent } from './fixtures.js'

/** A plan in which these repositories of the graph have the branch, without pull requests. */
function planFor(needs: Readonly<Record<string, readonly string[]>>, members: readonly string[]): Plan {
  const graph = graphOf(needs)
  const readings = Object.keys(needs).map((id) =>
    members.includes(id) ? readingOf(`acme/${id}`, { pullRequests: [] }) : absentReading(`acme/${id}`),
  )
  return planOf(graph, { readings })
}

function actionsAt(
  now: number,
  plan: Plan,
  events: readonly DatedEvent[],
  options: Partial<RunOptions> = {},
): Action[] {
  return decide(fold(plan, events, options), now)
}

/** `type job` of each due action. */
function due(now: number, plan: Plan, events: readonly DatedEvent[], options: Partial<RunOptions> = {}): string[] {
  return actionsAt(now, plan, events, options)
    .filter(({ at }) => at <= now)
    .map((action) => `${action.type}${'job' in action ? ` ${action.job}` : ''}`)
}

function settled(
  job: string,
  outcome: Extract<DatedEvent, { type: 'job-settled' }>['outcome'] = 'succeeded',
  at = 1,
): DatedEvent {
  return { type: 'job-settled', job, outcome, reason: 'so it is', at }
}

const all = ['A', 'B', 'C', 'D', 'E']

describe('order of jobs', () => {
  test('a job starts as soon as its own needs are settled, without waiting for a layer', () => {
    const plan = planFor({ A: [], B: [], C: ['A'], D: ['C', 'B'] }, ['A', 'B', 'C', 'D'])
    const events = [...dispatched('A'), ...dispatched('B'), settled('A')]
    expect(due(1, plan, events)).toEqual(['dispatch C'])
  })

  test('a skipped job still orders its dependents', () => {
    const plan = planFor(diamond, ['A', 'E'])
    expect(due(1, plan, [])).toEqual(['dispatch A'])
    expect(due(1, plan, dispatched('A'))).toEqual([])
    expect(due(1, plan, [...dispatched('A'), settled('A')])).toEqual(['skip B', 'skip C', 'skip D'])
    const skipped = ['B', 'C', 'D'].map((job) => settled(job, 'skipped'))
    expect(due(1, plan, [...dispatched('A'), settled('A'), ...skipped])).toEqual(['dispatch E'])
  })

  test('a job waits only for those of its needs that have the branch', () => {
    const plan = planFor(diamond, ['A', 'B', 'D', 'E'])
    const events = [settled('A'), settled('C', 'skipped'), settled('B')]
    expect(due(1, plan, events)).toEqual(['dispatch D'])
    expect(due(1, plan, [...events, settled('D')])).toEqual(['dispatch E'])
  })

  test('at most max-parallel jobs are active, including jobs whose dispatch is in flight', () => {
    const plan = planFor({ A: [], B: [], C: [], D: [] }, ['A', 'B', 'C', 'D'])
    expect(due(1, plan, [], { maxParallel: 2 })).toEqual(['dispatch A', 'dispatch B'])
    const inFlight: DatedEvent = { type: 'dispatch-requested', job: 'A', attempt: 1, serverTime: null, at: 0 }
    expect(due(1, plan, [inFlight], { maxParallel: 2 })).toEqual(['dispatch B'])
    expect(due(1, plan, [inFlight, settled('B')], { maxParallel: 2 })).toEqual(['dispatch C'])
  })
})

describe('failed build', () => {
  const plan = planFor(diamond, all)
  const failed = [settled('A'), ...dispatched('B'), ...dispatched('C'), settled('B', 'failed')]

  test('a failed build stops all dispatches, cancels the active runs with fail-fast, and is explained', () => {
    expect(due(1, plan, failed)).toEqual(['cancel C', 'settle D', 'settle E', 'explain B'])
  })

  test('a failed build does not cancel active runs without fail-fast', () => {
    expect(due(1, plan, failed, { failFast: false })).toEqual(['settle D', 'settle E', 'explain B'])
  })

  test('a dispatch that GitHub refused stops all other dispatches', () => {
    const refused: DatedEvent = { type: 'dispatch-refused', job: 'B', attempt: 1, failure: failureOf(), at: 1 }
    const requested: DatedEvent = { type: 'dispatch-requested', job: 'B', attempt: 1, serverTime: null, at: 0 }
    expect(due(1, plan, [settled('A'), requested, refused])).toEqual(['settle C', 'settle D', 'settle E'])
  })

  test('the ending names the first failed job, not the jobs that were cancelled because of it', () => {
    const two = planFor({ A: [], B: [] }, ['A', 'B'])
    const events = [...dispatched('A'), ...dispatched('B'), settled('B', 'cancelled', 5), settled('A', 'cancelled', 9)]
    expect(actionsAt(9, two, events)).toMatchObject([
      { type: 'finish', ending: { reason: 'B was cancelled: so it is' } },
    ])
  })

  test('a job that --only excludes is not a failure, but a selected job that did not start is', () => {
    const graph = graphOf({ A: [], B: [] })
    const only = planOf(graph, { only: 'A', postStatus: false })
    const ends = (events: DatedEvent[]): unknown[] => actionsAt(2, only, events, { only: 'A', postStatus: false })
    const left = settled('B', 'not-run')
    expect(ends([left, settled('A')])).toEqual([
      expect.objectContaining({ ending: expect.objectContaining({ outcome: 'succeeded' }) as unknown }),
    ])
    expect(ends([left, settled('A', 'not-run')])).toEqual([
      expect.objectContaining({ ending: expect.objectContaining({ outcome: 'timed-out' }) as unknown }),
    ])
  })
})

describe('run of another commit', () => {
  const plan = planFor({ A: [], B: [] }, ['A', 'B'])
  const moved = [...dispatched('A'), observedAt(1_000, 'A', { headSha: sha('b') })]

  test('a run of another commit is cancelled at once and stops all dispatches', () => {
    expect(due(1_000, plan, moved)).toEqual(['cancel A', 'settle B'])
    expect(due(1_000, plan, moved, { failFast: false })).toEqual(['cancel A', 'settle B'])
  })

  test('a run of another commit ends the orchestration superseded, even if it succeeds', () => {
    const done = observedAt(2_000, 'A', { headSha: sha('b'), status: 'completed', conclusion: 'success' })
    const [settle] = actionsAt(2_000, plan, [...moved, done])
    expect(settle).toMatchObject({ type: 'settle', job: 'A', outcome: 'moved' })
    const ending = actionsAt(2_000, plan, [...moved, done, settled('A', 'moved'), settled('B', 'not-run')])
    expect(ending).toEqual([
      expect.objectContaining({
        type: 'finish',
        ending: expect.objectContaining({ outcome: 'superseded' }) as unknown,
      }),
    ])
  })
})

describe('deadlines', () => {
  const plan = planFor({ A: [] }, ['A'])
  const queued = { status: 'queued' }
  const cancelReason = (now: number, events: DatedEvent[], options: Partial<RunOptions> = {}): string | undefined => {
    const cancel = actionsAt(now, plan, events, options).find(({ type }) => type === 'cancel')
    return cancel?.type === 'cancel' ? `${cancel.reason}${cancel.force ? ' by force' : ''}` : undefined
  }

  test('the queue timeout applies until the run is in progress, and the job timeout from then on', () => {
    const waiting = [...dispatched('A'), observedAt(59 * minute, 'A', queued)]
    expect(cancelReason(59 * minute, waiting)).toBeUndefined()
    expect(cancelReason(60 * minute, [...waiting, observedAt(60 * minute, 'A', queued)])).toBe('queue-timeout')
    const started = [...waiting, observedAt(59.5 * minute, 'A')]
    expect(cancelReason(80 * minute, [...started, observedAt(80 * minute, 'A')])).toBeUndefined()
    expect(cancelReason(89.5 * minute, [...started, observedAt(89.5 * minute, 'A')])).toBe('job-timeout')
  })

  test('the queue timeout applies while a run waits for a concurrency slot', () => {
    const waiting = [...dispatched('A'), observedAt(minute, 'A', { status: 'pending' })]
    expect(cancelReason(60 * minute, [...waiting, observedAt(60 * minute, 'A', { status: 'pending' })])).toBe(
      'queue-timeout',
    )
  })

  test('a deadline fires only after an observation later than it, also with fail-fast', () => {
    const events = [...dispatched('A'), observedAt(9 * minute, 'A')]
    const options = { timeoutMs: 10 * minute }
    expect(cancelReason(20 * minute, events, options)).toBeUndefined()
    expect(due(20 * minute, plan, events, options)).toEqual(['observe A'])
    expect(cancelReason(20 * minute, [...events, observedAt(20 * minute, 'A')], options)).toBe('timeout')
  })

  test('a run is read once exactly at its deadline', () => {
    const events = [...dispatched('A'), observedAt(10 * minute - 5_000, 'A')]
    const observeAt = (list: DatedEvent[]): number | undefined =>
      actionsAt(0, plan, list, { timeoutMs: 10 * minute }).find(({ type }) => type === 'observe')?.at
    expect(observeAt(events)).toBe(10 * minute)
    const failedThen: DatedEvent = {
      type: 'observation-failed',
      job: 'A',
      failure: failureOf(),
      nextAt: 11 * minute,
      at: 10 * minute,
    }
    expect(observeAt([...events, failedThen])).toBe(11 * minute)
  })

  test('no deadline fires for a run that ended while this process was asleep', () => {
    const done = observedAt(900 * minute, 'A', { status: 'completed', conclusion: 'success' })
    expect(due(900 * minute, plan, [...dispatched('A'), observedAt(minute, 'A')])).toEqual(['observe A'])
    expect(actionsAt(900 * minute, plan, [...dispatched('A'), observedAt(minute, 'A'), done])).toMatchObject([
      { type: 'settle', outcome: 'succeeded' },
    ])
  })
})

describe('cancel', () => {
  const plan = planFor({ A: [] }, ['A'])
  const options = { timeoutMs: 10 * minute }
  const t = 10 * minute
  const requested = (at: number, force = false): DatedEvent => ({
    type: 'cancel-requested',
    job: 'A',
    runId: 7,
    reason: 'timeout',
    force,
    at,
  })
  const answered = (at: number): DatedEvent => ({
    type: 'cancel-answered',
    job: 'A',
    runId: 7,
    result: 'requested',
    at,
  })
  const failed = (at: number): DatedEvent => ({ type: 'cancel-failed', job: 'A', runId: 7, failure: failureOf(), at })
  const base = [...dispatched('A'), observedAt(t, 'A'), requested(t)]
  const next = (now: number, events: DatedEvent[]): string | undefined => {
    const action = actionsAt(now, plan, events, options).find(({ type }) => type === 'cancel' || type === 'settle')
    if (action?.type === 'settle') return `settle ${action.outcome}`
    return action?.type === 'cancel' ? `cancel${action.force ? ' by force' : ''} in ${action.at - now}` : undefined
  }

  test('a cancel is forced after a minute and given up after another minute', () => {
    const slow = [...base, answered(t + 100)]
    expect(next(t + 59_000, [...slow, observedAt(t + 59_000, 'A')])).toBeUndefined()
    expect(next(t + 60_100, [...slow, observedAt(t + 60_100, 'A')])).toBe('cancel by force in 0')
    const forced = [...slow, observedAt(t + 60_100, 'A'), requested(t + 60_200, true), answered(t + 60_300)]
    expect(next(t + 120_000, [...forced, observedAt(t + 120_000, 'A')])).toBeUndefined()
    expect(next(t + 120_300, [...forced, observedAt(t + 120_300, 'A')])).toBe('settle timed-out')
  })

  test('a cancel that waited long in the queue is not forced within a minute of its answer', () => {
    const late = [...base, observedAt(t + 90_000, 'A'), answered(t + 95_000), observedAt(t + 97_000, 'A')]
    expect(next(t + 97_000, late)).toBeUndefined()
  })

  test('a failed cancel is repeated after five seconds, later by force, and finally given up', () => {
    expect(next(t + 1_000, [...base, failed(t + 1_000)])).toBe('cancel in 5000')
    const minuteLater = [...base, failed(t + 1_000), observedAt(t + 61_000, 'A')]
    expect(next(t + 61_000, minuteLater)).toBe('cancel by force in -55000')
    const forced = [...minuteLater, requested(t + 61_000, true), failed(t + 62_000)]
    expect(next(t + 62_000, forced)).toBe('cancel by force in 5000')
    const again = [...forced, requested(t + 67_000, true), failed(t + 68_000), observedAt(t + 121_000, 'A')]
    expect(next(t + 121_000, again)).toBe('settle timed-out')
  })

  test("GitHub's conclusion takes precedence over a cancel", () => {
    const ended = observedAt(t + 500, 'A', { status: 'completed', conclusion: 'success' })
    expect(next(t + 500, [...base, ended])).toBe('settle succeeded')
    const failure = observedAt(t + 500, 'A', { status: 'completed', conclusion: 'failure' })
    expect(next(t + 500, [...base, answered(t + 100), failure])).toBe('settle failed')
  })

  test('a cancel brings the next reading of the run forward', () => {
    const looks = actionsAt(t, plan, [...base, answered(t + 100)], options).find(({ type }) => type === 'observe')
    expect(looks?.at).toBe(t + 2_100)
  })
})

describe('unobservable run', () => {
  const plan = planFor({ A: [] }, ['A'])
  const absent = (at: number): DatedEvent => ({ type: 'run-absent', job: 'A', nextAt: at + 30_000, at })
  const unreadable = (at: number): DatedEvent => ({
    type: 'observation-failed',
    job: 'A',
    failure: failureOf(),
    nextAt: at + 30_000,
    at,
  })
  const settlement = (now: number, events: DatedEvent[], options: Partial<RunOptions> = {}): string | undefined => {
    const action = actionsAt(now, plan, [...dispatched('A'), ...events], options).find(({ type }) => type === 'settle')
    return action?.type === 'settle' ? action.outcome : undefined
  }

  test('a run is lost after five minutes of uninterrupted absence', () => {
    expect(settlement(5 * minute, [absent(1_000), absent(5 * minute)])).toBeUndefined()
    expect(settlement(6 * minute, [absent(1_000), absent(5 * minute + 1_000)])).toBe('lost')
  })

  test('a run that is found again stays active, and the time of its absence restarts', () => {
    const found = [absent(1_000), observedAt(4 * minute, 'A'), absent(5 * minute), absent(9 * minute)]
    expect(settlement(9 * minute, found)).toBeUndefined()
  })

  test('a run whose readings fail is awaited until five minutes after the last deadline', () => {
    const options = { timeoutMs: 60 * minute }
    expect(
      settlement(
        50 * minute,
        [1, 20, 50].map((at) => unreadable(at * minute)),
        options,
      ),
    ).toBeUndefined()
    expect(settlement(64 * minute, [unreadable(64 * minute)], options)).toBeUndefined()
    expect(settlement(65 * minute, [unreadable(65 * minute)], options)).toBe('unknown')
  })

  test('a run is given up when its readings start to fail after the last deadline', () => {
    const options = { timeoutMs: 60 * minute }
    const seen = observedAt(61 * minute, 'A')
    expect(settlement(65 * minute, [seen, unreadable(65 * minute)], options)).toBeUndefined()
    expect(settlement(66 * minute, [seen, unreadable(66 * minute)], options)).toBe('unknown')
  })

  test('a run is read first when this process slept past every deadline', () => {
    expect(due(900 * minute, plan, [...dispatched('A'), observedAt(minute, 'A')])).toEqual(['observe A'])
  })

  test('a run is read again after one refusal of the token, and a second refusal in a row suspends the orchestration', () => {
    const refused = (at: number): DatedEvent => {
      return { type: 'observation-failed', job: 'A', failure: failureOf({ kind: 'unauthorized' }), nextAt: at, at }
    }
    expect(due(1_000, plan, [...dispatched('A'), refused(1_000)])).toEqual(['observe A'])
    expect(due(2_000, plan, [...dispatched('A'), refused(1_000), refused(2_000)])).toEqual(['suspend'])
    expect(due(3_000, plan, [...dispatched('A'), refused(1_000), observedAt(2_000, 'A'), refused(3_000)])).toEqual([
      'observe A',
    ])
  })
})

describe('conclusions', () => {
  test.each([
    ['success', 'succeeded'],
    ['failure', 'failed'],
    ['neutral', 'failed'],
    ['skipped', 'failed'],
    ['timed_out', 'failed'],
    ['startup_failure', 'failed'],
    ['brand_new', 'failed'],
    ['SUCCESS', 'failed'],
    ['', 'failed'],
    ['cancelled', 'cancelled'],
    ['action_required', 'unknown'],
    ['stale', 'unknown'],
  ])('the conclusion "%s" settles the job as %s', (conclusion, outcome) => {
    expect(judgeConclusion(conclusion, null).outcome).toBe(outcome)
  })

  test('the conclusion cancelled after our own cancel settles the job by the reason of the cancel', () => {
    expect(judgeConclusion('cancelled', 'job-timeout').outcome).toBe('timed-out')
    expect(judgeConclusion('cancelled', 'moved').outcome).toBe('moved')
    expect(judgeConclusion('cancelled', 'fail-fast').outcome).toBe('cancelled')
  })

  test('a run with an unknown status is not settled', () => {
    const plan = planFor({ A: [] }, ['A'])
    const strange = observedAt(1_000, 'A', { status: 'brand_new', conclusion: 'success' })
    const actions = actionsAt(1_000, plan, [...dispatched('A'), strange])
    expect(actions.map(({ type }) => type)).toEqual(['observe', 'verify'])
  })
})

describe('observation delay', () => {
  test('the observation delay grows by half from 1.5 s to 30 s with a jitter of 20 %', () => {
    for (let count = 1; count <= 2_000; count += 1) {
      const middle = Math.min(30_000, 1_000 * 1.5 ** Math.min(count, 20))
      const delay = observationDelay(count, 'seed')
      expect(delay).toBeGreaterThanOrEqual(Math.floor(middle * 0.8))
      expect(delay).toBeLessThanOrEqual(Math.ceil(middle * 1.2))
    }
  })

  test('the observation delay is equal for equal seeds and scattered over different seeds', () => {
    const delays = Array.from({ length: 50 }, (_, seed) => observationDelay(9, `run:${seed}`))
    expect(observationDelay(9, 'run:7')).toBe(delays[7])
    expect(new Set(delays).size).toBeGreaterThan(40)
  })
})

import { describe, expect, test } from 'vitest'
import { apply, fold as foldJournal } from '../../../../src/engine/build/state/apply.js'
import { indexPlan } from '../../../../src/engine/build/state/plan-index.js'
import type { Event } from '../../../../src/model/build/events.js'
import type { Orchestration } from '../../../../src/model/build/orchestration.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import type { JobState } from '../../../../src/model/build/state/job-state.js'
import {
  claimed,
  dispatched,
  failureOf,
  fold,
  graphOf,
  minute,
  observedAt,
  planOf,
  runOf,
  statusOf,
} from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const plan = planOf(graphOf({ A: [], B: ['A'] }))
const options: Partial<RunOptions> = { timeoutMs: 60 * minute }
const after = (events: DatedEvent[], of: Plan = plan): Orchestration => fold(of, events, options)
const jobAfter = (events: DatedEvent[], job = 'A'): JobState | undefined => after(events).jobs.get(job)
const asked: DatedEvent = { type: 'dispatch-requested', job: 'A', attempt: 1, serverTime: 50, at: 10 }
const ambiguous: DatedEvent = { type: 'dispatch-ambiguous', job: 'A', attempt: 1, failure: failureOf(), at: 20 }
const settled = (
  job: string,
  at: number,
  outcome: 'failed' | 'succeeded' | 'not-run' | 'cancelled' = 'failed',
): DatedEvent => ({
  type: 'job-settled',
  ...{ job, outcome, reason: 'so it is', at },
})
const completed = (at: number, conclusion: string, runAttempt = 1): DatedEvent =>
  observedAt(at, 'A', { status: 'completed', conclusion, runAttempt })
const cancel = (at: number, force = false): DatedEvent => ({
  type: 'cancel-requested',
  ...{ job: 'A', runId: 7, reason: 'timeout', force, at },
})
const cancelAnswered = (at: number): DatedEvent => ({
  type: 'cancel-answered',
  job: 'A',
  runId: 7,
  result: 'requested',
  at,
})

describe('events that could not have happened', () => {
  test.each<[string, DatedEvent[], string]>([
    [
      'an answer to a dispatch that was not requested',
      dispatched('A').slice(1),
      'dispatch-accepted for A, which is waiting',
    ],
    ['an ambiguous answer without a request', [ambiguous], 'dispatch-ambiguous for A, which is waiting'],
    [
      'a listing for a job that is not searched for',
      [{ type: 'runs-listed', job: 'A', found: [], nextAt: 0, at: 0 }],
      'runs-listed for A, which is waiting',
    ],
    ['a reading of a job without a run', [observedAt(5, 'A')], 'run-observed for A, which is waiting'],
    [
      'a failed listing of a running job',
      [...dispatched('A'), { type: 'listing-failed', job: 'A', failure: failureOf(), nextAt: 0, at: 0 }],
      'listing-failed for A, which is running',
    ],
    [
      'an adoption of a running job',
      [...dispatched('A'), { type: 'run-adopted', job: 'A', attempt: 1, runId: 8, url: '', at: 1 }],
      'run-adopted for A, which is running',
    ],
    [
      'an answer to a cancel that was not requested',
      [...dispatched('A'), cancelAnswered(5)],
      'cancel-answered without a request for A',
    ],
    ['a second end of a job', [settled('A', 5), settled('A', 6)], 'a job settles only once'],
    [
      'an explanation of a job that has not ended',
      [...dispatched('A'), { type: 'failure-explained', job: 'A', explanation: null, failure: null, at: 1 }],
      'failure-explained for A, which is running',
    ],
    ['an event of an unknown job', [settled('X', 5)], 'no job X'],
  ])('%s is a bug', (_, events, message) => {
    expect(() => after(events)).toThrow(message)
  })

  test('a plan that does not match its graph is a bug', () => {
    const [first] = plan.jobs
    if (!first) throw new Error('no job')
    expect(() => indexPlan({ ...plan, jobs: [first] })).toThrow('the plan does not hold B')
    expect(() => indexPlan({ ...plan, jobs: [...plan.jobs, { ...first, job: 'X' }] })).toThrow('no job X')
  })

  test('a journal starts with the start of its orchestration, once', () => {
    const started = { type: 'started', id: 'x', plan, options: {}, at: 0 } as unknown as Event
    expect(() => foldJournal([])).toThrow('a journal begins with the start of its orchestration')
    expect(() => foldJournal([{ type: 'resumed', at: 0 }])).toThrow('a journal begins with the start')
    expect(() => foldJournal([started, started])).toThrow('an orchestration starts only once')
  })
})

describe('a settled job', () => {
  test('it keeps what is known of its run', () => {
    const events = [...dispatched('A'), observedAt(1_000, 'A'), completed(5_000, 'failure', 2), settled('A', 5_100)]
    expect(jobAfter(events)).toEqual({
      phase: 'settled',
      outcome: 'failed',
      reason: 'so it is',
      settledAt: 5_100,
      attempt: 1,
      reruns: 0,
      nextAt: 35_100,
      readAt: 5_000,
      runId: 7,
      runAttempt: 2,
      url: 'https://github.test/run',
      conclusion: 'failure',
      dispatchedAt: 0,
      inProgressAt: 1_000,
      failure: null,
    })
  })

  test('a job that was never dispatched has nothing of a run', () => {
    expect(jobAfter([settled('A', 10, 'not-run')])).toEqual({
      phase: 'settled',
      outcome: 'not-run',
      reason: 'so it is',
      settledAt: 10,
      attempt: null,
      runId: null,
      runAttempt: null,
      url: null,
      dispatchedAt: null,
      inProgressAt: undefined,
      failure: null,
    })
  })

  test('a job whose run was never read, or was cancelled while it waited for an approval, says so', () => {
    const unread = jobAfter([...dispatched('A'), settled('A', 10, 'cancelled')])
    expect(unread).toMatchObject({ runId: 7, url: 'https://github.test/run', runAttempt: null })
    expect(unread).toMatchObject({ readAt: undefined })
    expect(unread).toMatchObject({ conclusion: undefined })
    const approval: DatedEvent = {
      type: 'pending-deployments-read',
      ...{ job: 'A', runId: 7, url: '', deployments: [], failure: null, at: 1_100 },
    }
    const waiting = [...dispatched('A'), observedAt(1_000, 'A', { status: 'waiting' }), approval, cancel(1_200)]
    expect(jobAfter([...waiting, settled('A', 2_000, 'cancelled')])).toMatchObject({
      awaited: { deployments: [], failure: null },
      cancelReason: 'timeout',
    })
  })

  test('a job without a run keeps the failure that settled it', () => {
    const failure = failureOf({ message: 'no workflow' })
    expect(jobAfter([asked, { type: 'dispatch-refused', job: 'A', attempt: 1, failure, at: 20 }])).toMatchObject({
      outcome: 'failed',
      reason: 'GitHub refused the dispatch: no workflow',
      settledAt: 20,
      failure,
      dispatchedAt: 10,
      attempt: 1,
    })
    expect(jobAfter([asked, ambiguous, settled('A', 30)])).toMatchObject({ failure: failureOf(), dispatchedAt: 10 })
    const unread: DatedEvent = { type: 'observation-failed', job: 'A', failure, nextAt: 9, at: 5 }
    expect(jobAfter([...dispatched('A'), unread, settled('A', 30)])).toMatchObject({ failure })
  })

  test('a fresh job keeps the run that it relies on', () => {
    const built = { runId: 5, url: 'https://github.test/runs/5', endedAt: 1 }
    const fresh: DatedEvent = { type: 'job-settled', job: 'A', outcome: 'fresh', reason: 'built before', built, at: 10 }
    expect(jobAfter([fresh])).toEqual({
      phase: 'settled',
      outcome: 'fresh',
      reason: 'built before',
      settledAt: 10,
      attempt: null,
      runId: 5,
      runAttempt: null,
      url: 'https://github.test/runs/5',
      dispatchedAt: null,
      failure: null,
    })
  })

  test('a reading of its failed run says when it is read again', () => {
    const events = [...dispatched('A'), completed(5_000, 'failure'), settled('A', 5_100)]
    expect(jobAfter([...events, completed(36_000, 'failure')])).toMatchObject({
      phase: 'settled',
      readAt: 36_000,
      nextAt: 66_000,
    })
    const late: DatedEvent = { type: 'run-absent', job: 'A', nextAt: 80_000, at: 50_000 }
    expect(jobAfter([...events, late])).toMatchObject({ phase: 'settled', readAt: 50_000, nextAt: 80_000 })
    expect(jobAfter([...events, cancelAnswered(6_000)])).toMatchObject({ phase: 'settled', outcome: 'failed' })
  })

  test('its own status belongs to one attempt of its run', () => {
    const events = [...dispatched('A'), completed(5_000, 'failure'), settled('A', 5_100)]
    const status = (
      type: 'job-status-requested' | 'job-status-posted' | 'job-status-failed',
      runAttempt: number,
    ): DatedEvent => ({
      type,
      job: 'A',
      runAttempt,
      failure: failureOf(),
      status: statusOf(),
      context: '',
      state: 'failure',
      description: '',
      at: 6_000,
    })
    expect(jobAfter([...events, status('job-status-requested', 1)])).toMatchObject({
      record: { phase: 'requested', at: 6_000 },
    })
    expect(jobAfter([...events, status('job-status-posted', 1)])).toMatchObject({ record: { phase: 'posted' } })
    expect(jobAfter([...events, status('job-status-failed', 1)])).toMatchObject({
      record: { phase: 'failed', failure: failureOf() },
    })
    expect(jobAfter([...events, status('job-status-posted', 2)])).toMatchObject({ record: undefined })
    expect(jobAfter([...dispatched('A'), status('job-status-posted', 1)])).toMatchObject({ phase: 'running' })
    const requested = [...events, status('job-status-requested', 1), { type: 'resumed', at: 7_000 } as DatedEvent]
    expect(jobAfter(requested)).toMatchObject({ record: undefined })
    expect(jobAfter([...events, status('job-status-posted', 1), { type: 'resumed', at: 7_000 }])).toMatchObject({
      record: { phase: 'posted' },
    })
  })
})

describe('a run that a person re-runs', () => {
  const failed = [
    ...dispatched('A'),
    observedAt(1_000, 'A'),
    completed(5_000, 'failure'),
    settled('A', 5_100),
    settled('B', 5_200, 'not-run'),
  ]
  const again: DatedEvent = {
    type: 'run-restarted',
    ...{ job: 'A', run: runOf({ runAttempt: 2 }), nextAt: 20_000, at: 9_000 },
  }

  test('its job runs again with its own deadlines, and the jobs that did not start wait again', () => {
    const { jobs } = after([...failed, again])
    expect(jobs.get('A')).toMatchObject({
      phase: 'running',
      attempt: 1,
      runId: 7,
      dispatchedAt: 0,
      inProgressAt: 1_000,
      isRestarted: true,
      attemptSince: 9_000,
      reruns: 0,
      cancel: null,
      rerun: null,
      observation: {
        count: 1,
        triedAt: 9_000,
        lastAt: 9_000,
        inProgressSince: 9_000,
        nextAt: 20_000,
        run: { runAttempt: 2 },
      },
    })
    expect(jobs.get('B')).toEqual({ phase: 'waiting' })
  })

  test('a job that was left out, or has ended otherwise, stays as it is', () => {
    const leftOut: Plan = {
      ...plan,
      jobs: plan.jobs.map((job) => (job.job === 'B' ? { ...job, action: 'exclude' } : job)),
    }
    expect(after([...failed, again], leftOut).jobs.get('B')).toMatchObject({ outcome: 'not-run' })
    const cancelled = [...failed.slice(0, -1), settled('B', 5_200, 'cancelled'), again]
    expect(after(cancelled).jobs.get('B')).toMatchObject({ outcome: 'cancelled' })
    expect(after([...failed.slice(0, -1), again]).jobs.get('B')).toEqual({ phase: 'waiting' })
  })
})

test('an event changes nothing of the state before it', () => {
  const before = after([claimed('acme/A', 1), ...dispatched('A')])
  const copy = JSON.stringify([...before.jobs])
  apply(before, { ...settled('A', 5) })
  expect(JSON.stringify([...before.jobs])).toBe(copy)
})

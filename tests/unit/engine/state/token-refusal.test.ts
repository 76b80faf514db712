import { describe, expect, test } from 'vitest'
import { refusedToken } from '../../../../src/engine/build/state/token-refusal.js'
import type { Orchestration } from '../../../../src/model/build/orchestration.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import type { JobState } from '../../../../src/model/build/state/job-state.js'
import type { Failure } from '../../../../src/model/failure.js'
import { claimed, dispatched, failureOf, fold, graphOf, minute, observedAt, planOf, sha } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const plan = planOf(graphOf({ A: [], B: ['A'] }))
const options: Partial<RunOptions> = { timeoutMs: 60 * minute }
const after = (events: DatedEvent[], of: Plan = plan): Orchestration => fold(of, events, options)
const jobAfter = (events: DatedEvent[], job = 'A'): JobState | undefined => after(events).jobs.get(job)
const asked: DatedEvent = { type: 'dispatch-requested', job: 'A', attempt: 1, serverTime: 50, at: 10 }
const refusal = failureOf({ kind: 'unauthorized', message: 'Bad credentials' })
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

describe('a refused token', () => {
  const isRefused = (...events: DatedEvent[]): boolean => refusedToken(after(events)) !== null
  const failed = (failure: Failure, at = 5): DatedEvent => ({
    type: 'observation-failed',
    job: 'A',
    failure,
    nextAt: 9,
    at,
  })
  const twice = (event: DatedEvent): boolean => isRefused(...dispatched('A'), failed(refusal), event)

  test('two refusals in a row count, and one does not', () => {
    expect(isRefused(...dispatched('A'), failed(refusal))).toBe(false)
    expect(twice(failed(refusal, 6))).toBe(true)
    expect(refusedToken(after([...dispatched('A'), failed(refusal), failed(refusal)]))).toEqual(refusal)
  })

  test.each<[string, DatedEvent]>([
    [
      'a reading of the change',
      { type: 'verified', stage: 'while-building', result: { kind: 'unreadable', failure: refusal }, nextAt: 0, at: 6 },
    ],
    ['earlier heads', { type: 'earlier-heads-locked', locked: [], failures: [failureOf(), refusal], at: 6 }],
    ['a cancel', { type: 'cancel-failed', job: 'B', runId: 8, failure: refusal, at: 6 }],
    ['a re-run', { type: 'rerun-answered', job: 'A', runId: 7, result: 'refused', failure: refusal, at: 6 }],
    ['a status', { type: 'status-failed', repo: 'acme/A', headSha: sha('a'), round: 'claim', failure: refusal, at: 6 }],
    [
      'a lost dispatch',
      { type: 'lost-run-cancelled', job: 'A', attempt: 1, runId: 8, failure: refusal, nextAt: 0, at: 6 },
    ],
    [
      'the runs of a lost dispatch',
      { type: 'lost-runs-listed', job: 'A', attempt: 1, found: [], failure: refusal, nextAt: 0, at: 6 },
    ],
  ])('a refusal of %s counts as the second', (_, event) => {
    expect(twice(event)).toBe(true)
  })

  test.each<[string, DatedEvent]>([
    ['a reading', observedAt(6, 'A')],
    ['a status', claimed('acme/A', 1)],
    [
      'a reading of the change',
      { type: 'verified', stage: 'while-building', result: { kind: 'unchanged', merged: [] }, nextAt: 0, at: 6 },
    ],
    ['earlier heads', { type: 'earlier-heads-locked', locked: [], failures: [], at: 6 }],
    ['an accepted re-run', { type: 'rerun-answered', job: 'A', runId: 7, result: 'accepted', failure: null, at: 6 }],
    ['a lost dispatch', { type: 'lost-runs-listed', job: 'A', attempt: 1, found: [], failure: null, nextAt: 0, at: 6 }],
    ['a resume', { type: 'resumed', at: 6 }],
  ])('%s that succeeds between two refusals proves that the token is valid', (_, event) => {
    expect(isRefused(...dispatched('A'), failed(refusal), event, failed(refusal, 7))).toBe(false)
  })

  test.each<[string, DatedEvent]>([
    ['another failure', failed(failureOf())],
    ['a request without an answer', { type: 'dispatch-requested', job: 'B', attempt: 1, serverTime: 0, at: 6 }],
  ])('%s between two refusals proves nothing', (_, event) => {
    expect(isRefused(...dispatched('A'), failed(refusal), event, failed(refusal, 7))).toBe(true)
  })

  test('a dispatch that the token was refused for is made again, with what was known of earlier runs', () => {
    const refused: DatedEvent = { type: 'dispatch-refused', job: 'A', attempt: 1, failure: refusal, at: 20 }
    expect(jobAfter([asked, refused])).toEqual({ phase: 'waiting' })
    const listed: DatedEvent = { type: 'earlier-runs-listed', job: 'A', found: [], nextAt: 9, at: 5 }
    const reuse = { found: [], count: 1, since: 5, listedAt: 5, triedAt: 5, nextAt: 9 }
    expect(jobAfter([listed, asked])).toMatchObject({ phase: 'dispatching', reuse })
    expect(jobAfter([listed, asked, refused])).toEqual({ phase: 'waiting', reuse })
    const lost = [asked, ambiguous, { type: 'runs-listed', job: 'A', found: [], nextAt: 0, at: 30 } as DatedEvent]
    const again: DatedEvent = { type: 'dispatch-requested', job: 'A', attempt: 2, serverTime: 90, at: 40 }
    expect(jobAfter([...lost, again, { ...refused, attempt: 2 }])).toEqual(jobAfter(lost))
  })

  test('a re-run or an explanation that the token was refused for is requested again', () => {
    const rerun: DatedEvent = { type: 'rerun-requested', job: 'A', runId: 7, fromAttempt: 1, at: 6_000 }
    const refused: DatedEvent = {
      type: 'rerun-answered',
      job: 'A',
      runId: 7,
      result: 'refused',
      failure: refusal,
      at: 6_100,
    }
    expect(jobAfter([...dispatched('A'), completed(5_000, 'failure'), rerun, refused])).toMatchObject({
      rerun: null,
      reruns: 0,
    })
    const failedRun = [...dispatched('A'), completed(5_000, 'failure'), settled('A', 5_100)]
    const explained = (failure: Failure): DatedEvent => ({
      type: 'failure-explained',
      job: 'A',
      explanation: null,
      failure,
      at: 6_000,
    })
    expect(jobAfter([...failedRun, explained(refusal)])).toMatchObject({ explanation: undefined })
    expect(jobAfter([...failedRun, explained(failureOf())])).toMatchObject({ explanation: null })
    const heads = (failures: Failure[]): DatedEvent => ({ type: 'earlier-heads-locked', locked: [], failures, at: 6 })
    expect(after([heads([refusal])]).earlierHeads).toBeNull()
    expect(after([heads([failureOf()])]).earlierHeads).toEqual({ locked: [], failures: [failureOf()], targets: 2 })
  })
})

import { describe, expect, test } from 'vitest'
import type { Action } from '../../../src/engine/build/decide/actions.js'
import { decide } from '../../../src/engine/build/decide/decide.js'
import type { RetryOn } from '../../../src/model/graph.js'
import { dispatched, failureOf, fold, graphOf, minute, observedAt, planOf, readingOf, sha } from './fixtures.js'
import type { DatedEvent } from './fixtures.js'

const planFor = (retries: number, retryOn: RetryOn = 'any') =>
  planOf(graphOf({ A: [] }, { job: { retries, retryOn } }), { readings: [readingOf('acme/A', { pullRequests: [] })] })

const ended = (at: number, conclusion = 'failure', runAttempt = 1): DatedEvent =>
  observedAt(at, 'A', { status: 'completed', conclusion, runAttempt })
const requested = (at: number, fromAttempt = 1): DatedEvent => ({
  type: 'rerun-requested',
  job: 'A',
  runId: 7,
  fromAttempt,
  at,
})
const answered = (at: number, result: 'accepted' | 'refused' | 'ambiguous' = 'accepted'): DatedEvent => {
  const failure = result === 'accepted' ? null : failureOf({ message: 'GitHub answered 403' })
  return { type: 'rerun-answered', job: 'A', runId: 7, result, failure, at }
}

function first(plan: ReturnType<typeof planFor>, events: DatedEvent[], now: number): Action | undefined {
  return decide(fold(plan, [...dispatched('A'), ...events]), now)[0]
}

describe('the re-run of a failed run', () => {
  test('a failed run is run again from its attempt, while retries remain', () => {
    expect(first(planFor(1), [ended(1_000)], 1_000)).toEqual({
      type: 'rerun',
      at: 1_000,
      job: 'A',
      runId: 7,
      fromAttempt: 1,
    })
    const again = [ended(1_000), requested(1_000), answered(1_010), ended(90_000, 'failure', 2)]
    expect(first(planFor(1), again, 90_000)).toMatchObject({ type: 'settle', outcome: 'failed' })
    expect(first(planFor(2), again, 90_000)).toMatchObject({ type: 'rerun', fromAttempt: 2 })
  })

  test('a run is not run again without retries, after success, or for a conclusion that retry-on excludes', () => {
    expect(first(planFor(0), [ended(1_000)], 1_000)).toMatchObject({ type: 'settle', outcome: 'failed' })
    expect(first(planFor(1), [ended(1_000, 'success')], 1_000)).toMatchObject({ type: 'settle', outcome: 'succeeded' })
    expect(first(planFor(1, 'infrastructure'), [ended(1_000)], 1_000)).toMatchObject({ outcome: 'failed' })
    expect(first(planFor(1, 'infrastructure'), [ended(1_000, 'timed_out')], 1_000)).toMatchObject({ type: 'rerun' })
  })

  test('a run that orch cancelled, that GitHub does not find, or that built another commit is not run again', () => {
    const cancel: DatedEvent = {
      type: 'cancel-requested',
      job: 'A',
      runId: 7,
      reason: 'job-timeout',
      force: false,
      at: 500,
    }
    expect(first(planFor(1), [observedAt(400, 'A'), cancel, ended(1_000, 'cancelled')], 1_000)).toMatchObject({
      type: 'settle',
      outcome: 'timed-out',
    })
    const absent: DatedEvent = { type: 'run-absent', job: 'A', nextAt: 3_000, at: 2_000 }
    expect(first(planFor(1), [ended(1_000), absent], 2_000)).toMatchObject({ type: 'observe' })
    const other = observedAt(1_000, 'A', { status: 'completed', conclusion: 'failure', headSha: sha('b') })
    expect(first(planFor(1), [other], 1_000)).toMatchObject({
      type: 'settle',
      outcome: 'moved',
      reason: 'its run built b000000 instead of the planned a000000',
    })
  })

  test('a run in progress is not run again', () => {
    expect(first(planFor(1), [observedAt(1_000, 'A')], 1_000)).toMatchObject({ type: 'observe' })
  })

  test('a refused re-run settles the job with the conclusion and the refusal', () => {
    expect(first(planFor(1), [ended(1_000), requested(1_000), answered(1_010, 'refused')], 1_010)).toMatchObject({
      type: 'settle',
      outcome: 'failed',
      reason: 'its run concluded failure; it was not rerun: GitHub answered 403',
    })
  })

  test('an accepted re-run that does not begin settles the job after two minutes', () => {
    const events = [ended(1_000), requested(1_000), answered(1_010)]
    expect(first(planFor(1), [...events, ended(120_999)], 120_999)).toMatchObject({ type: 'observe' })
    expect(first(planFor(1), [...events, ended(121_000)], 121_000)).toMatchObject({
      type: 'settle',
      outcome: 'failed',
      reason: 'its run concluded failure; the requested rerun did not begin',
    })
  })
})

describe('the reasons for which a run is given up', () => {
  const plan = planFor(0)
  const options = { timeoutMs: 10 * minute }
  const settle = (events: DatedEvent[], now: number): Action | undefined =>
    decide(fold(plan, [...dispatched('A'), ...events], options), now).find(({ type }) => type === 'settle')

  test('a run that GitHub has not found for five minutes is lost', () => {
    const absent = (at: number): DatedEvent => ({ type: 'run-absent', job: 'A', nextAt: at + 1, at })
    expect(settle([absent(1_000), absent(301_000)], 301_000)).toMatchObject({
      outcome: 'lost',
      reason: 'GitHub has not known its run for 5 minutes',
    })
  })

  test('a run that could not be read until after the deadline ends in an unknown state', () => {
    const failed: DatedEvent = {
      type: 'observation-failed',
      job: 'A',
      failure: failureOf(),
      nextAt: 0,
      at: 15 * minute,
    }
    expect(settle([failed], 15 * minute)).toMatchObject({
      outcome: 'unknown',
      reason: 'its run could not be read when the orchestration timed out',
    })
  })

  test('a run that does not end despite a forced cancel is given up, and may still be active', () => {
    const t = 10 * minute
    const cancel = (at: number, force: boolean): DatedEvent => ({
      type: 'cancel-requested',
      job: 'A',
      runId: 7,
      reason: 'timeout',
      force,
      at,
    })
    const answer = (at: number): DatedEvent => ({
      type: 'cancel-answered',
      job: 'A',
      runId: 7,
      result: 'requested',
      at,
    })
    const events = [observedAt(t, 'A'), cancel(t, false), answer(t), observedAt(t + minute, 'A')]
    const forced = [cancel(t + minute, true), answer(t + minute), observedAt(t + 2 * minute, 'A')]
    expect(settle([...events, ...forced], t + 2 * minute)).toMatchObject({
      outcome: 'timed-out',
      reason: 'the orchestration timed out; GitHub did not end its run, which may still be running',
    })
  })
})

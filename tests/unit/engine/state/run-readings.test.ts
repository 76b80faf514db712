import { describe, expect, test } from 'vitest'
import type { Orchestration } from '../../../../src/model/build/orchestration.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import type { JobState } from '../../../../src/model/build/state/job-state.js'
import { dispatched, failureOf, fold, graphOf, minute, observedAt, planOf } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const plan = planOf(graphOf({ A: [], B: ['A'] }))
const options: Partial<RunOptions> = { timeoutMs: 60 * minute }
const after = (events: DatedEvent[], of: Plan = plan): Orchestration => fold(of, events, options)
const jobAfter = (events: DatedEvent[], job = 'A'): JobState | undefined => after(events).jobs.get(job)
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
const cancelFailed = (at: number): DatedEvent => ({
  type: 'cancel-failed',
  job: 'A',
  runId: 7,
  failure: failureOf(),
  at,
})

describe('the readings of a run', () => {
  const observation = (...events: DatedEvent[]) => {
    const job = jobAfter([...dispatched('A'), ...events])
    if (job?.phase !== 'running') throw new Error('it does not run')
    return job
  }
  const waiting = (at: number, runAttempt = 1): DatedEvent => observedAt(at, 'A', { status: 'waiting', runAttempt })
  const queued = (at: number): DatedEvent => observedAt(at, 'A', { status: 'queued' })

  test('a run is in progress from its first reading outside the queue', () => {
    expect(observation(queued(1_000)).observation).toMatchObject({ inProgressSince: null, lastAt: 1_000, count: 1 })
    const job = observation(queued(1_000), observedAt(2_000, 'A'), observedAt(3_000, 'A'))
    expect(job).toMatchObject({ inProgressAt: 2_000, observation: { inProgressSince: 2_000, count: 3 } })
    expect(observation(queued(1_000), completed(9_000, 'success'))).toMatchObject({ inProgressAt: 1_000 })
    expect(observation(completed(9_000, 'success'))).toMatchObject({ inProgressAt: 0 })
  })

  test('a later attempt starts its own deadlines, and an unknown attempt does not', () => {
    const second = observedAt(5_000, 'A', { runAttempt: 2 })
    expect(observation(observedAt(1_000, 'A'), second)).toMatchObject({
      attemptSince: 5_000,
      inProgressAt: 1_000,
      observation: { inProgressSince: 5_000 },
    })
    expect(observation(second)).toMatchObject({ attemptSince: 0 })
    const unknown = observedAt(5_000, 'A', { runAttempt: null })
    expect(observation(observedAt(1_000, 'A'), unknown)).toMatchObject({
      attemptSince: 0,
      observation: { run: { runAttempt: 1 } },
    })
    expect(observation(unknown, second)).toMatchObject({ attemptSince: 5_000 })
    const ended = observedAt(6_000, 'A', { status: 'completed', conclusion: 'success', runAttempt: null })
    expect(observation(observedAt(1_000, 'A'), ended).observation.run).toMatchObject({ runAttempt: null })
  })

  test('the time for which a run waits for an approval is counted, from the reading before it', () => {
    expect(observation(queued(1_000), waiting(4_000)).observation).toMatchObject({
      waitingSince: 4_000,
      waitedMs: 3_000,
    })
    expect(observation(waiting(4_000)).observation).toMatchObject({ waitingSince: 4_000, waitedMs: 4_000 })
    expect(observation(queued(1_000), waiting(4_000), waiting(9_000)).observation).toMatchObject({
      waitingSince: 4_000,
      waitedMs: 3_000,
    })
    expect(observation(queued(1_000), waiting(4_000), queued(9_000)).observation).toMatchObject({
      waitingSince: null,
      waitedMs: 8_000,
    })
    expect(observation(queued(1_000), waiting(4_000), observedAt(9_000, 'A')).observation).toMatchObject({
      waitingSince: null,
      waitedMs: 0,
    })
    const between = [observedAt(1_000, 'A'), waiting(4_000), observedAt(9_000, 'A')]
    expect(observation(...between).observation).toMatchObject({
      inProgressSince: 1_000,
      waitingSince: null,
      waitedMs: 8_000,
    })
    expect(observation(...between, waiting(10_000), observedAt(12_000, 'A')).observation).toMatchObject({
      waitedMs: 11_000,
    })
    expect(observation(observedAt(1_000, 'A'), waiting(4_000, 2)).observation).toMatchObject({
      waitingSince: 4_000,
      waitedMs: 0,
    })
  })

  test('what a run waits for is forgotten when it goes on, and kept when it ends or is cancelled', () => {
    const approval: DatedEvent = {
      type: 'pending-deployments-read',
      ...{ job: 'A', runId: 7, url: '', deployments: null, failure: failureOf(), at: 4_100 },
    }
    const awaited = { deployments: null, failure: failureOf() }
    expect(observation(waiting(4_000), approval)).toMatchObject({ awaited })
    expect(observation(waiting(4_000), approval, waiting(5_000))).toMatchObject({ awaited })
    expect(observation(waiting(4_000), approval, observedAt(5_000, 'A'))).toMatchObject({ awaited: undefined })
    expect(observation(waiting(4_000), approval, waiting(5_000, 2))).toMatchObject({ awaited: undefined })
    expect(observation(waiting(4_000), approval, completed(5_000, 'failure'))).toMatchObject({ awaited })
    expect(observation(waiting(4_000), approval, cancel(4_500), observedAt(5_000, 'A'))).toMatchObject({ awaited })
  })

  test('a run is absent from the first reading without it, and a failed reading tells nothing', () => {
    const absent = (at: number): DatedEvent => ({ type: 'run-absent', job: 'A', nextAt: at + 5, at })
    const failed = (at: number): DatedEvent => ({
      type: 'observation-failed',
      job: 'A',
      failure: failureOf(),
      nextAt: at + 7,
      at,
    })
    expect(observation(absent(1_000), absent(2_000)).observation).toMatchObject({
      absentSince: 1_000,
      lastAt: 2_000,
      nextAt: 2_005,
      failure: null,
    })
    expect(observation(absent(1_000), failed(2_000)).observation).toMatchObject({
      absentSince: 1_000,
      lastAt: 1_000,
      triedAt: 2_000,
      nextAt: 2_007,
      count: 2,
      failure: failureOf(),
    })
    expect(observation(failed(1_000), absent(2_000)).observation).toMatchObject({ failure: null })
    expect(observation(failed(1_000), absent(2_000), observedAt(3_000, 'A')).observation).toMatchObject({
      failure: null,
      absentSince: null,
    })
  })

  test('a requested re-run is shown by a later attempt, and its refusal is kept', () => {
    const rerun: DatedEvent = { type: 'rerun-requested', job: 'A', runId: 7, fromAttempt: 1, at: 6_000 }
    const answer = (result: 'accepted' | 'refused' | 'ambiguous'): DatedEvent => ({
      type: 'rerun-answered',
      ...{ job: 'A', runId: 7, result, failure: result === 'accepted' ? null : failureOf(), at: 6_100 },
    })
    const base = [completed(5_000, 'failure'), rerun]
    expect(observation(...base)).toMatchObject({
      reruns: 1,
      rerun: { fromAttempt: 1, requestedAt: 6_000, refusal: null },
      observation: { nextAt: 8_000 },
    })
    expect(observation(...base, answer('accepted'))).toMatchObject({ rerun: { refusal: null } })
    expect(observation(...base, answer('ambiguous'))).toMatchObject({ rerun: { refusal: null } })
    expect(observation(...base, answer('refused'))).toMatchObject({ rerun: { refusal: failureOf() } })
    expect(observation(...base, completed(7_000, 'failure'))).toMatchObject({ rerun: { fromAttempt: 1 } })
    const shown = [...base, observedAt(7_000, 'A', { runAttempt: 2 })]
    expect(observation(...shown)).toMatchObject({ rerun: null, reruns: 1 })
    expect(observation(...shown, answer('refused'))).toMatchObject({ rerun: null })
  })
})

describe('the cancel of a run', () => {
  const cancelOf = (...events: DatedEvent[]): unknown => {
    const job = jobAfter([...dispatched('A'), ...events])
    return job?.phase === 'running' ? job.cancel : job
  }

  test('it keeps its first request and its first force', () => {
    expect(cancelOf(cancel(100))).toEqual({
      reason: 'timeout',
      requestedAt: 100,
      forcedAt: null,
      answeredAt: null,
      failedAt: null,
    })
    expect(cancelOf(cancel(100), cancelFailed(200))).toMatchObject({ failedAt: 200, answeredAt: null })
    expect(cancelOf(cancel(100), cancelFailed(200), cancel(300, true), cancelAnswered(400), cancel(500, true))).toEqual(
      {
        ...{ reason: 'timeout', requestedAt: 100, forcedAt: 300, answeredAt: null, failedAt: null },
      },
    )
    expect(cancelOf(cancel(100), cancelAnswered(400))).toMatchObject({ answeredAt: 400 })
  })

  test('its answer brings the next reading forward, and never back', () => {
    const nextAt = (...events: DatedEvent[]): unknown => jobAfter([...dispatched('A'), ...events])
    expect(nextAt(observedAt(1_000, 'A'), cancel(2_000), cancelAnswered(3_000))).toMatchObject({
      observation: { nextAt: 5_000 },
    })
    expect(nextAt(cancel(500), cancelAnswered(600))).toMatchObject({ observation: { nextAt: 2_000 } })
  })
})

import { describe, expect, test } from 'vitest'
import type { Orchestration } from '../../../../src/model/build/orchestration.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import type { JobState } from '../../../../src/model/build/state/job-state.js'
import type { VerificationResult, VerificationStage } from '../../../../src/model/build/state/verification.js'
import { dispatched, failureOf, fold, graphOf, minute, observedAt, planOf } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const plan = planOf(graphOf({ A: [], B: ['A'] }))
const options: Partial<RunOptions> = { timeoutMs: 60 * minute }
const after = (events: DatedEvent[], of: Plan = plan): Orchestration => fold(of, events, options)
const jobAfter = (events: DatedEvent[], job = 'A'): JobState | undefined => after(events).jobs.get(job)
const asked: DatedEvent = { type: 'dispatch-requested', job: 'A', attempt: 1, serverTime: 50, at: 10 }
const refusal = failureOf({ kind: 'unauthorized', message: 'Bad credentials' })
const ambiguous: DatedEvent = { type: 'dispatch-ambiguous', job: 'A', attempt: 1, failure: failureOf(), at: 20 }

function verified(stage: VerificationStage, result: VerificationResult, at: number): DatedEvent {
  return { type: 'verified', stage, result, nextAt: at + 1, at }
}

function observedAtStart(at: number): DatedEvent {
  return { type: 'earlier-heads-locked', locked: [], failures: [], at }
}

describe('a resumed orchestration', () => {
  test('a dispatch without an answer is searched for, and every reading is due at once', () => {
    expect(jobAfter([asked, { type: 'resumed', at: 90_000 }])).toMatchObject({
      phase: 'searching',
      attempt: 1,
      requestedAt: 10,
      serverTime: 50,
      since: 90_000,
      nextAt: 92_000,
      found: [],
      listedAt: null,
      failure: { kind: 'network', message: 'the process that dispatched it ended before the answer came' },
    })
    expect(jobAfter([asked, ambiguous, { type: 'resumed', at: 90_000 }])).toMatchObject({
      phase: 'searching',
      since: 90_000,
      nextAt: 90_000,
    })
    expect(jobAfter([...dispatched('A'), observedAt(1_000, 'A'), { type: 'resumed', at: 5_000 }])).toMatchObject({
      observation: { nextAt: 5_000, lastAt: 1_000 },
    })
    const listed: DatedEvent = { type: 'earlier-runs-listed', job: 'A', found: [], nextAt: 9, at: 5 }
    expect(jobAfter([listed, { type: 'resumed', at: 90_000 }])).toEqual({ phase: 'waiting' })
  })

  test('the time without a process does not count, and the time of a clock that was set back does not count either', () => {
    const resumed = (at: number): DatedEvent => ({ type: 'resumed', at })
    expect(after([observedAtStart(5_000), resumed(65_000)])).toMatchObject({
      unattendedMs: 60_000,
      isResumed: true,
      lastAt: 65_000,
    })
    expect(after([observedAtStart(5_000), resumed(65_000), resumed(75_000)])).toMatchObject({ unattendedMs: 70_000 })
    expect(after([observedAtStart(5_000), resumed(1_000)])).toMatchObject({ unattendedMs: 0 })
  })

  test('its suspension is over, its interruption starts again, and it reads the change again before it posts', () => {
    const suspended: DatedEvent = { type: 'suspended', failure: refusal, at: 5 }
    const interrupted: DatedEvent = { type: 'interrupted', signal: 'SIGINT', cause: 'signal', at: 6 }
    const state = after([
      verified('before-success', { kind: 'unchanged', merged: [] }, 4),
      interrupted,
      suspended,
      { type: 'resumed', at: 90 },
    ])
    expect(state).toMatchObject({
      isSuspended: false,
      interrupted: { signal: 'SIGINT', cause: 'signal', at: 90 },
      verifications: {},
    })
    expect(after([suspended])).toMatchObject({ isSuspended: true })
    expect(after([{ type: 'resumed', at: 90 }]).interrupted).toBeNull()
  })

  test('a move that two readings confirmed stays, and a single one does not', () => {
    const moved = (at: number): DatedEvent =>
      verified('while-building', { kind: 'moved', findings: [{ kind: 'head-moved', repo: 'acme/A', message: '' }] }, at)
    const resumed: DatedEvent = { type: 'resumed', at: 90 }
    expect(Object.keys(after([moved(1), moved(2), resumed]).verifications)).toEqual(['while-building'])
    expect(Object.keys(after([moved(1), resumed]).verifications)).toEqual([])
  })
})

import { describe, expect, test } from 'vitest'
import { decide } from '../../../../src/engine/build/decide/decide.js'
import type { Action } from '../../../../src/engine/build/decide/actions.js'
import type { InterruptionCause } from '../../../../src/model/build/orchestration.js'
import {
  claimed,
  dispatched,
  failureOf,
  fold,
  graphOf,
  minute,
  observedAt,
  planOf,
  sha,
  statusOf,
} from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const plan = planOf(graphOf({ A: [], B: [], C: ['A'] }))
const claims = ['A', 'B', 'C'].map((id, index) => claimed(`acme/${id}`, index + 1))
const t = 100_000
const interrupted = (cause: InterruptionCause = 'signal'): DatedEvent => ({
  type: 'interrupted',
  signal: cause === 'journal' ? 'ENOSPC' : 'SIGTERM',
  cause,
  at: t,
})
const decideAt = (now: number, events: DatedEvent[]): Action[] => decide(fold(plan, [...claims, ...events]), now)

/** What is done with each job, with its time from the interruption, ms. */
const jobsAt = (now: number, events: DatedEvent[]): string[] =>
  decideAt(now, events).flatMap((action) => {
    if (action.type === 'cancel') {
      const how = `${action.force ? ' by force' : ''}${action.urgent ? ' at once' : ''}`
      return [`cancel ${action.job}${how} after ${action.at - t}: ${action.reason}`]
    }
    return action.type === 'settle' ? [`settle ${action.job} ${action.outcome}: ${action.reason}`] : []
  })
const closingsAt = (now: number, events: DatedEvent[]): string[] =>
  decideAt(now, events).flatMap((action) =>
    action.type === 'post-status'
      ? [
          `${action.round} ${action.repo} ${action.state}${action.urgent ? ' at once' : ''} after ${action.at - t}: ${action.text}`,
        ]
      : [],
  )
const finishAt = (now: number, events: DatedEvent[]): unknown => {
  const finish = decideAt(now, events).find(({ type }) => type === 'finish')
  return finish?.type === 'finish' ? [finish.at - t, finish.ending] : undefined
}
const settled = (job: string, outcome: 'cancelled' | 'unknown' | 'not-run' = 'cancelled'): DatedEvent => ({
  type: 'job-settled',
  ...{ job, outcome, reason: '' },
  at: t + 10,
})
const cancel = (at: number): DatedEvent => ({
  type: 'cancel-requested',
  ...{ job: 'A', runId: 7, reason: 'interrupted', force: false },
  at,
})
const cancelFailed = (at: number): DatedEvent => ({
  type: 'cancel-failed',
  ...{ job: 'A', runId: 7, failure: failureOf() },
  at,
})
const cancelAnswered = (at: number): DatedEvent => ({
  type: 'cancel-answered',
  ...{ job: 'A', runId: 7, result: 'requested' },
  at,
})
const ambiguous: DatedEvent = {
  type: 'dispatch-ambiguous',
  ...{ job: 'B', attempt: 1, failure: failureOf({ message: 'no answer' }) },
  at: 50,
}
const asked = (job: string): DatedEvent => ({ type: 'dispatch-requested', job, attempt: 1, serverTime: 0, at: 40 })

describe('the jobs of an interrupted orchestration', () => {
  test('a run is cancelled at once, a job that waits is not started, and one that is searched for is unknown', () => {
    expect(jobsAt(t, [...dispatched('A'), asked('B'), ambiguous, interrupted()])).toEqual([
      'cancel A at once after 0: interrupted',
      'settle B unknown: it is not known whether a run started: no answer',
      'settle C not-run: not started: the orchestration was interrupted',
    ])
  })

  test('a dispatch in flight is left alone', () => {
    expect(jobsAt(t, [asked('A'), settled('B'), settled('C'), interrupted()])).toEqual([])
  })

  test('an answered cancel settles the job with its reason', () => {
    const base = [...dispatched('A'), settled('B'), settled('C')]
    expect(jobsAt(t + 50, [...base, interrupted(), cancel(t), cancelAnswered(t + 50)])).toEqual([
      'settle A cancelled: cancelled because the orchestration was interrupted',
    ])
    const before: DatedEvent = { ...cancel(50), reason: 'fail-fast' } as DatedEvent
    expect(jobsAt(t, [...base, before, cancelAnswered(60), interrupted()])).toEqual([
      'settle A cancelled: cancelled because another build did not succeed',
    ])
  })

  test('a cancel that has no answer yet is waited for, however late it was sent', () => {
    const base = [...dispatched('A'), settled('B'), settled('C'), interrupted()]
    expect(jobsAt(t + 2_300, [...base, cancel(t + 2_250)])).toEqual(['cancel A at once after 2300: interrupted'])
  })

  test('a cancel that fails is repeated after 300 ms while the cancels have time, and then given up', () => {
    const base = [...dispatched('A'), settled('B'), settled('C'), interrupted()]
    expect(jobsAt(t + 100, [...base, cancel(t), cancelFailed(t + 100)])).toEqual([
      'cancel A at once after 400: interrupted',
    ])
    expect(jobsAt(t + 2_200, [...base, cancel(t), cancelFailed(t + 2_200)])).toEqual([
      'cancel A at once after 2500: interrupted',
    ])
    expect(jobsAt(t + 2_201, [...base, cancel(t), cancelFailed(t + 2_201)])).toEqual([
      'settle A unknown: its run could not be cancelled and may still be running',
    ])
  })
})

describe('the statuses of an interrupted orchestration', () => {
  const noJobs = [settled('A'), settled('B'), settled('C')]

  test('they are closed at once where no run is active, and otherwise after the time for the cancels', () => {
    const text = 'interrupted by SIGTERM; its runs were cancelled'
    expect(closingsAt(t, [...noJobs, interrupted()])).toEqual(
      ['A', 'B', 'C'].map((id) => `closing acme/${id} error at once after 0: ${text}`),
    )
    const running = 'interrupted by SIGTERM; it is not known whether this run was cancelled: A'
    expect(closingsAt(t, [...dispatched('A'), settled('B'), settled('C'), interrupted()])).toEqual(
      ['A', 'B', 'C'].map((id) => `closing acme/${id} error at once after 2500: ${running}`),
    )
    const searching = [settled('A'), asked('B'), ambiguous, settled('C'), interrupted()]
    expect(closingsAt(t, searching)[0]).toMatch(/^closing acme\/A error at once after 0: /u)
  })

  test('a closing status that fails is repeated after 300 ms', () => {
    const failed: DatedEvent = {
      type: 'status-failed',
      ...{ repo: 'acme/A', headSha: sha('a'), round: 'closing', failure: failureOf(), nextAt: t + 9_000 },
      at: t + 100,
    }
    expect(closingsAt(t + 100, [...noJobs, interrupted(), failed])[0]).toMatch(/ after 400: /u)
  })

  test('no closing status is posted while a claim or a success of the head is in flight', () => {
    const asks = (round: 'claim' | 'success'): DatedEvent => ({
      type: 'status-requested',
      ...{ repo: 'acme/A', headSha: sha('a'), round, state: 'success', description: '' },
      at: 60,
    })
    expect(closingsAt(t, [...noJobs, asks('success'), interrupted()])).toHaveLength(2)
    const unclaimed = decide(fold(plan, [...claims.slice(1), ...noJobs, asks('claim'), interrupted()]), t)
    expect(unclaimed.filter(({ type }) => type === 'post-status')).toHaveLength(2)
    const resumedLater: DatedEvent = { type: 'resumed', at: t + 1_000 }
    expect(closingsAt(t + 1_000, [...noJobs, asks('success'), interrupted(), resumedLater])).toHaveLength(3)
  })
})

describe('the end of an interrupted orchestration', () => {
  const closed = ['A', 'B', 'C'].map(
    (id): DatedEvent => ({ ...claimed(`acme/${id}`, 9), round: 'closing' }) as DatedEvent,
  )
  const noJobs = [settled('A'), settled('B'), settled('C')]

  test('it ends as soon as every job is settled and every status is closed', () => {
    expect(finishAt(t + 20, [...noJobs, interrupted(), ...closed])).toEqual([
      20,
      { outcome: 'cancelled', reason: 'interrupted by SIGTERM; its runs were cancelled', auth: false },
    ])
    expect(finishAt(t + 20, [settled('A'), settled('B'), interrupted(), ...closed])).toMatchObject([4_500, {}])
    expect(finishAt(t + 20, [...noJobs, interrupted(), ...closed.slice(1)])).toMatchObject([4_500, {}])
  })

  test('it ends 4.5 s after the signal whatever is left, and names what is left', () => {
    const left = [...dispatched('A'), asked('B'), interrupted()]
    expect(decideAt(t + 4_499, left).length).toBeGreaterThan(1)
    expect(decideAt(t + 4_500, left)).toHaveLength(1)
    expect(finishAt(t + 4_500, left)).toEqual([
      4_500,
      {
        outcome: 'cancelled',
        reason:
          'interrupted by SIGTERM; it is not known whether these runs were cancelled: A, B; the statuses on acme/A@a000000, acme/B@a000000, acme/C@a000000 are still pending',
        auth: false,
      },
    ])
    const unclear = [...noJobs.slice(1), settled('A', 'unknown'), interrupted(), ...closed]
    expect(finishAt(t + 20, unclear)).toMatchObject([
      20,
      { reason: 'interrupted by SIGTERM; it is not known whether this run was cancelled: A' },
    ])
  })

  test('after a lost journal it has ten minutes, and ends in an unknown state', () => {
    const left = [...dispatched('A'), settled('B'), settled('C'), interrupted('journal')]
    expect(finishAt(t + 4_500, left)).toMatchObject([10 * minute, {}])
    expect(decideAt(t + 10 * minute - 1, left).length).toBeGreaterThan(1)
    expect(finishAt(t + 10 * minute, [...left, ...closed])).toEqual([
      10 * minute,
      {
        outcome: 'unknown',
        reason: 'the journal could not be written (ENOSPC), so its runs were cancelled',
        auth: false,
      },
    ])
  })

  test('a head that has its success names the way to lock it', () => {
    const success = claimed('acme/B', 8, 'success')
    const left = [...noJobs, success, interrupted(), closed[0] as DatedEvent]
    expect(finishAt(t + 4_500, left)).toMatchObject([
      4_500,
      {
        reason:
          'interrupted by SIGTERM; its runs were cancelled; acme/B@a000000 may be unlocked: run orch invalidate DPTA-1; the status on acme/C@a000000 is still pending',
      },
    ])
  })

  test('a head whose status another writer replaced, or that was never claimed, is not named', () => {
    const withheld: DatedEvent = {
      type: 'status-withheld',
      ...{ repo: 'acme/A', headSha: sha('a'), round: 'closing', reason: 'a newer status' },
      at: t + 5,
    }
    const events = [...claims.slice(0, 2), ...noJobs, interrupted(), withheld, closed[1] as DatedEvent]
    const [finish] = decide(fold(plan, events), t + 4_500)
    expect(finish).toMatchObject({ ending: { reason: 'interrupted by SIGTERM; its runs were cancelled' } })
  })
})

describe('an orchestration that is cancelled', () => {
  test('its runs are cancelled with the time that this needs, and the rest is not started', () => {
    const events = [...dispatched('A'), observedAt(50, 'A'), interrupted('cancel')]
    expect(jobsAt(t, events)).toEqual([
      'cancel A after 0: interrupted',
      'settle B not-run: not started: the orchestration was cancelled',
      'settle C not-run: not started: the orchestration was cancelled',
    ])
    expect(closingsAt(t, events)).toEqual([])
  })

  test('its failed runs are not read again before its end', () => {
    const failed: DatedEvent[] = [
      ...[...dispatched('A'), observedAt(50, 'A', { status: 'completed', conclusion: 'failure' })],
      { type: 'job-settled', job: 'A', outcome: 'failed', reason: '', at: 60 },
      { type: 'failure-explained', job: 'A', explanation: null, failure: null, at: 70 },
      ...[settled('B', 'not-run'), settled('C', 'not-run')],
    ]
    const heads: DatedEvent = { type: 'earlier-heads-locked', locked: [], failures: [], at: 5 }
    expect(decideAt(t + 20, [heads, ...failed])).toMatchObject([{ type: 'observe', job: 'A' }])
    expect(decideAt(t + 20, [heads, ...failed, interrupted('cancel')]).map(({ type }) => type)).toEqual(
      Array(3).fill('post-status'),
    )
  })

  test('it locks no earlier head and claims nothing more, and its statuses are closed at the end', () => {
    const unclaimed = decide(
      fold(plan, [
        ...claims.slice(0, 1),
        settled('A'),
        settled('B', 'not-run'),
        settled('C', 'not-run'),
        interrupted('cancel'),
      ]),
      t,
    )
    expect(
      unclaimed.map((action) => (action.type === 'post-status' ? `${action.round} ${action.repo}` : action.type)),
    ).toEqual(['closing acme/A'])
  })

  test('an orchestration that has ended, or waits for a token, decides nothing', () => {
    const finished: DatedEvent = { type: 'finished', outcome: 'cancelled', reason: '', auth: false, at: t }
    const suspended: DatedEvent = { type: 'suspended', failure: failureOf(), at: t }
    expect(decideAt(t, [finished])).toEqual([])
    expect(decideAt(t, [suspended])).toEqual([])
    expect(decideAt(t, [...dispatched('A'), suspended, { type: 'resumed', at: t + 1 }]).length).toBeGreaterThan(0)
  })
})

test('a status that a resumed process finds closed stays closed', () => {
  const closed = ['A', 'B', 'C'].map((id): DatedEvent => ({
    type: 'status-posted',
    ...{ repo: `acme/${id}`, headSha: sha('a'), round: 'closing', status: statusOf({ state: 'error' }) },
    at: t + 5,
  }))
  const jobs = [settled('A'), settled('B'), settled('C')]
  const events = [...jobs, interrupted(), ...closed, { type: 'resumed', at: t + 1_000 } as DatedEvent]
  expect(decideAt(t + 1_000, events)).toMatchObject([{ type: 'finish', at: t + 1_000 }])
})

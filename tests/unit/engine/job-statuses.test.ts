import { describe, expect, test } from 'vitest'
import type { Action } from '../../../src/engine/build/decide/actions.js'
import { decide } from '../../../src/engine/build/decide/decide.js'
import type { JobOutcome } from '../../../src/model/build/state/job-state.js'
import type { RunOptions } from '../../../src/model/build/plan.js'
import {
  absentReading,
  claimed,
  dispatched,
  fold,
  graphOf,
  minute,
  observedAt,
  planOf,
  readingOf,
  sha,
  statusOf,
} from './fixtures.js'
import type { DatedEvent } from './fixtures.js'

const plan = planOf(graphOf({ A: [], B: ['A'] }))
const claims = [claimed('acme/A', 1), claimed('acme/B', 2)]
const settled = (job: string, at: number, outcome: JobOutcome = 'succeeded'): DatedEvent => ({
  type: 'job-settled',
  job,
  outcome,
  reason: '',
  at,
})
/** A settled at 2,000 with its run, B is dispatched. */
const events = [...claims, ...dispatched('A'), observedAt(1_000, 'A'), settled('A', 2_000), ...dispatched('B', 8)]

function statuses(list: DatedEvent[], now: number, options: Partial<RunOptions> = {}): Action[] {
  const orchestration = fold(plan, list, { recordJobs: true, ...options })
  return decide(orchestration, now).filter(({ type }) => type === 'post-job-status')
}

const posted: DatedEvent = { type: 'job-status-posted', job: 'A', runAttempt: 1, status: statusOf(), at: 3_500 }

describe('the status of a job', () => {
  test('a built job posts its status one second after its end', () => {
    const base = { type: 'post-job-status', job: 'A', repo: 'acme/A', headSha: sha('a'), state: 'success' }
    expect(statuses(events, 2_000)).toEqual([{ ...base, at: 3_000 }])
    expect(statuses(events, 9_000)).toEqual([{ ...base, at: 9_000 }])
  })

  test('a job posts no status without recordJobs, after it was posted, and before its end', () => {
    expect(statuses(events, 2_000, { recordJobs: false })).toEqual([])
    expect(statuses([...events, posted], 4_000)).toEqual([])
    expect(statuses(events.slice(0, 5), 2_000)).toEqual([])
  })

  test('a job posts no status after the deadline of the orchestration', () => {
    expect(statuses(events, 10 * minute - 1, { timeoutMs: 10 * minute })).toHaveLength(1)
    expect(statuses(events, 10 * minute, { timeoutMs: 10 * minute })).toEqual([])
  })

  test('a failed job posts the status failure', () => {
    const failed = [...events.slice(0, 5), settled('A', 2_000, 'failed')]
    expect(statuses(failed, 2_000)).toMatchObject([{ job: 'A', state: 'failure' }])
  })

  test('a job whose repository does not have the branch posts no status', () => {
    const skipping = planOf(graphOf({ A: [], B: ['A'] }), { readings: [absentReading('acme/A'), readingOf('acme/B')] })
    const orchestration = fold(skipping, [claimed('acme/B', 2), settled('A', 10, 'skipped')], { recordJobs: true })
    expect(decide(orchestration, 5_000).filter(({ type }) => type === 'post-job-status')).toEqual([])
  })
})

describe('the statuses of jobs at the end', () => {
  const locked: DatedEvent = { type: 'earlier-heads-locked', locked: [], failures: [], at: 3_000 }
  const done = [...events, observedAt(3_000, 'B', { id: 8 }), settled('B', 3_000), locked]
  const types = (list: DatedEvent[], now: number, options: Partial<RunOptions> = {}): string[] =>
    decide(fold(plan, list, { recordJobs: true, ...options }), now).map((action) =>
      'job' in action ? `${action.type} ${action.job}` : action.type,
    )
  const verified = (stage: 'before-success' | 'after-success', at: number): DatedEvent => ({
    type: 'verified',
    stage,
    result: { kind: 'unchanged', merged: [] },
    nextAt: at,
    at,
  })
  const success = [claimed('acme/A', 3, 'success'), claimed('acme/B', 4, 'success')]

  test('the statuses of jobs wait until success is posted', () => {
    expect(types(done, 5_000)).toEqual(['verify'])
    expect(types([...done, verified('before-success', 5_000)], 5_000)).toEqual(['post-status', 'post-status'])
  })

  test('the statuses of jobs are posted beside the last verification, and before the end', () => {
    const unlocked = [...done, verified('before-success', 5_000), ...success]
    expect(types(unlocked, 5_000)).toEqual(['verify', 'post-job-status A', 'post-job-status B'])
    const checked = [...unlocked, verified('after-success', 5_100)]
    expect(types(checked, 5_100)).toEqual(['post-job-status A', 'post-job-status B'])
    expect(types(checked, 5_100, { recordJobs: false })).toEqual(['finish'])
    expect(types(checked, 5_100, { timeoutMs: 5_100 })).toEqual(['finish'])
    const other: DatedEvent = { type: 'job-status-posted', job: 'B', runAttempt: 1, status: statusOf(), at: 5_200 }
    expect(types([...checked, { ...posted, at: 5_200 }, other], 5_200)).toEqual(['finish'])
  })
})

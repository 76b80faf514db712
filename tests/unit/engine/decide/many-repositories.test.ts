import { describe, expect, test } from 'vitest'
import { decide } from '../../../../src/engine/build/decide/decide.js'
import type { Action } from '../../../../src/engine/build/decide/actions.js'
import type { RunOptions } from '../../../../src/model/build/plan.js'
import type { JobOutcome } from '../../../../src/model/build/state/job-state.js'
import type { PostRound } from '../../../../src/model/build/state/post-state.js'
import { claimed, dispatched, failureOf, fold, graphOf, minute, observedAt, planOf, sha } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

/** Jobs are kept in groups of 16: what is counted must not depend on the group. */
const ids = Array.from({ length: 40 }, (_, index) => `J${index}`)
const plan = planOf(graphOf(Object.fromEntries(ids.map((id) => [id, []]))))
const claims = ids.map((id, index) => claimed(`acme/${id}`, index + 1))
const locked: DatedEvent = { type: 'earlier-heads-locked', locked: [], failures: [], at: 5 }
const settled = (job: string, at = 10, outcome: JobOutcome = 'succeeded'): DatedEvent => ({
  type: 'job-settled',
  ...{ job, outcome, reason: 'so it is', at },
})
const failed = (id: string, round: PostRound, at: number, nextAt?: number): DatedEvent => ({
  type: 'status-failed',
  ...{ repo: `acme/${id}`, headSha: sha('a'), round, failure: failureOf({ message: 'no answer' }), at },
  ...(nextAt === undefined ? {} : { nextAt }),
})
const asked = (id: string, round: PostRound, at: number): DatedEvent => ({
  type: 'status-requested',
  ...{ repo: `acme/${id}`, headSha: sha('a'), round, state: 'success', description: '', at },
})
const without = (...left: string[]): string[] => ids.filter((id) => !left.includes(id))
const posts = (round: PostRound, of: string[] = ids): DatedEvent[] =>
  of.map((id) => ({ ...claimed(`acme/${id}`, 90), round }) as DatedEvent)
const decideAt = (now: number, events: DatedEvent[], options: Partial<RunOptions> = {}): Action[] =>
  decide(fold(plan, events, { timeoutMs: 60 * minute, ...options }), now)
const types = (actions: Action[]): string[] => [...new Set(actions.map(({ type }) => type))]

describe('the claims of many heads', () => {
  const closing = posts('closing')
  const endOf = (now: number, events: DatedEvent[]): unknown => {
    const [action] = decideAt(now, [...events, ...ids.map((id) => settled(id, 20, 'not-run')), ...closing])
    return action?.type === 'finish' ? action.ending.reason : action?.type
  }

  test('the first head that could not be claimed is the reason, wherever it is', () => {
    const others = without('J20', 'J35').map((id) => claimed(`acme/${id}`))
    expect(endOf(50, [...others, failed('J35', 'claim', 8), failed('J20', 'claim', 9)])).toContain(
      'acme/J20 could not be locked',
    )
    const rest = without('J2', 'J35').map((id) => claimed(`acme/${id}`))
    expect(endOf(50, [...rest, failed('J35', 'claim', 8), failed('J2', 'claim', 9)])).toContain(
      'acme/J2 could not be locked',
    )
    const zero = without('J0', 'J1', 'J35').map((id) => claimed(`acme/${id}`))
    const refusals = ['J35', 'J1', 'J0'].map((id) => failed(id, 'claim', 8))
    expect(endOf(50, [...zero, ...refusals])).toContain('acme/J0 could not be locked')
    expect(endOf(60 * minute, [...zero, ...refusals])).toContain('acme/J0 could not be locked')
    expect(endOf(60 * minute, zero)).toContain('before acme/J0 was locked')
    const timedOut = [...others, failed('J35', 'claim', 8, 90 * minute), failed('J20', 'claim', 9, 90 * minute)]
    expect(endOf(60 * minute, timedOut)).toContain('acme/J20 could not be locked')
    expect(endOf(60 * minute, others)).toContain('before acme/J20 was locked')
  })

  test('each head that is not claimed yet is claimed, and at the deadline each that was requested', () => {
    const events = [...without('J3', 'J20', 'J39').map((id) => claimed(`acme/${id}`)), asked('J39', 'claim', 5)]
    const heads = (now: number): string[] =>
      decideAt(now, events).flatMap((action) => (action.type === 'post-status' ? [action.repo] : []))
    expect(heads(50)).toEqual(['acme/J3', 'acme/J20', 'acme/J39'])
    expect(heads(60 * minute)).toEqual(['acme/J39'])
  })

  test('claims that are repeated are not waited for once one head cannot be claimed', () => {
    const others = without('J1', 'J20', 'J39').map((id) => claimed(`acme/${id}`))
    const repeated = [failed('J20', 'claim', 8, 500), failed('J39', 'claim', 8, 500)]
    expect(types(decideAt(50, [...others, ...repeated, failed('J1', 'claim', 9)]))).toEqual(['settle'])
    expect(types(decideAt(50, [...others, ...repeated, claimed('acme/J1')]))).toEqual(['post-status'])
  })

  test('a head that is overtaken is claimed again, wherever it is', () => {
    const overtaken: DatedEvent = {
      type: 'verified',
      ...{ stage: 'while-building', nextAt: 900, at: 30 },
      result: { kind: 'overtaken', repos: ['acme/J2', 'acme/J37'], by: ['other12345'] },
    }
    const repos = decideAt(50, [...claims, locked, overtaken]).flatMap((action) =>
      action.type === 'post-status' ? [action.repo] : [],
    )
    expect(repos).toEqual(['acme/J2', 'acme/J37'])
  })
})

describe('the builds of many repositories', () => {
  const begun = [...claims, locked]
  const reasonOf = (events: DatedEvent[]): unknown => {
    const action = decideAt(50, [...begun, ...events]).find(({ type }) => type === 'settle')
    return action?.type === 'settle' ? action.reason : action
  }

  test('the job that settled first without success stops the others, wherever it is', () => {
    expect(reasonOf([settled('J30', 20, 'lost'), settled('J2', 30, 'lost')])).toBe('not started: J30 is lost')
    expect(reasonOf([settled('J30', 30, 'lost'), settled('J2', 20, 'lost')])).toBe('not started: J2 is lost')
    expect(reasonOf([settled('J2', 20, 'lost'), settled('J30', 20, 'lost')])).toBe('not started: J2 is lost')
    expect(reasonOf([settled('J2', 20, 'lost'), settled('J3', 20, 'lost')])).toBe('not started: J2 is lost')
  })

  test('the first run of another commit stops the others, wherever it is', () => {
    const moved = (id: string, runId: number): DatedEvent[] => [
      ...dispatched(id, runId),
      observedAt(40, id, { id: runId, headSha: sha('b') }),
    ]
    expect(reasonOf([...moved('J0', 3), ...moved('J1', 2)])).toBe('not started: the run of J0 builds another commit')
    expect(reasonOf(moved('J30', 1))).toBe('not started: the run of J30 builds another commit')
    expect(reasonOf([...moved('J30', 1), ...moved('J2', 2)])).toBe('not started: the run of J2 builds another commit')
  })

  test('the jobs that are active in all groups count towards max-parallel', () => {
    const active = ['J1', 'J20', 'J39'].flatMap((id, index) => dispatched(id, index))
    const starts = (maxParallel: number): number =>
      decideAt(50, [...begun, ...active], { maxParallel }).filter(({ type }) => type === 'dispatch').length
    expect([starts(3), starts(4), starts(6)]).toEqual([0, 1, 3])
  })

  test('the orchestration ends only after the last job has settled and is explained, wherever it is', () => {
    const rest = without('J30').map((id) => settled(id, 20))
    expect(types(decideAt(50, [...begun, ...rest, ...dispatched('J30')]))).toContain('observe')
    const failing = [
      ...begun,
      ...rest,
      ...dispatched('J30'),
      observedAt(40, 'J30', { status: 'completed', conclusion: 'failure' }),
      settled('J30', 41, 'failed'),
    ]
    expect(decideAt(50, failing)).toEqual([{ type: 'explain', at: 50, job: 'J30' }])
    const explained: DatedEvent = { type: 'failure-explained', job: 'J30', explanation: null, failure: null, at: 45 }
    expect(types(decideAt(50, [...failing, explained]))).toEqual(['post-status'])
  })

  test('a failed run is read again before the verdict if any job settled more than five seconds after its reading', () => {
    const explained: DatedEvent = { type: 'failure-explained', job: 'J3', explanation: null, failure: null, at: 45 }
    const failing = [
      ...dispatched('J3'),
      observedAt(40, 'J3', { status: 'completed', conclusion: 'failure' }),
      settled('J3', 41, 'failed'),
      explained,
    ]
    const last = (id: string, at: number): Action[] =>
      decideAt(20_000, [...begun, ...without('J3', id).map((each) => settled(each, 20)), ...failing, settled(id, at)])
    expect(last('J30', 5_041)).toEqual([{ type: 'observe', at: 20_000, job: 'J3' }])
    expect(types(last('J30', 5_040))).toEqual(['post-status'])
    expect(last('J4', 5_041)).toEqual([{ type: 'observe', at: 20_000, job: 'J3' }])
  })

  test('of several failed runs only those whose reading is too old are read again', () => {
    const failing = (id: string, runId: number, at: number): DatedEvent[] => [
      ...[...dispatched(id, runId), observedAt(at, id, { id: runId, status: 'completed', conclusion: 'failure' })],
      settled(id, at + 1, 'failed'),
      { type: 'failure-explained', job: id, explanation: null, failure: null, at: 50 },
    ]
    const rest = without('J3', 'J4', 'J30').map((id) => settled(id, 20))
    const events = [...begun, ...rest, ...failing('J3', 1, 30), ...failing('J4', 2, 40), settled('J30', 5_040)]
    expect(decideAt(20_000, events)).toEqual([{ type: 'observe', at: 20_000, job: 'J3' }])
  })

  test('no run is watched once a job that no re-run can mend has settled, wherever it is', () => {
    const failing = [
      ...dispatched('J3'),
      observedAt(40, 'J3', { status: 'completed', conclusion: 'failure' }),
      settled('J3', 41, 'failed'),
    ]
    const watched = (...events: DatedEvent[]): boolean =>
      decideAt(50, [...begun, ...failing, ...events], { failFast: false }).some(
        (action) => action.type === 'observe' && action.job === 'J3',
      )
    expect([watched(), watched(settled('J30', 42, 'lost')), watched(settled('J4', 42, 'lost'))]).toEqual([
      true,
      false,
      false,
    ])
    for (const outcome of ['succeeded', 'fresh', 'skipped', 'not-run'] as const)
      expect(watched(settled('J30', 42, outcome))).toBe(true)
  })
})

describe('the success of many heads', () => {
  const built = [...claims, locked, ...ids.map((id) => settled(id, 20))]
  const read = (at: number): DatedEvent => ({
    type: 'verified',
    ...{ stage: 'before-success', result: { kind: 'unchanged', merged: [] }, nextAt: at + 1, at },
  })
  const success = (...left: string[]): DatedEvent[] => posts('success', without(...left))
  const shown = (now: number, events: DatedEvent[]): string[] =>
    decideAt(now, [...built, read(30), ...events]).map((action) =>
      action.type === 'post-status'
        ? `${action.round} ${action.repo} at ${action.at}`
        : `${action.type} at ${action.at}`,
    )

  test('each head without a success gets one', () => {
    expect(shown(50, success('J2', 'J35'))).toEqual(['success acme/J2 at 50', 'success acme/J35 at 50'])
    expect(shown(50, success())).toEqual(['verify at 50'])
  })

  test('a head that cannot be unlocked revokes all, once no success is in flight in any group', () => {
    expect(shown(50, [...success('J2', 'J35'), failed('J35', 'success', 40), asked('J2', 'success', 45)])).toEqual([
      'success acme/J2 at 50',
    ])
    expect(shown(50, [...success('J2', 'J35'), failed('J2', 'success', 40), asked('J35', 'success', 45)])).toEqual([
      'success acme/J35 at 50',
    ])
    expect(shown(50, [...success('J35'), failed('J35', 'success', 40)])).toHaveLength(40)
    const reasons = (events: DatedEvent[]): unknown => {
      const [action] = decideAt(50, [...built, read(30), ...events])
      return action?.type === 'post-status' ? action.text : action
    }
    expect(reasons([...success('J2', 'J35'), failed('J35', 'success', 40), failed('J2', 'success', 41)])).toContain(
      'posted on acme/J2,',
    )
    expect(
      reasons([...success('J0', 'J1', 'J35'), ...['J35', 'J1', 'J0'].map((id) => failed(id, 'success', 40))]),
    ).toContain('posted on acme/J0,')
    expect(reasons([...success('J20', 'J35'), failed('J35', 'success', 40), failed('J20', 'success', 41)])).toContain(
      'posted on acme/J20,',
    )
  })

  test('the first of the successes that are repeated sets the time of the next reading, and the last failure is what it must follow', () => {
    const repeated = [...success('J2', 'J35'), failed('J2', 'success', 40, 900), failed('J35', 'success', 45, 700)]
    expect(shown(50, repeated)).toEqual(['verify at 700'])
    expect(shown(50, [...repeated, read(45)])).toEqual(['success acme/J2 at 900', 'verify at 700'])
    expect(shown(50, [...repeated, read(46)])).toEqual(['success acme/J2 at 900', 'success acme/J35 at 700'])
    const other = [...success('J2', 'J35'), failed('J2', 'success', 45, 700), failed('J35', 'success', 40, 900)]
    expect(shown(50, [...other, read(42)])).toEqual(['success acme/J35 at 900', 'verify at 700'])
  })

  test('every head is closed, and so many are missing until the last', () => {
    const lost = [...claims, locked, ...without('J30').map((id) => settled(id, 20)), settled('J30', 21, 'lost')]
    const left = (events: DatedEvent[]): string[] =>
      decideAt(50, [...lost, ...events]).map((action) => (action.type === 'post-status' ? action.repo : action.type))
    expect(left(posts('closing', without('J2', 'J35')))).toEqual(['acme/J2', 'acme/J35'])
    expect(left(posts('closing'))).toEqual(['finish'])
    const refused = [...success('J35'), failed('J35', 'success', 40)]
    expect(shown(50, [...refused, ...posts('revoke', without('J2', 'J35'))])).toEqual([
      'revoke acme/J2 at 50',
      'revoke acme/J35 at 50',
    ])
    expect(shown(50, [...refused, ...posts('revoke')])).toEqual(['verify at 50'])
  })
})

test('the statuses of jobs in all groups are posted before the end', () => {
  const withRun = (id: string, runId: number): DatedEvent[] => [...dispatched(id, runId), settled(id, 20)]
  const jobs = [...without('J2', 'J35').map((id) => settled(id, 20)), ...withRun('J2', 1), ...withRun('J35', 2)]
  const read = (stage: 'before-success' | 'after-success'): DatedEvent => ({
    type: 'verified',
    ...{ stage, result: { kind: 'unchanged', merged: [] }, nextAt: 31, at: 30 },
  })
  const done = [...claims, locked, ...jobs, read('before-success'), ...posts('success'), read('after-success')]
  const record = (id: string): DatedEvent => ({
    type: 'job-status-failed',
    job: id,
    runAttempt: null,
    failure: failureOf(),
    at: 45,
  })
  const left = (...events: DatedEvent[]): string[] =>
    decideAt(50, [...done, ...events], { recordJobs: true }).map((action) =>
      'job' in action ? action.job : action.type,
    )
  const requested: DatedEvent = {
    type: 'job-status-requested',
    ...{ job: 'J2', runAttempt: null, context: '', state: 'success', description: '', at: 44 },
  }
  expect(left()).toEqual(['J2', 'J35'])
  expect(left(record('J35'), requested)).toEqual(['J2'])
  expect(left(record('J2'))).toEqual(['J35'])
  expect(left(record('J35'))).toEqual(['J2'])
  expect(left(record('J2'), record('J35'))).toEqual(['finish'])
})

test('an interruption closes the statuses after the time for the cancels if a run in any group is active', () => {
  const interrupted: DatedEvent = { type: 'interrupted', signal: 'SIGINT', cause: 'signal', at: 40 }
  const closingAt = (events: DatedEvent[]): number | undefined =>
    decideAt(50, [...claims, locked, ...events, interrupted]).find(({ type }) => type === 'post-status')?.at
  const rest = (id: string): DatedEvent[] => without(id).map((each) => settled(each, 20))
  expect(closingAt([...rest('J30'), ...dispatched('J30')])).toBe(2_540)
  expect(closingAt([...rest('J3'), ...dispatched('J3')])).toBe(2_540)
  expect(closingAt([...rest('J30'), settled('J30')])).toBe(50)
})

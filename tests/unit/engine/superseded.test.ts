import { describe, expect, test } from 'vitest'
import type { Action } from '../../../src/engine/build/decide/actions.js'
import { decide } from '../../../src/engine/build/decide/decide.js'
import {
  isFollowable,
  leftRuns,
  movedEnding,
  obsoleteJobs,
} from '../../../src/engine/build/decide/directives/superseding.js'
import type { Finding } from '../../../src/model/build/state/verification.js'
import type { RunOptions } from '../../../src/model/build/plan.js'
import { claimed, dispatched, fold, graphOf, observedAt, planOf } from './fixtures.js'
import type { DatedEvent } from './fixtures.js'

const finding = (kind: Finding['kind'], repo: string): Finding => ({ kind, repo, message: `${repo}: ${kind}` })
const moved = (at: number, ...findings: Finding[]): DatedEvent => ({
  type: 'verified',
  stage: 'while-building',
  result: { kind: 'moved', findings },
  nextAt: at + 1_000,
  at,
})

/** A and B need nothing, C needs A, D needs C. */
const plan = planOf(graphOf({ A: [], B: [], C: ['A'], D: ['C'] }))
const claims = ['A', 'B', 'C', 'D'].map((id, index) => claimed(`acme/${id}`, index + 1))
const building = [
  ...claims,
  ...dispatched('A', 7),
  ...dispatched('B', 8),
  observedAt(100, 'A'),
  observedAt(100, 'B', { id: 8 }),
]

function jobActions(events: DatedEvent[], now: number, options: Partial<RunOptions> = {}): string[] {
  return decide(fold(plan, [...building, ...events], options), now)
    .filter((action): action is Extract<Action, { job: string }> => 'job' in action && action.at <= now)
    .map((action) => `${action.type} ${action.job}${'outcome' in action ? ` ${action.outcome}` : ''}`)
}

describe('a change that moved during the builds', () => {
  const head = finding('head-moved', 'acme/A')

  test('a first reading that found the change moved stops the dispatches, and a second one confirms it', () => {
    expect(jobActions([moved(200, head)], 200)).toEqual([])
    const confirmed = jobActions([moved(200, head), moved(1_200, head)], 1_200)
    expect(confirmed).toEqual(['cancel A', 'settle B left-running', 'settle C not-run', 'settle D not-run'])
  })

  test('without fail-fast, the run of an obsolete build is left running too', () => {
    const confirmed = jobActions([moved(200, head), moved(1_200, head)], 1_200, { failFast: false })
    expect(confirmed).toEqual([
      'settle A left-running',
      'settle B left-running',
      'settle C not-run',
      'settle D not-run',
    ])
  })

  test('a run that is left running says for whom, and a job that did not start says why', () => {
    const actions = decide(fold(plan, [...building, moved(200, head), moved(1_200, head)]), 1_200)
    const reasons = actions.flatMap((action) => (action.type === 'settle' ? [`${action.job}: ${action.reason}`] : []))
    expect(reasons).toEqual([
      'B: its run was left running so that the next orchestration can reuse it',
      'C: not started: acme/A: head-moved',
      'D: not started: acme/A: head-moved',
    ])
  })

  test('the change is read again 10 s after the start, and then when the latest reading says', () => {
    const watch = (events: DatedEvent[], now: number, options: Partial<RunOptions> = {}): Action[] =>
      decide(fold(plan, [...building, ...events], options), now).filter(({ type }) => type === 'verify')
    expect(watch([], 100)).toEqual([{ type: 'verify', at: 10_000, stage: 'while-building' }])
    expect(watch([moved(200, head)], 200)).toEqual([{ type: 'verify', at: 1_200, stage: 'while-building' }])
    expect(watch([moved(200, head)], 5_000)).toEqual([{ type: 'verify', at: 5_000, stage: 'while-building' }])
    expect(watch([moved(200, head), moved(1_200, head)], 1_200)).toEqual([])
    expect(watch([], 100, { postStatus: false })).toEqual([])
  })
})

describe('obsolete jobs', () => {
  const orchestration = fold(plan, claims)

  test.each(['head-moved', 'branch-appeared', 'branch-gone'] as const)(
    'after %s the jobs of the repository and those that need them are obsolete, whatever the case of its name',
    (kind) => {
      expect([...obsoleteJobs(orchestration, [finding(kind, 'ACME/a')])]).toEqual(['A', 'C', 'D'])
      expect([...obsoleteJobs(orchestration, [finding(kind, 'acme/D')])]).toEqual(['D'])
    },
  )

  test.each(['pull-request-closed', 'pull-request-merged', 'newer-claim', 'status-replaced'] as const)(
    'after %s no job is obsolete',
    (kind) => {
      expect([...obsoleteJobs(orchestration, [finding(kind, 'acme/A')])]).toEqual([])
    },
  )

  test('a job is obsolete if only one of its needs is', () => {
    const two = fold(planOf(graphOf({ A: [], B: [], C: ['A', 'B'] })), [])
    expect([...obsoleteJobs(two, [finding('head-moved', 'acme/B')])]).toEqual(['B', 'C'])
  })
})

describe('the ending of a moved change', () => {
  const orchestration = fold(planOf(graphOf({ A: [], B: [], C: [] })), [])

  test('a change that moved is superseded, and its reason lists what moved', () => {
    expect(movedEnding(orchestration, [finding('head-moved', 'acme/A'), finding('branch-gone', 'acme/B')])).toEqual({
      outcome: 'superseded',
      reason: 'acme/A: head-moved; acme/B: branch-gone',
      auth: false,
    })
  })

  test('a change of which a part is merged and the rest moved is partially merged', () => {
    const merged = ['acme/A', 'acme/C'].map((repo) => ({ ...finding('pull-request-merged', repo), pullRequest: 1 }))
    expect(movedEnding(orchestration, [...merged, finding('head-moved', 'acme/B')])).toEqual({
      outcome: 'partially-merged',
      reason:
        'acme/A: pull-request-merged; acme/C: pull-request-merged, but the rest of the change moved: acme/B: head-moved; not merged: acme/B#1',
      auth: false,
    })
  })
})

describe('following a superseded orchestration', () => {
  const finished = (outcome: 'superseded' | 'failed' | 'partially-merged'): DatedEvent => ({
    type: 'finished',
    outcome,
    reason: '',
    auth: false,
    at: 5_000,
  })

  test('a superseded orchestration is followed unless a newer one has claimed a head', () => {
    const head = moved(200, finding('head-moved', 'acme/A'))
    const claim = moved(200, finding('head-moved', 'acme/A'), finding('newer-claim', 'acme/B'))
    expect(isFollowable(fold(plan, [head, finished('superseded')]))).toBe(true)
    expect(isFollowable(fold(plan, [claim, finished('superseded')]))).toBe(false)
    expect(isFollowable(fold(plan, [finished('superseded')]))).toBe(true)
    const unchanged: DatedEvent = {
      type: 'verified',
      ...{ stage: 'before-success', result: { kind: 'unchanged', merged: [] }, nextAt: 400, at: 300 },
    }
    expect(isFollowable(fold(plan, [head, unchanged, finished('superseded')]))).toBe(true)
    expect(isFollowable(fold(plan, [head, finished('failed')]))).toBe(false)
    expect(isFollowable(fold(plan, [head, finished('partially-merged')]))).toBe(false)
    expect(isFollowable(fold(plan, [head]))).toBe(false)
  })

  test('the runs that may still be active are those that run uncancelled and those that were left running', () => {
    const [a, b, c] = plan.jobs
    const cancel: DatedEvent = {
      type: 'cancel-requested',
      job: 'A',
      runId: 7,
      reason: 'superseded',
      force: false,
      at: 200,
    }
    const settled = (job: string, outcome: 'left-running' | 'succeeded'): DatedEvent => ({
      type: 'job-settled',
      job,
      outcome,
      reason: '',
      at: 300,
    })
    const known = (job: typeof a, runId: number): unknown => ({
      job: job?.job,
      fingerprint: job?.fingerprint,
      runId,
      url: 'https://github.test/run',
    })
    const left = (...events: DatedEvent[]): unknown => leftRuns(fold(plan, [...building, ...events]))
    expect(left()).toEqual([known(a, 7), known(b, 8)])
    expect(left(cancel)).toEqual([known(b, 8)])
    expect(left(settled('A', 'succeeded'), settled('B', 'left-running'))).toEqual([known(b, 8)])
    expect(left(settled('A', 'left-running'), settled('C', 'left-running'))).toEqual([known(a, 7), known(b, 8)])
    expect(left(...dispatched('C', 9))).toEqual([known(a, 7), known(b, 8), known(c, 9)])
  })
})

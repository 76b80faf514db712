import { describe, expect, test } from 'vitest'
import { actionKey } from '../../../../src/engine/build/decide/actions.js'
import type { Action } from '../../../../src/engine/build/decide/actions.js'
import { decide } from '../../../../src/engine/build/decide/decide.js'
import { DecisionClock } from '../../../../src/engine/build/decide/decision-clock.js'
import type { EarlierRun } from '../../../../src/model/build/state/job-state.js'
import type { Plan, PlannedJob, RunOptions } from '../../../../src/model/build/plan.js'
import type { Job } from '../../../../src/model/graph.js'
import {
  claimed,
  dispatched,
  failureOf,
  fold,
  graphOf,
  minute,
  observedAt,
  planOf,
  readingOf,
  sha,
  statusOf,
} from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

/** A plan without statuses; `changes` change the planned job A. */
function planFor(
  needs: Readonly<Record<string, readonly string[]>>,
  changes: Partial<PlannedJob> = {},
  job: Partial<Job> = {},
): Plan {
  const readings = Object.keys(needs).map((id) => readingOf(`acme/${id}`, { pullRequests: [] }))
  const plan = planOf(graphOf(needs, { job }), { readings })
  return { ...plan, jobs: plan.jobs.map((planned) => (planned.job === 'A' ? { ...planned, ...changes } : planned)) }
}

const one = planFor({ A: [] })
const decideAt = (now: number, plan: Plan, events: DatedEvent[], options: Partial<RunOptions> = {}): Action[] =>
  decide(fold(plan, events, options), now).filter((action) => 'job' in action)
const asked = (attempt = 1, at = 0, serverTime: number | null = at): DatedEvent => ({
  type: 'dispatch-requested',
  ...{ job: 'A', attempt, serverTime, at },
})
const ambiguous = (at: number, attempt = 1): DatedEvent => ({
  type: 'dispatch-ambiguous',
  ...{ job: 'A', attempt, failure: failureOf({ message: 'no answer' }) },
  at,
})
const settled = (job: string, outcome: 'succeeded' | 'failed' | 'skipped', at: number): DatedEvent => ({
  type: 'job-settled',
  ...{ job, outcome, reason: '', at },
})

describe('a job that waits', () => {
  test('a fresh job is settled at once with the run that it relies on', () => {
    const built = { runId: 5, url: 'https://github.test/run', endedAt: 1 }
    expect(decideAt(3, planFor({ A: [] }, { action: 'fresh', reason: 'built before', built }), [])).toEqual([
      { type: 'settle', at: 3, job: 'A', outcome: 'fresh', reason: 'built before', built },
    ])
  })

  test('a job that is left out is settled at once, and a skipped one when its needs are', () => {
    const excluded = planFor({ A: [] }, { action: 'exclude', reason: 'left out' })
    expect(decideAt(3, excluded, [])).toEqual([
      { type: 'settle', at: 3, job: 'A', outcome: 'not-run', reason: 'left out' },
    ])
    const skipped = planFor({ B: [], A: ['B'] }, { action: 'skip', reason: 'no branch' })
    expect(decideAt(3, skipped, dispatched('B')).filter((action) => 'job' in action && action.job === 'A')).toEqual([])
    expect(decideAt(3, skipped, [settled('B', 'succeeded', 2)])).toEqual([
      { type: 'skip', at: 3, job: 'A', reason: 'no branch' },
    ])
    expect(decideAt(3, skipped, [...dispatched('B'), settled('B', 'failed', 2)])).toContainEqual({
      type: 'skip',
      ...{ at: 3, job: 'A', reason: 'no branch' },
    })
  })

  test('the decision of a job is reviewed when a time that it compared has come, and not before', () => {
    const clock = new DecisionClock(10)
    expect([clock.isDue(10), clock.isDue(9)]).toEqual([true, true])
    expect(clock.validUntil).toBe(Infinity)
    expect([clock.isDue(30), clock.isDue(20), clock.isDue(25)]).toEqual([false, false, false])
    expect(clock.validUntil).toBe(20)
  })
})

describe('the keys of actions', () => {
  test('actions that may be in flight side by side have different keys', () => {
    const cancel = {
      type: 'cancel',
      at: 0,
      job: 'A',
      runId: 7,
      reason: 'timeout',
      force: false,
      urgent: false,
    } as const
    const post: Action = {
      type: 'post-status',
      at: 0,
      repo: 'acme/A',
      headSha: '',
      round: 'claim',
      state: 'pending',
      text: '',
      over: 'own',
      urgent: false,
    }
    const actions: Action[] = [
      cancel,
      { ...cancel, force: true },
      { ...cancel, urgent: true },
      { ...cancel, job: 'B' },
      post,
      { ...post, urgent: true },
      { ...post, round: 'success' },
      { ...post, repo: 'acme/B' },
      { type: 'verify', at: 0, stage: 'before-success' },
      { type: 'verify', at: 0, stage: 'after-success' },
      { type: 'observe', at: 0, job: 'A' },
      { type: 'observe', at: 0, job: 'B' },
      { type: 'search', at: 0, job: 'A' },
      { type: 'search-lost', at: 0, job: 'A' },
      { type: 'explain', at: 0, job: 'A' },
      { type: 'lock-earlier-heads', at: 0 },
      { type: 'suspend', at: 0, failure: failureOf() },
    ]
    expect(new Set(actions.map(actionKey)).size).toBe(actions.length)
  })

  test('the same action at another time, for another run or attempt, has the same key', () => {
    const dispatch = { type: 'dispatch', at: 0, job: 'A', attempt: 1 } as const
    expect(actionKey({ ...dispatch, at: 9, attempt: 2 })).toBe(actionKey(dispatch))
  })
})

describe('the reuse of an earlier run', () => {
  const marked = planFor({ A: [] }, { carriesMarker: true })
  const predecessors = ['run0000000']
  const listed = (at: number, found: EarlierRun[], nextAt = at + 5_000): DatedEvent => ({
    type: 'earlier-runs-listed',
    ...{ job: 'A', found, nextAt, at },
  })
  const unlisted = (at: number, nextAt = at + 5_000): DatedEvent => ({
    type: 'listing-failed',
    ...{ job: 'A', failure: failureOf(), nextAt, at },
  })
  const run = (changes: Partial<EarlierRun> = {}): EarlierRun => ({
    ...{ runId: 21, url: 'https://github.test/runs/21', origin: 'run0000000', attempt: 1 },
    ...{ isSameBuild: true, conclusion: null },
    ...changes,
  })
  const types = (actions: Action[]): string[] =>
    actions.map((action) => `${action.type}${'attempt' in action ? ` ${action.attempt}` : ''} at ${action.at}`)

  test.each<[string, Plan, Partial<RunOptions>]>([
    ['an event key', marked, { eventKey: 'event00001' }],
    ['a predecessor', marked, { predecessors }],
    ['a restarted run', planFor({ A: [] }, { restarted: { runId: 5, url: '' } }), {}],
    [
      'a known run of the same build',
      one,
      { knownRuns: [{ job: 'A', fingerprint: one.jobs[0]?.fingerprint ?? '', runId: 5, url: '' }] },
    ],
    ['a restart that records its jobs', one, { isRestart: true, recordJobs: true }],
  ])('with %s, earlier runs are listed before the dispatch', (_, plan, options) => {
    expect(types(decideAt(3, plan, [], options))).toEqual(['find-reusable-run at 3'])
  })

  test.each<[string, Plan, Partial<RunOptions>]>([
    ['without a marker', one, { eventKey: 'event00001', predecessors }],
    ['without any earlier orchestration', marked, {}],
    ['with a known run of another build', one, { knownRuns: [{ job: 'A', fingerprint: '0', runId: 5, url: '' }] }],
    [
      'with a known run of another job',
      one,
      { knownRuns: [{ job: 'B', fingerprint: one.jobs[0]?.fingerprint ?? '', runId: 5, url: '' }] },
    ],
    ['with --force', one, { isRestart: true, recordJobs: true, force: true }],
    ['on a restart that records nothing', one, { isRestart: true }],
    ['on a first start that records its jobs', one, { recordJobs: true }],
  ])('%s, the job is dispatched at once', (_, plan, options) => {
    expect(types(decideAt(3, plan, [], options))).toEqual(['dispatch 1 at 3'])
  })

  test('a claim of another orchestration on a head is a reason to look for its runs', () => {
    const claimedBy = { ...planOf(graphOf({ A: [] })), jobs: marked.jobs }
    const targets = claimedBy.targets.map((target) => ({ ...target, claimedBy: 'other12345' }))
    const events = [
      {
        type: 'status-posted',
        repo: 'acme/A',
        headSha: sha('a'),
        round: 'claim',
        at: 0,
        status: { id: 1, state: 'pending', context: '', description: '', targetUrl: '', creator: '', createdAt: 0 },
      } as DatedEvent,
    ]
    expect(types(decideAt(3, { ...claimedBy, targets }, events))).toEqual(['find-reusable-run at 3'])
    expect(types(decideAt(3, claimedBy, events))).toEqual(['dispatch 1 at 3'])
  })

  test('a listing that fails is repeated for two minutes, after which the job is dispatched', () => {
    const events = [unlisted(1_000, 6_000)]
    expect(types(decideAt(2_000, marked, events, { predecessors }))).toEqual(['find-reusable-run at 6000'])
    expect(types(decideAt(120_999, marked, events, { predecessors }))).toEqual(['find-reusable-run at 120999'])
    expect(types(decideAt(121_000, marked, events, { predecessors }))).toEqual(['dispatch 1 at 121000'])
    const repeated = [...events, unlisted(60_000, 200_000)]
    expect(types(decideAt(121_000, marked, repeated, { predecessors }))).toEqual(['dispatch 1 at 121000'])
  })

  test('a restarted event never dispatches while its own runs cannot be listed', () => {
    const options = { eventKey: 'event00001', isRestart: true }
    expect(types(decideAt(500_000, marked, [unlisted(1_000, 6_000)], options))).toEqual(['find-reusable-run at 500000'])
  })

  test('a restarted event waits two minutes after its start for its own run, and reads the listing once more then', () => {
    const options = { eventKey: 'event00001', isRestart: true }
    expect(types(decideAt(2_000, marked, [listed(2_000, [])], options))).toEqual(['find-reusable-run at 7000'])
    expect(types(decideAt(119_000, marked, [listed(119_000, [])], options))).toEqual(['find-reusable-run at 120000'])
    expect(types(decideAt(121_000, marked, [listed(119_000, [])], options))).toEqual(['find-reusable-run at 121000'])
    expect(types(decideAt(121_000, marked, [listed(120_500, [])], options))).toEqual(['dispatch 1 at 121000'])
    expect(types(decideAt(120_000, marked, [listed(120_000, [])], options))).toEqual(['dispatch 1 at 120000'])
    const stale = [listed(60_000, []), unlisted(120_500, 125_000)]
    expect(types(decideAt(121_000, marked, stale, options))).toEqual(['find-reusable-run at 125000'])
  })

  test('a restarted event dispatches the next attempt after its own run failed', () => {
    const options = { eventKey: 'event00001', isRestart: true }
    const own = run({ origin: 'event00001', attempt: 2, conclusion: 'failure' })
    const older = run({ runId: 20, origin: 'event00001', attempt: 1, conclusion: 'failure' })
    expect(types(decideAt(2_000, marked, [listed(2_000, [own, older])], options))).toEqual(['dispatch 3 at 2000'])
  })

  test('an adopted run takes one of the slots', () => {
    const both = planFor({ A: [], B: [] }, { carriesMarker: true })
    const events = [...dispatched('B'), listed(2_000, [run()])]
    const adopts = (maxParallel: number): string[] => {
      const actions = decideAt(2_000, both, events, { predecessors, maxParallel })
      return actions.flatMap(({ type }) => (type === 'adopt' ? [type] : []))
    }
    expect([adopts(1), adopts(2)]).toEqual([[], ['adopt']])
  })

  test('an invalidation that may hide the claim of another orchestration is a reason to look for its runs', () => {
    const before = statusOf({ description: 'inv:abcdef12 pushed' })
    const withTarget = planOf(graphOf({ A: [] }))
    const targets = withTarget.targets.map((target) => ({ ...target, status: before }))
    const hidden = { ...withTarget, jobs: marked.jobs, targets }
    expect(types(decideAt(3, hidden, [claimed('acme/A')]))).toEqual(['find-reusable-run at 3'])
  })

  test('a run without an attempt is adopted as the first attempt', () => {
    const known = run({ origin: null, attempt: 0 })
    expect(decideAt(2_000, marked, [listed(2_000, [known])], { predecessors })).toEqual([
      { type: 'adopt', at: 2_000, job: 'A', attempt: 1, runId: 21, url: 'https://github.test/runs/21' },
    ])
  })
})

describe('a dispatch without an answer', () => {
  const search = (at: number, found: { runId: number; url: string }[], nextAt = at + 1_000): DatedEvent => ({
    type: 'runs-listed',
    ...{ job: 'A', found, nextAt, at },
  })
  const unlisted = (at: number): DatedEvent => ({
    type: 'listing-failed',
    ...{ job: 'A', failure: failureOf(), nextAt: at + 1_000, at },
  })
  const lost = [asked(), ambiguous(100)]
  const found = (runId: number) => ({ runId, url: `https://github.test/runs/${runId}` })
  const settledAs = (now: number, events: DatedEvent[], plan: Plan = one): unknown => {
    const [action] = decideAt(now, plan, events)
    return action?.type === 'settle' ? `${action.outcome}: ${action.reason}` : action
  }
  const why = 'unknown: it is not known whether a run started: no answer'

  test('its run is looked for after two seconds, and then when the listing says', () => {
    expect(decideAt(200, one, lost)).toEqual([{ type: 'search', at: 2_100, job: 'A' }])
    expect(decideAt(9_000, one, [...lost, search(3_000, [], 4_000)])).toEqual([{ type: 'search', at: 9_000, job: 'A' }])
  })

  test('the only run that is found is adopted', () => {
    expect(decideAt(3_000, one, [...lost, search(3_000, [found(5)])])).toEqual([
      { type: 'adopt', at: 3_000, job: 'A', attempt: 1, ...found(5) },
    ])
  })

  test('several runs settle the job as unknown, and so does none after two minutes', () => {
    expect(settledAs(3_000, [...lost, search(3_000, [found(5), found(6), found(7)])])).toBe(`${why}; 3 runs match`)
    expect(settledAs(120_099, [...lost, search(120_099, [])])).toMatchObject({ type: 'search' })
    expect(settledAs(120_100, [...lost, search(120_100, [])])).toBe(`${why}; no run appeared`)
    expect(settledAs(200_000, [...lost, search(120_099, [])])).toMatchObject({ type: 'search' })
  })

  test('runs that cannot be listed settle the job as unknown after seven minutes', () => {
    expect(settledAs(420_099, [...lost, unlisted(400_000)])).toMatchObject({ type: 'search' })
    expect(settledAs(420_100, [...lost, unlisted(400_000)])).toBe(
      'unknown: it is not known whether a run started: GitHub answered 502, and the runs could not be listed',
    )
  })

  test('without the time of GitHub, or without a marker on a default branch, its run cannot be told apart', () => {
    const timeless = [asked(1, 0, null), ambiguous(100)]
    expect(settledAs(200, timeless)).toBe(`${why}; GitHub's time of the dispatch is not known`)
    expect(settledAs(200, lost, planFor({ A: [] }, { defaultBranch: 'main' }))).toBe(
      `${why}; its run on main cannot be told apart from those of other changes`,
    )
    expect(settledAs(200, lost, planFor({ A: [] }, { defaultBranch: 'main', carriesMarker: true }))).toMatchObject({
      type: 'search',
    })
  })

  test('the job is not dispatched again after another job failed', () => {
    const again = planFor({ A: [], B: [] }, {}, { onLostDispatch: 'dispatch-again' })
    const events = [...lost, search(120_100, [])]
    expect(settledAs(120_100, events, again)).toMatchObject({ type: 'dispatch', attempt: 2 })
    const failed = [...events, ...dispatched('B', 8), settled('B', 'failed', 5)]
    expect(settledAs(120_100, failed, again)).toBe(`${why}; no run appeared`)
  })

  describe('that was followed by another one', () => {
    const again = planFor({ A: [] }, {}, { onLostDispatch: 'dispatch-again' })
    const marked = planFor({ A: [] }, { carriesMarker: true }, { onLostDispatch: 'dispatch-again' })
    const second = (serverTime: number | null): DatedEvent[] => [
      ...lost,
      search(120_100, []),
      asked(2, 121_000, serverTime),
      { type: 'dispatch-accepted', job: 'A', attempt: 2, runId: 9, url: '', at: 121_100 },
    ]
    const lostActions = (plan: Plan, events: DatedEvent[], now: number): Action[] =>
      decideAt(now, plan, events).filter(({ type }) => type === 'search-lost' || type === 'cancel-lost')

    test('is looked for two seconds later, if its run can be told apart from that of the other', () => {
      expect(lostActions(again, second(121_000), 121_200)).toEqual([{ type: 'search-lost', at: 123_000, job: 'A' }])
      expect(lostActions(again, second(null), 121_200)).toEqual([])
      expect(lostActions(marked, second(null), 121_200)).toHaveLength(1)
      expect(lostActions(again, second(121_000), 200_000)).toEqual([{ type: 'search-lost', at: 200_000, job: 'A' }])
    })

    test('is looked for again until its run is found, which is cancelled at once', () => {
      const listed = (runs: number[], at: number): DatedEvent => ({
        type: 'lost-runs-listed',
        ...{ job: 'A', attempt: 1, found: runs.map(found), failure: null, nextAt: at + 7_000, at },
      })
      expect(lostActions(again, [...second(121_000), listed([], 124_000)], 124_000)).toEqual([
        { type: 'search-lost', at: 131_000, job: 'A' },
      ])
      expect(lostActions(again, [...second(121_000), listed([5], 124_000)], 124_000)).toEqual([
        { type: 'cancel-lost', at: 124_000, job: 'A', runId: 5 },
      ])
      expect(lostActions(again, [...second(121_000), listed([5, 6], 124_000)], 124_000)).toEqual([])
    })
  })
})

describe('the cancels of a stop', () => {
  const three = planFor({ A: [], B: [], C: [] })
  const cancels = (
    outcome: 'failed' | 'moved' | 'lost',
    options: Partial<RunOptions> = {},
    more: DatedEvent[] = [],
  ): unknown[] => {
    const bad: DatedEvent = { type: 'job-settled', job: 'B', outcome, reason: '', at: 5_000 }
    const events = [...dispatched('A'), observedAt(1_000, 'A'), ...more, ...dispatched('B', 8), bad]
    return decideAt(6_000, three, events, options).flatMap((action) =>
      action.type === 'cancel' ? [action.reason] : [],
    )
  }

  test('an active run is cancelled after a failed build, and after a move, for that reason', () => {
    expect([cancels('failed'), cancels('lost'), cancels('moved')]).toEqual([
      ['fail-fast'],
      ['fail-fast'],
      ['superseded'],
    ])
  })

  test('a run of another commit is cancelled for that reason, and every run when the orchestration is cancelled', () => {
    const reasons = (events: DatedEvent[]): unknown[] =>
      decideAt(6_000, three, events, { failFast: false }).flatMap((action) =>
        action.type === 'cancel' ? [`${action.job} ${action.reason}`] : [],
      )
    const other = observedAt(1_000, 'A', { headSha: sha('b') })
    expect(reasons([...dispatched('A'), other])).toEqual(['A moved'])
    const cancelled: DatedEvent = { type: 'interrupted', signal: 'me', cause: 'cancel', at: 5_000 }
    expect(reasons([...dispatched('A'), observedAt(1_000, 'A'), cancelled])).toEqual(['A interrupted'])
  })

  test('a cancel stays pending, and stays forced, until it is answered', () => {
    const request = (at: number, force: boolean): DatedEvent => ({
      type: 'cancel-requested',
      ...{ job: 'A', runId: 7, reason: 'timeout', force, at },
    })
    const failed: DatedEvent = { type: 'cancel-failed', job: 'A', runId: 7, failure: failureOf(), at: 300 }
    const next = (...events: DatedEvent[]): unknown => {
      const actions = decideAt(400, three, [...dispatched('A'), observedAt(90, 'A'), ...events])
      return actions.flatMap((action) => (action.type === 'cancel' ? [[action.force, action.at]] : []))
    }
    expect(next(request(100, false))).toEqual([[false, 400]])
    expect(next(request(100, false), request(200, true))).toEqual([[true, 400]])
    expect(next(request(100, false), request(200, true), failed)).toEqual([[true, 5_300]])
    expect(next(request(100, false), failed)).toEqual([[false, 5_300]])
  })

  test('without fail-fast it is cancelled for neither', () => {
    expect([cancels('failed', { failFast: false }), cancels('moved', { failFast: false })]).toEqual([[], []])
  })

  test('a run that a person re-ran is not cancelled because another build failed, and is after a move', () => {
    const run = { id: 7, headSha: sha('a'), status: 'in_progress', conclusion: null, runAttempt: 2, url: '' }
    const again: DatedEvent[] = [
      observedAt(1_500, 'A', { status: 'completed', conclusion: 'failure' }),
      settled('A', 'failed', 1_600),
      { type: 'run-restarted', job: 'A', run, nextAt: 9_000, at: 2_000 },
    ]
    expect([cancels('failed', {}, again), cancels('moved', {}, again)]).toEqual([[], ['superseded']])
  })
})

describe('a run', () => {
  const completed = (at: number, conclusion: string): DatedEvent =>
    observedAt(at, 'A', { status: 'completed', conclusion })

  test('it is read again when its reading says, and at once where that time has passed', () => {
    const events = [...dispatched('A'), observedAt(1_000, 'A')]
    expect(decideAt(1_000, one, events)).toEqual([{ type: 'observe', at: 31_000, job: 'A' }])
    expect(decideAt(40_000, one, events)).toEqual([{ type: 'observe', at: 40_000, job: 'A' }])
    expect(decideAt(5, one, dispatched('A'))).toEqual([{ type: 'observe', at: 2_000, job: 'A' }])
  })

  test('its approval is read once when it begins to wait, and not after it was cancelled', () => {
    const waiting = [...dispatched('A'), observedAt(1_000, 'A', { status: 'waiting' })]
    expect(decideAt(1_000, one, waiting)).toEqual([
      { type: 'observe', at: 31_000, job: 'A' },
      { type: 'read-pending-deployments', at: 1_000, job: 'A' },
    ])
    const readIt: DatedEvent = {
      type: 'pending-deployments-read',
      ...{ job: 'A', runId: 7, url: '', deployments: null, failure: failureOf() },
      at: 1_100,
    }
    expect(decideAt(1_200, one, [...waiting, readIt])).toHaveLength(1)
    const cancel: DatedEvent = {
      type: 'cancel-requested',
      ...{ job: 'A', runId: 7, reason: 'timeout', force: false },
      at: 1_100,
    }
    const answered: DatedEvent = { type: 'cancel-answered', job: 'A', runId: 7, result: 'requested', at: 1_200 }
    expect(decideAt(1_200, one, [...waiting, cancel, answered]).map(({ type }) => type)).toEqual(['observe'])
  })

  test('its approval has a timeout of its own', () => {
    const plan = planFor({ A: [] }, {}, { approvalTimeoutMs: 5 * minute })
    const waiting = (at: number): DatedEvent => observedAt(at, 'A', { status: 'waiting' })
    const cancelOf = (events: DatedEvent[], now: number): unknown =>
      decideAt(now, plan, [...dispatched('A'), ...events]).find(({ type }) => type === 'cancel')
    expect(cancelOf([waiting(minute), waiting(6 * minute - 1)], 6 * minute)).toBeUndefined()
    expect(cancelOf([waiting(minute), waiting(6 * minute)], 6 * minute)).toMatchObject({ reason: 'approval-timeout' })
  })

  test('a failed run of a settled job is read again in case a person re-ran it, while that can change the result', () => {
    const plan = planFor({ A: [], B: [] })
    const failed = [
      ...dispatched('A'),
      completed(1_000, 'failure'),
      settled('A', 'failed', 2_000),
      ...dispatched('B', 8),
    ]
    const observe = (events: DatedEvent[], now: number): Action[] =>
      decideAt(now, plan, events).filter((action) => action.type === 'observe' && action.job === 'A')
    expect(observe(failed, 2_000)).toEqual([{ type: 'observe', at: 32_000, job: 'A' }])
    expect(observe(failed, 50_000)).toEqual([{ type: 'observe', at: 50_000, job: 'A' }])
    const lost: DatedEvent = { type: 'job-settled', job: 'B', outcome: 'lost', reason: '', at: 3_000 }
    expect(observe([...failed, lost], 9_000)).toEqual([])
  })

  test('a failed run is read once more before the verdict, unless it was read within five seconds of the last end', () => {
    const plan = planFor({ A: [], B: [] })
    const events = (last: number): DatedEvent[] => [
      ...[...dispatched('A'), completed(1_000, 'failure'), settled('A', 'failed', 2_000)],
      ...[...dispatched('B', 8), settled('B', 'succeeded', last)],
      { type: 'failure-explained', job: 'A', explanation: null, failure: null, at: 2_500 },
    ]
    expect(decideAt(9_000, plan, events(6_000))).toEqual([])
    expect(decideAt(9_000, plan, events(6_001))).toEqual([{ type: 'observe', at: 9_000, job: 'A' }])
    expect(decideAt(9_000, plan, events(6_001), { timeoutMs: 9_000 })).toEqual([])
  })
})

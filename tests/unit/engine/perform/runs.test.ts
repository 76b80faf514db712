import { describe, expect, test } from 'vitest'
import type { Plan, PlannedJob } from '../../../../src/model/build/plan.js'
import type { WorkflowRun } from '../../../../src/model/workflow-run.js'
import { dispatched, failureOf, graphOf, minute, observedAt, planOf, readingOf, runOf, sha } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'
import { Stage } from './performing.js'

const plan = planOf(graphOf({ A: [], B: [] }, { job: { retries: 2, timeoutMs: 10 * minute } }), {
  readings: ['acme/A', 'acme/B'].map((repo) => readingOf(repo, { pullRequests: [] })),
})
const settled = (outcome: 'failed' | 'cancelled' = 'failed', job = 'A'): DatedEvent => ({
  type: 'job-settled',
  ...{ job, outcome, reason: '', at: 6_000 },
})
const completed = (at: number, conclusion = 'failure', runAttempt = 1): DatedEvent =>
  observedAt(at, 'A', { status: 'completed', conclusion, runAttempt })
const failedRun = [...dispatched('A'), completed(5_000), settled()]
const observe = { type: 'observe', at: 0, job: 'A' } as const
const readings = (run: Partial<WorkflowRun>) => ({ readRun: () => ({ kind: 'run', run: runOf(run) }) })

describe('the cancel of a run', () => {
  const cancel = { type: 'cancel', at: 0, job: 'A', runId: 7, reason: 'timeout', force: true, urgent: false } as const

  test.each(['requested', 'finished'] as const)(
    'the answer %s is journaled, and the request before it',
    async (kind) => {
      const stage = new Stage(plan, dispatched('A'), 100, { answers: { cancelRun: () => ({ kind }) } })
      expect(await stage.perform(cancel)).toEqual([
        { type: 'cancel-requested', job: 'A', runId: 7, reason: 'timeout', force: true },
        { type: 'cancel-answered', job: 'A', runId: 7, result: kind },
      ])
      expect(stage.requests).toEqual([['cancelRun', 'acme/A', 7, { force: true, urgent: false }]])
    },
  )

  test('a failure is journaled', async () => {
    const stage = new Stage(plan, dispatched('A'), 100, {
      answers: { cancelRun: () => ({ kind: 'failed', failure: failureOf() }) },
    })
    expect((await stage.perform(cancel))[1]).toEqual({
      type: 'cancel-failed',
      job: 'A',
      runId: 7,
      failure: failureOf(),
    })
  })
})

describe('the re-run of a run', () => {
  const rerun = { type: 'rerun', at: 0, job: 'A', runId: 7, fromAttempt: 1 } as const
  const failed = [...dispatched('A'), completed(5_000)]
  const types = async (stage: Stage): Promise<string[]> => (await stage.perform(rerun)).map(({ type }) => type)

  test.each([
    ['accepted', null],
    ['refused', failureOf()],
    ['ambiguous', failureOf()],
  ] as const)('its intent and the answer %s are journaled', async (kind, failure) => {
    const stage = new Stage(plan, failed, 5_100, {
      answers: { rerunFailedJobs: () => ({ kind, failure: failureOf() }) },
    })
    expect(await stage.perform(rerun)).toEqual([
      { type: 'rerun-requested', job: 'A', runId: 7, fromAttempt: 1 },
      { type: 'rerun-answered', job: 'A', runId: 7, result: kind, failure },
    ])
    expect(stage.requests).toEqual([['rerunFailedJobs', 'acme/A', 7]])
  })

  test('it counts once, although the port asks again after a rate limit', async () => {
    const stage = new Stage(plan, failed, 5_100, { answers: { rerunFailedJobs: () => ({ kind: 'accepted' }) } })
    stage.asks = 3
    expect(await types(stage)).toEqual(['rerun-requested', 'rerun-answered'])
    expect(stage.state.jobs.get('A')).toMatchObject({ reruns: 1 })
  })

  test('it is not sent when it is not due, and not after a rate limit when it is no longer wanted', async () => {
    const answers = { rerunFailedJobs: () => ({ kind: 'accepted' }) }
    expect(await types(new Stage(plan, [...dispatched('A'), observedAt(5_000, 'A')], 5_100, { answers }))).toEqual([])
    const afterIntent: DatedEvent[] = [
      { type: 'interrupted', signal: 'SIGINT', cause: 'signal', at: 5_200 },
      observedAt(5_200, 'A', { runAttempt: 2 }),
      { ...settled(), at: 5_200 },
    ]
    for (const event of afterIntent) {
      const stage = new Stage(plan, failed, 5_100, { answers })
      stage.asks = 2
      stage.betweenAsks = () => stage.happen(event)
      expect(await types(stage)).toEqual(['rerun-requested'])
      expect(stage.requests).toEqual([])
    }
  })

  test('an answer that comes after the end of the job is dropped', async () => {
    const stage = new Stage(plan, failed, 5_100)
    stage.answers.rerunFailedJobs = () => {
      stage.happen({ ...settled(), at: 5_200 })
      return { kind: 'accepted' }
    }
    expect(await types(stage)).toEqual(['rerun-requested'])
  })
})

describe('the explanation of a failed run', () => {
  const explain = { type: 'explain', at: 0, job: 'A' } as const
  const failure = { workflowJob: 'build', step: 'test', url: '', logTail: [] }

  test('it is read for the attempt that failed, and says whether the run has waited for an approval', async () => {
    const stage = new Stage(plan, failedRun, 7_000, {
      answers: { explainFailure: () => ({ ok: true, value: failure }) },
    })
    expect(await stage.perform(explain)).toEqual([
      { type: 'failure-explained', job: 'A', explanation: failure, failure: null },
    ])
    const request = { runId: 7, runAttempt: 1, url: 'https://github.test/run', hasWaited: false }
    expect(stage.requests).toEqual([['explainFailure', 'acme/A', request]])
    const approval: DatedEvent = {
      type: 'pending-deployments-read',
      ...{ job: 'A', runId: 7, url: '', deployments: null, failure: null, at: 4_000 },
    }
    const waited = [
      ...dispatched('A'),
      observedAt(3_000, 'A', { status: 'waiting', runAttempt: 3 }),
      approval,
      completed(5_000, 'failure', 3),
      settled(),
    ]
    const second = new Stage(plan, waited, 7_000, { answers: { explainFailure: () => ({ ok: true, value: failure }) } })
    await second.perform(explain)
    expect(second.requests).toEqual([['explainFailure', 'acme/A', { ...request, runAttempt: 3, hasWaited: true }]])
  })

  test('a failure is journaled, a late answer is dropped, and a job without a run has none', async () => {
    const failing = new Stage(plan, failedRun, 7_000, {
      answers: { explainFailure: () => ({ ok: false, failure: failureOf() }) },
    })
    expect(await failing.perform(explain)).toEqual([
      { type: 'failure-explained', job: 'A', explanation: null, failure: failureOf() },
    ])
    for (const answer of [
      { ok: true, value: failure },
      { ok: false, failure: failureOf() },
    ]) {
      const late = new Stage(plan, failedRun, 7_000)
      late.answers.explainFailure = () => {
        late.happen({ type: 'run-restarted', job: 'A', run: runOf({ runAttempt: 2 }), nextAt: 0, at: 7_100 })
        return answer
      }
      expect(await late.perform(explain)).toEqual([])
    }
    await expect(new Stage(plan, dispatched('A'), 100).perform(explain)).rejects.toThrow('A has no run to explain')
    await expect(new Stage(plan, [settled()], 100).perform(explain)).rejects.toThrow('A has no run to explain')
  })
})

describe('what a run waits for', () => {
  const action = { type: 'read-pending-deployments', at: 0, job: 'A' } as const
  const waiting = [...dispatched('A'), observedAt(3_000, 'A', { status: 'waiting', url: 'https://github.test/page' })]
  const deployments = [{ environment: 'production', reviewers: [], timerEndsAt: null }]

  test('it is read once with its failure, if there is one', async () => {
    const stage = new Stage(plan, waiting, 3_100, {
      answers: { readPendingDeployments: () => ({ ok: true, value: deployments }) },
    })
    const event = { type: 'pending-deployments-read', job: 'A', runId: 7, url: 'https://github.test/page' }
    expect(await stage.perform(action)).toEqual([{ ...event, deployments, failure: null }])
    expect(stage.requests).toEqual([['readPendingDeployments', 'acme/A', 7]])
    const failing = new Stage(plan, waiting, 3_100, {
      answers: { readPendingDeployments: () => ({ ok: false, failure: failureOf() }) },
    })
    expect(await failing.perform(action)).toEqual([{ ...event, deployments: null, failure: failureOf() }])
  })

  test('an answer is dropped if the run went on, waits anew or has ended, and nothing is read for another job', async () => {
    const later: DatedEvent[][] = [
      [observedAt(3_050, 'A')],
      [observedAt(3_050, 'A'), observedAt(3_060, 'A', { status: 'waiting' })],
      [settled('cancelled')],
    ]
    for (const events of later) {
      const stage = new Stage(plan, waiting, 3_100)
      stage.answers.readPendingDeployments = () => {
        stage.happen(...events)
        return { ok: true, value: deployments }
      }
      expect(await stage.perform(action)).toEqual([])
    }
    const moved = new Stage(plan, [...dispatched('A'), observedAt(3_000, 'A')], 3_100, {
      answers: { readPendingDeployments: () => ({ ok: true, value: [] }) },
    })
    expect(await moved.perform(action)).toEqual([])
    expect(await new Stage(plan, [settled()], 3_100).perform(action)).toEqual([])
  })
})

describe('the reading of a run', () => {
  const observed = [...dispatched('A'), observedAt(1_000, 'A')]

  test('it is read without its attempt while that does not matter, and its event says when it is read again', async () => {
    const stage = new Stage(plan, observed, 31_000, {
      answers: {
        ...readings({ runAttempt: null }),
        nextReadingAt: (run: unknown) => (stage.requests.push(['nextReadingAt', run]), 77_000),
      },
    })
    expect(await stage.perform(observe)).toEqual([
      { type: 'run-observed', job: 'A', run: runOf({ runAttempt: null }), nextAt: 77_000 },
    ])
    expect(stage.requests).toEqual([
      ['readRun', 'acme/A', 7, { withAttempt: false, headSha: sha('a') }],
      [
        'nextReadingAt',
        { repo: 'acme/A', runId: 7, since: 0, usualMs: undefined, count: 2, seed: 'run0000001:A', wasFound: true },
      ],
    ])
  })

  test.each<[string, DatedEvent[], number]>([
    ['after its deadline', observed, 10 * minute + 1_000],
    [
      'after it has completed',
      [...observed, observedAt(2_000, 'A', { status: 'completed', conclusion: 'failure', runAttempt: null })],
      31_000,
    ],
    [
      'while a re-run is awaited',
      [
        ...dispatched('A'),
        completed(1_000),
        { type: 'rerun-requested', job: 'A', runId: 7, fromAttempt: 1, at: 1_100 },
        observedAt(1_200, 'A'),
      ],
      31_000,
    ],
  ])('it is read with its attempt %s', async (_, events, now) => {
    const stage = new Stage(plan, events, now, { answers: readings({}) })
    await stage.perform(observe)
    expect(stage.requests).toEqual([['readRun', 'acme/A', 7]])
  })

  test('it is read again with its attempt if that matters by the time of the answer, and the answer has none', async () => {
    const late = async (runAttempt: number | null): Promise<number> => {
      const stage = new Stage(plan, observed, 10 * minute)
      stage.answers.readRun = () => {
        stage.now = 10 * minute + 2_000
        return { kind: 'run', run: runOf({ runAttempt }) }
      }
      await stage.perform(observe)
      return stage.requests.length
    }
    expect([await late(null), await late(1)]).toEqual([2, 1])
    const absent = new Stage(plan, observed, 31_000, { answers: { readRun: () => ({ kind: 'absent' }) } })
    await absent.perform(observe)
    expect(absent.requests).toHaveLength(1)
  })

  test('a run that is absent or cannot be read is journaled as such', async () => {
    const absent = new Stage(plan, observed, 31_000, { answers: { readRun: () => ({ kind: 'absent' }) } })
    expect(await absent.perform(observe)).toEqual([{ type: 'run-absent', job: 'A', nextAt: 61_000 }])
    const unreadable = new Stage(plan, observed, 31_000, {
      answers: { readRun: () => ({ kind: 'unreadable', failure: failureOf() }) },
    })
    expect(await unreadable.perform(observe)).toEqual([
      { type: 'observation-failed', job: 'A', failure: failureOf(), nextAt: 61_000 },
    ])
  })

  test('a reading that was overtaken by a push, or by the end of the job, is dropped', async () => {
    for (const kind of ['run', 'absent', 'unreadable']) {
      const stage = new Stage(plan, observed, 31_000)
      stage.answers.readRun = () => {
        stage.happen(observedAt(31_500, 'A'))
        return { kind, run: runOf(), failure: failureOf() }
      }
      expect(await stage.perform(observe)).toEqual([])
      const ended = new Stage(plan, observed, 31_000)
      ended.answers.readRun = () => {
        ended.happen({ ...settled(), at: 31_500 })
        return { kind, run: runOf({ runAttempt: 2 }), failure: failureOf() }
      }
      expect(await ended.perform(observe)).toEqual([])
    }
  })

  test('nothing is read for a job without a run', async () => {
    const stage = new Stage(plan, [settled()], 100)
    expect(await stage.perform(observe)).toEqual([])
    expect(await new Stage(plan, [], 100).perform(observe)).toEqual([])
  })

  const silent = async (events: DatedEvent[], run: Partial<WorkflowRun>, now: number): Promise<boolean> => {
    const stage = new Stage(plan, [{ type: 'earlier-heads-locked', locked: [], failures: [], at: 0 }, ...events], now, {
      answers: readings(run),
    })
    await stage.perform(observe)
    return stage.silent.length > 0
  }
  const cancel: DatedEvent = {
    type: 'cancel-requested',
    job: 'A',
    runId: 7,
    reason: 'timeout',
    force: false,
    at: 1_000,
  }
  const unread: DatedEvent = { type: 'observation-failed', job: 'A', failure: failureOf(), nextAt: 0, at: 1_000 }
  const missing: DatedEvent = { type: 'run-absent', job: 'A', nextAt: 0, at: 1_000 }
  const refused = { ...unread, job: 'B', failure: failureOf({ kind: 'unauthorized' }) } as DatedEvent

  test('a reading that finds nothing new within five minutes of the latest entry is not journaled', async () => {
    expect(await silent(observed, {}, 300_999)).toBe(true)
    expect(await silent(observed, { runAttempt: null }, 300_999)).toBe(true)
    expect(await silent(observed, {}, 301_000)).toBe(false)
  })

  test.each<[string, DatedEvent[], Partial<WorkflowRun>]>([
    ['the first reading', dispatched('A'), {}],
    ['another status', observed, { status: 'queued' }],
    ['a conclusion', observed, { conclusion: 'success' }],
    ['another commit', observed, { headSha: sha('b') }],
    ['another attempt', observed, { runAttempt: 2 }],
    ['a completed run', observed, { status: 'completed', conclusion: 'success' }],
    ['a reading after one that failed', [...observed, unread], {}],
    ['a reading after one without the run', [...observed, missing], {}],
    ['a reading after a cancel', [...observed, cancel], {}],
    ['a reading after a refused token', [...observed, ...dispatched('B', 8), refused], {}],
  ])('%s is journaled', async (_, events, run) => {
    expect(await silent(events, run, 1_500)).toBe(false)
  })

  test('the first reading after a deadline is journaled', async () => {
    const events = [
      ...observed,
      { type: 'earlier-heads-locked', locked: [], failures: [], at: 10 * minute } as DatedEvent,
    ]
    expect(await silent(events, {}, 10 * minute + 999)).toBe(true)
    expect(await silent(events, {}, 10 * minute + 1_000)).toBe(false)
  })
})

describe('the run of a settled job', () => {
  const polled = async (
    run: Partial<WorkflowRun>,
    events: DatedEvent[] = failedRun,
    now = 40_000,
  ): Promise<unknown[]> => new Stage(plan, events, now, { answers: readings(run) }).perform(observe)

  test('a poll says when it is read again, and a later attempt restarts its job', async () => {
    const failed = { status: 'completed', conclusion: 'failure' }
    expect(await polled(failed)).toEqual([{ type: 'run-observed', job: 'A', run: runOf(failed), nextAt: 70_000 }])
    expect(await polled({ runAttempt: 2 })).toEqual([
      { type: 'run-restarted', job: 'A', run: runOf({ runAttempt: 2 }), nextAt: 70_000 },
    ])
    expect(await polled({ runAttempt: null })).toMatchObject([{ type: 'run-observed' }])
  })

  test('a run that is absent or cannot be read is journaled as such', async () => {
    const read = (reading: unknown) =>
      new Stage(plan, failedRun, 40_000, { answers: { readRun: () => reading } }).perform(observe)
    expect(await read({ kind: 'absent' })).toEqual([{ type: 'run-absent', job: 'A', nextAt: 70_000 }])
    expect(await read({ kind: 'unreadable', failure: failureOf() })).toEqual([
      { type: 'observation-failed', job: 'A', failure: failureOf(), nextAt: 70_000 },
    ])
  })

  test('a later attempt restarts its job only while another job is built or the run is watched', async () => {
    const all = [...failedRun, settled('failed', 'B')]
    expect(await polled({ runAttempt: 2 }, all)).toEqual([])
    const watched = [...failedRun, ...dispatched('B', 8)]
    expect(await polled({ runAttempt: 2 }, watched)).toMatchObject([{ type: 'run-restarted' }])
    const lost: DatedEvent = { type: 'job-settled', job: 'B', outcome: 'lost', reason: '', at: 7_000 }
    expect(await polled({ runAttempt: 2 }, [...failedRun, lost])).toEqual([])
  })

  test('a push restarts its job only while its run is watched, and changes nothing otherwise', async () => {
    const push = (run: Partial<WorkflowRun>, events: DatedEvent[]) =>
      new Stage(plan, events, 40_000).push('ACME/a', runOf(run))
    const watched = [...failedRun, ...dispatched('B', 8)]
    expect(await push({ runAttempt: 2 }, watched)).toMatchObject([{ type: 'run-restarted' }])
    expect(await push({ status: 'completed', conclusion: 'failure' }, watched)).toEqual([])
    expect(await push({ runAttempt: null }, watched)).toEqual([])
    const lost: DatedEvent = { type: 'job-settled', job: 'B', outcome: 'lost', reason: '', at: 7_000 }
    expect(await push({ runAttempt: 2 }, [...failedRun, lost])).toEqual([])
  })
})

describe('a pushed run', () => {
  const push = async (
    run: Partial<WorkflowRun>,
    events: DatedEvent[],
    now = 5_000,
    repo = 'acme/A',
  ): Promise<string[]> => (await new Stage(plan, events, now).push(repo, runOf(run))).map(({ type }) => type)
  const observed = [...dispatched('A'), observedAt(1_000, 'A', { status: 'queued' })]
  const done = { status: 'completed', conclusion: 'success' }

  test('it counts if it shows more progress than is known', async () => {
    expect(await push({ status: 'in_progress' }, observed)).toEqual(['run-observed'])
    expect(await push(done, observed)).toEqual(['run-observed'])
    expect(await push({ status: 'queued' }, dispatched('A'))).toEqual(['run-observed'])
    expect(await push({ status: 'queued', runAttempt: 2 }, observed)).toEqual(['run-observed'])
  })

  test('it is ignored if it shows less, or nothing new, or has no attempt', async () => {
    expect(await push({ status: 'queued' }, observed)).toEqual([])
    expect(await push({ status: 'queued' }, [...dispatched('A'), observedAt(1_000, 'A')])).toEqual([])
    expect(await push({ ...done, runAttempt: null }, observed)).toEqual([])
    expect(await push({ ...done, runAttempt: 1 }, [...observed, observedAt(2_000, 'A', { runAttempt: 2 })])).toEqual([])
    const unknownAttempt = [...dispatched('A'), observedAt(1_000, 'A', { runAttempt: null })]
    expect(await push({ status: 'in_progress' }, unknownAttempt)).toEqual([])
    expect(await push({ status: 'in_progress', runAttempt: 2 }, unknownAttempt)).toEqual(['run-observed'])
  })

  test('a run that waits between two of its workflow jobs goes on only by a poll, unless it has ended', async () => {
    const between = [...dispatched('A'), observedAt(1_000, 'A'), observedAt(2_000, 'A', { status: 'waiting' })]
    expect(await push({ status: 'in_progress' }, between)).toEqual([])
    expect(await push(done, between)).toEqual(['run-observed'])
    const before = [...dispatched('A'), observedAt(2_000, 'A', { status: 'waiting' })]
    expect(await push({ status: 'in_progress' }, before)).toEqual(['run-observed'])
  })

  test('an active run counts only before its deadlines, without a cancel, and while it is not missing', async () => {
    const cancel: DatedEvent = {
      type: 'cancel-requested',
      job: 'A',
      runId: 7,
      reason: 'timeout',
      force: false,
      at: 2_000,
    }
    const missing: DatedEvent = { type: 'run-absent', job: 'A', nextAt: 0, at: 2_000 }
    expect(await push({ status: 'in_progress' }, [...observed, cancel])).toEqual([])
    expect(await push({ status: 'in_progress' }, [...observed, missing])).toEqual([])
    expect(await push({ status: 'in_progress' }, observed, 60 * minute - 1)).toEqual(['run-observed'])
    expect(await push({ status: 'in_progress' }, observed, 60 * minute)).toEqual([])
    for (const event of [cancel, missing])
      expect(await push(done, [...observed, event], 60 * minute)).toEqual(['run-observed'])
  })

  test('it is assigned by its repository and its run', async () => {
    expect(await push(done, observed, 5_000, 'ACME/a')).toEqual(['run-observed'])
    expect(await push(done, observed, 5_000, 'acme/B')).toEqual([])
    expect(await push({ ...done, id: 8 }, observed)).toEqual([])
    expect(await push(done, [settled()])).toEqual([])
    expect(await push(done, [])).toEqual([])
  })
})

describe('the end of a job', () => {
  const planned: Plan = {
    ...plan,
    jobs: plan.jobs.map((job): PlannedJob =>
      job.job === 'A' ? { ...job, action: 'skip', reason: 'no branch', headSha: null } : job,
    ),
  }

  test('it is journaled as it was decided', async () => {
    expect(await new Stage(planned, [], 100).performPending('skip A')).toEqual([
      { type: 'job-settled', job: 'A', outcome: 'skipped', reason: 'no branch' },
    ])
    const built = { runId: 5, url: '', endedAt: 1 }
    const fresh: Plan = {
      ...plan,
      jobs: plan.jobs.map((job) => ({ ...job, action: 'fresh' as const, reason: 'built', built })),
    }
    expect(await new Stage(fresh, [], 100).performPending('settle A')).toEqual([
      { type: 'job-settled', job: 'A', outcome: 'fresh', reason: 'built', built },
    ])
  })

  test('it is dropped if the decision has changed since', async () => {
    const settle = { type: 'settle', at: 0, job: 'A', outcome: 'failed', reason: 'its run concluded failure' } as const
    const none = planOf(graphOf({ A: [] }), { readings: [readingOf('acme/A', { pullRequests: [] })] })
    const ended = (conclusion: string): DatedEvent[] => [...dispatched('A'), completed(5_000, conclusion)]
    expect(await new Stage(none, ended('failure'), 5_100).perform(settle)).toHaveLength(1)
    expect(await new Stage(none, ended('success'), 5_100).perform(settle)).toEqual([])
    expect(await new Stage(none, ended('failure'), 5_100).perform({ ...settle, outcome: 'unknown' })).toEqual([])
    expect(await new Stage(none, dispatched('A'), 5_100).perform(settle)).toEqual([])
    expect(await new Stage(none, [], 5_100).perform({ type: 'skip', at: 0, job: 'A', reason: '' })).toEqual([])
  })

  test('the suspension and the end of an orchestration are journaled', async () => {
    const ending = { outcome: 'held', reason: 'a draft', auth: false } as const
    expect(await new Stage(plan, [], 0).perform({ type: 'finish', at: 0, ending })).toEqual([
      { type: 'finished', ...ending },
    ])
    expect(await new Stage(plan, [], 0).perform({ type: 'suspend', at: 0, failure: failureOf() })).toEqual([
      { type: 'suspended', failure: failureOf() },
    ])
  })
})

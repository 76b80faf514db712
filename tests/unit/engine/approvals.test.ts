import { describe, expect, test } from 'vitest'
import type { Action } from '../../../src/engine/build/decide/actions.js'
import { decide } from '../../../src/engine/build/decide/decide.js'
import type { Job } from '../../../src/model/graph.js'
import { TestClock } from '../../support/test-clock.js'
import {
  dispatched,
  failureOf,
  fold,
  graphOf,
  minute,
  observedAt,
  planOf,
  readingOf,
  runOf,
  startDrive,
} from './fixtures.js'
import type { DatedEvent } from './fixtures.js'
import { ScriptedGitHub } from './scripted-github.js'

const queued = { status: 'queued' }
const waiting = { status: 'waiting' }

/** The actions of the only job, whose run may be queued for 60 minutes and in progress for 30. */
function actionsAt(now: number, events: readonly DatedEvent[], job: Partial<Job> = {}): Action[] {
  const plan = planOf(graphOf({ A: [] }, { job }), { readings: [readingOf('acme/A', { pullRequests: [] })] })
  return decide(fold(plan, [...dispatched('A'), ...events]), now)
}

/** The reason for which the run is cancelled at the time of the last event; undefined: it is not. */
function cancelReason(events: readonly DatedEvent[], job: Partial<Job> = {}): string | undefined {
  const cancel = actionsAt(events.at(-1)?.at ?? 0, events, job).find(({ type }) => type === 'cancel')
  return cancel?.type === 'cancel' ? cancel.reason : undefined
}

function readAt(at: number): DatedEvent {
  const deployments = [{ environment: 'production', reviewers: ['alice'], timerEndsAt: null }]
  return { type: 'pending-deployments-read', job: 'A', runId: 7, url: 'u', deployments, failure: null, at }
}

describe('the time in which a run waits for an approval', () => {
  test.each(['waiting', 'action_required'])('does not count towards the queue timeout in status %s', (status) => {
    const events = [observedAt(10 * minute, 'A', queued), observedAt(11 * minute, 'A', { status })]
    expect(cancelReason([...events, observedAt(200 * minute, 'A', { status })])).toBeUndefined()
    // Ten minutes in the queue before, and 49 or 50 after.
    const back = [...events, observedAt(200 * minute, 'A', { status }), observedAt(201 * minute, 'A', queued)]
    expect(cancelReason([...back, observedAt(250.9 * minute, 'A', queued)])).toBeUndefined()
    expect(cancelReason([...back, observedAt(251 * minute, 'A', queued)])).toBe('queue-timeout')
  })

  test('does not count towards the timeout between two workflow jobs, as often as the run waits', () => {
    const events = [
      observedAt(5 * minute, 'A'),
      observedAt(15 * minute, 'A', waiting),
      observedAt(100 * minute, 'A'),
      observedAt(110 * minute, 'A', waiting),
      observedAt(300 * minute, 'A', waiting),
      observedAt(310 * minute, 'A'),
    ]
    // In progress for 0 minutes from 5 to 15, which its wait may have filled, and for 0 from 100 to 110.
    expect(cancelReason([...events, observedAt(339.9 * minute, 'A')])).toBeUndefined()
    expect(cancelReason([...events, observedAt(340 * minute, 'A')])).toBe('job-timeout')
  })

  test('counts what was read in progress before and after the wait', () => {
    const events = [
      observedAt(5 * minute, 'A'),
      observedAt(15 * minute, 'A'),
      observedAt(15 * minute, 'A', waiting),
      observedAt(100 * minute, 'A'),
    ]
    expect(cancelReason([...events, observedAt(119.9 * minute, 'A')])).toBeUndefined()
    expect(cancelReason([...events, observedAt(120 * minute, 'A')])).toBe('job-timeout')
  })

  test('before the first workflow job does not lengthen the timeout', () => {
    const events = [observedAt(minute, 'A', waiting), observedAt(100 * minute, 'A')]
    expect(cancelReason([...events, observedAt(129.9 * minute, 'A')])).toBeUndefined()
    expect(cancelReason([...events, observedAt(130 * minute, 'A')])).toBe('job-timeout')
  })

  test('starts again with another run attempt', () => {
    const second = { runAttempt: 2 }
    const events = [
      observedAt(minute, 'A', waiting),
      observedAt(100 * minute, 'A', { ...second, ...queued }),
      observedAt(159.9 * minute, 'A', { ...second, ...queued }),
    ]
    expect(cancelReason(events)).toBeUndefined()
    expect(cancelReason([...events, observedAt(160 * minute, 'A', { ...second, ...queued })])).toBe('queue-timeout')
  })

  test('counts towards the whole orchestration', () => {
    expect(cancelReason([observedAt(minute, 'A', waiting), observedAt(360 * minute, 'A', waiting)])).toBe('timeout')
  })
})

describe('the approval timeout', () => {
  const limited = { approvalTimeoutMs: 20 * minute }

  test('cancels a run that waits for longer, by an observation later than it, each time that it waits', () => {
    const events = [observedAt(minute, 'A', waiting), observedAt(20 * minute, 'A', waiting)]
    expect(cancelReason(events, limited)).toBeUndefined()
    expect(actionsAt(25 * minute, events, limited).map(({ type }) => type)).not.toContain('cancel')
    expect(cancelReason([...events, observedAt(21 * minute, 'A', waiting)], limited)).toBe('approval-timeout')
    const again = [...events, observedAt(20.5 * minute, 'A'), observedAt(22 * minute, 'A', waiting)]
    expect(cancelReason([...again, observedAt(41 * minute, 'A', waiting)], limited)).toBeUndefined()
    expect(cancelReason([...again, observedAt(42 * minute, 'A', waiting)], limited)).toBe('approval-timeout')
  })

  test('does not cancel a run that was approved before it was read again', () => {
    expect(cancelReason([observedAt(minute, 'A', waiting), observedAt(60 * minute, 'A')], limited)).toBeUndefined()
  })

  test('is the time of the next reading where that is later', () => {
    const events = [observedAt(minute, 'A', waiting), observedAt(20.9 * minute, 'A', waiting)]
    const observe = actionsAt(20.9 * minute, events, limited).find(({ type }) => type === 'observe')
    expect(observe?.at).toBe(21 * minute)
  })

  test('stands in the reason of the end even if the run goes on after the cancel', () => {
    const cancelled: DatedEvent[] = [
      { type: 'cancel-requested', job: 'A', runId: 7, reason: 'approval-timeout', force: false, at: 21 * minute },
      { type: 'cancel-answered', job: 'A', runId: 7, result: 'requested', at: 21 * minute },
      observedAt(21.1 * minute, 'A'),
      observedAt(21.2 * minute, 'A', { status: 'completed', conclusion: 'cancelled' }),
    ]
    const events = [
      observedAt(minute, 'A', waiting),
      readAt(minute),
      observedAt(21 * minute, 'A', waiting),
      ...cancelled,
    ]
    expect(actionsAt(22 * minute, events, limited)).toContainEqual({
      type: 'settle',
      at: 22 * minute,
      job: 'A',
      outcome: 'timed-out',
      reason:
        'its run waited for the approval of the environment production by alice, for longer than approval-timeout-minutes',
    })
  })
})

describe('what a run waits for', () => {
  const mustRead = (events: readonly DatedEvent[]): boolean =>
    actionsAt(events.at(-1)?.at ?? 0, events).some(({ type }) => type === 'read-pending-deployments')

  test('is read once each time that it begins to wait', () => {
    const events = [observedAt(minute, 'A', waiting)]
    expect(mustRead([observedAt(minute, 'A')])).toBe(false)
    expect(mustRead(events)).toBe(true)
    const read = [...events, readAt(minute)]
    expect(mustRead(read)).toBe(false)
    expect(mustRead([...read, observedAt(2 * minute, 'A', waiting)])).toBe(false)
    const over = [...read, observedAt(2 * minute, 'A')]
    expect(mustRead(over)).toBe(false)
    expect(mustRead([...over, observedAt(3 * minute, 'A', waiting)])).toBe(true)
  })

  test('is not read again after a failure, nor while the run is cancelled', () => {
    const failed: DatedEvent = { ...readAt(minute), deployments: null, failure: failureOf() } as DatedEvent
    expect(mustRead([observedAt(minute, 'A', waiting), failed])).toBe(false)
    const cancel: DatedEvent = {
      type: 'cancel-requested',
      job: 'A',
      runId: 7,
      reason: 'moved',
      force: false,
      at: minute,
    }
    expect(mustRead([observedAt(minute, 'A', waiting), cancel])).toBe(false)
  })

  test('is no reason of an end once the run has gone on', () => {
    const failed = observedAt(3 * minute, 'A', { status: 'completed', conclusion: 'failure' })
    const waited = [observedAt(minute, 'A', waiting), readAt(minute)]
    const reasonOf = (events: readonly DatedEvent[]): unknown =>
      actionsAt(3 * minute, events).flatMap((action) => (action.type === 'settle' ? [action.reason] : []))
    expect(reasonOf([...waited, observedAt(2 * minute, 'A'), failed])).toEqual(['its run concluded failure'])
    expect(reasonOf([...waited, failed])).toEqual([
      'its run concluded failure after it waited for the approval of the environment production by alice',
    ])
  })

  test.each([
    ['a server error', failureOf()],
    ['a refused token', failureOf({ kind: 'unauthorized', message: 'Bad credentials', httpStatus: 401 })],
  ])('changes nothing if it cannot be read because of %s', async (_name, failure) => {
    const clock = new TestClock()
    const github = new ScriptedGitHub(clock, [readingOf('acme/A')])
    let reads = 0
    github.hooks.readPendingDeployments = () => {
      reads += 1
      return { ok: false, failure }
    }
    const begun = clock.now()
    github.scripts.set('acme/A', { lasts: 200 * minute })
    github.hooks.readRun = (_repo, id) => {
      const isWaiting = clock.now() < begun + 100 * minute
      return isWaiting ? Promise.resolve({ kind: 'run', run: runOf({ id, status: 'waiting' }) }) : undefined
    }
    const { run, events } = startDrive(github, clock, graphOf({ A: [] }, { job: { timeoutMs: 120 * minute } }))
    const { ending } = await clock.until(run.finished)
    expect(ending?.outcome).toBe('succeeded')
    expect(reads).toBe(1)
    expect(events().filter(({ type }) => type === 'pending-deployments-read')).toHaveLength(1)
  })

  test('is dropped if the run went on while it was read', async () => {
    const clock = new TestClock()
    const github = new ScriptedGitHub(clock, [readingOf('acme/A')])
    const begun = clock.now()
    github.hooks.readRun = (_repo, id) =>
      clock.now() < begun + 30_000 ? Promise.resolve({ kind: 'run', run: runOf({ id, status: 'waiting' }) }) : undefined
    const read = github.readPendingDeployments.bind(github)
    github.readPendingDeployments = async (repo) => {
      await clock.sleep(40_000)
      return read(repo)
    }
    const { run, events } = startDrive(github, clock, graphOf({ A: [] }))
    await clock.until(run.finished)
    expect(events().filter(({ type }) => type === 'pending-deployments-read')).toEqual([])
  })
})

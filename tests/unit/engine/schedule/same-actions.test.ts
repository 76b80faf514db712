import { describe, expect, test } from 'vitest'
import type { Event } from '../../../../src/model/build/events.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import { incrementalDeciderBroken } from '../../../simulation/agenda-laws.js'
import {
  claimed,
  diamond,
  dispatched,
  failureOf,
  graphOf,
  minute,
  observedAt,
  optionsOf,
  orchestrationId,
  planOf,
  pullRequestOf,
  readingOf,
  sha,
} from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const plan = planOf(graphOf(diamond))
const ids = ['A', 'B', 'C', 'D', 'E']
const claims = ids.map((id, index) => claimed(`acme/${id}`, index + 1))
const locked: DatedEvent = { type: 'earlier-heads-locked', locked: [], failures: [], at: 0 }
const runs = (job: string, at: number, runId: number): DatedEvent[] => [
  ...dispatched(job, runId).map((event) => ({ ...event, at })),
  observedAt(at + 2_000, job, { id: runId }),
]
const settled = (
  job: string,
  at: number,
  outcome: 'succeeded' | 'failed' | 'not-run' | 'cancelled' = 'succeeded',
): DatedEvent => ({
  type: 'job-settled',
  ...{ job, outcome, reason: '', at },
})
const read = (
  stage: 'while-building' | 'before-success' | 'after-success' | 'after-revocation',
  result: object,
  at: number,
): DatedEvent => ({ type: 'verified', stage, result, nextAt: at + 5_000, at }) as DatedEvent
const posts = (round: 'success' | 'closing' | 'revoke', at: number): DatedEvent[] =>
  ids.map((id, index) => ({ ...claimed(`acme/${id}`, 20 + index), round, at }) as DatedEvent)
const unchanged = { kind: 'unchanged', merged: [] }
const moved = { kind: 'moved', findings: [{ kind: 'head-moved', repo: 'acme/C', message: 'C moved' }] }

/** A, then B and C, then D, of which each takes ten seconds. */
const started = [
  ...claims,
  locked,
  ...runs('A', 0, 1),
  settled('A', 10_000),
  ...runs('B', 10_000, 2),
  ...runs('C', 10_100, 3),
]
const built = [
  ...[...started, settled('B', 20_000), settled('C', 20_100), ...runs('D', 20_100, 4), settled('D', 30_000)],
  ...[...runs('E', 30_000, 5), settled('E', 40_000)],
]

/** How the incremental decider differs from `decide` before and after each event. */
function differences(events: readonly DatedEvent[], options: Partial<RunOptions> = {}, of: Plan = plan): string[] {
  const start = {
    type: 'started',
    id: orchestrationId,
    plan: of,
    options: optionsOf(of.graph, options),
    at: 0,
  } as const
  return incrementalDeciderBroken([start, ...events] as Event[])
}

describe('the incremental decider decides as the plain one', () => {
  const reading = read('before-success', unchanged, 41_000)
  const failedSuccess: DatedEvent = {
    type: 'status-failed',
    ...{ repo: 'acme/B', headSha: sha('a'), round: 'success', failure: failureOf(), nextAt: 45_000, at: 42_000 },
  }

  test.each<[string, DatedEvent[], Partial<RunOptions>]>([
    [
      'a change is built and unlocked',
      [...built, reading, ...posts('success', 42_000), read('after-success', unchanged, 43_000)],
      {},
    ],
    [
      'jobs post their statuses',
      [...built, reading, ...posts('success', 42_000), read('after-success', unchanged, 43_000)],
      { recordJobs: true },
    ],
    ['one job runs at a time', built, { maxParallel: 1 }],
    ['two jobs run at a time', built, { maxParallel: 2 }],
    [
      'the deadline passes',
      [...started, observedAt(60_000, 'B', { id: 2 }), observedAt(61_000, 'C', { id: 3 })],
      { timeoutMs: minute },
    ],
    [
      'a success fails and is repeated',
      [...built, reading, failedSuccess, read('before-success', unchanged, 46_000), ...posts('success', 47_000)],
      {},
    ],
    [
      'a success is revoked',
      [
        ...built,
        reading,
        ...posts('success', 42_000),
        read('after-success', moved, 43_000),
        ...posts('revoke', 44_000),
        read('after-revocation', unchanged, 45_000),
      ],
      {},
    ],
    [
      'a build fails',
      [
        ...started,
        settled('B', 20_000, 'failed'),
        settled('C', 21_000, 'cancelled'),
        settled('D', 21_000, 'not-run'),
        settled('E', 21_000, 'not-run'),
        ...posts('closing', 22_000),
      ],
      {},
    ],
    [
      'a build fails with one job at a time',
      [...started, settled('B', 20_000, 'failed'), observedAt(20_500, 'C', { id: 3 })],
      { maxParallel: 1, failFast: false },
    ],
    [
      'the change moves',
      [
        ...started,
        read('while-building', moved, 15_000),
        read('while-building', moved, 20_000),
        observedAt(21_000, 'B', { id: 2 }),
      ],
      {},
    ],
    [
      'the change seems to move',
      [
        ...started,
        read('while-building', moved, 15_000),
        read('while-building', unchanged, 20_000),
        settled('B', 20_000),
        settled('C', 21_000),
      ],
      {},
    ],
    [
      'the process is interrupted',
      [
        ...started,
        { type: 'interrupted', signal: 'SIGINT', cause: 'signal', at: 15_000 },
        settled('B', 16_000, 'cancelled'),
        settled('C', 16_000, 'cancelled'),
        ...posts('closing', 17_000),
      ],
      {},
    ],
    [
      'the orchestration is cancelled',
      [
        ...started,
        { type: 'interrupted', signal: 'me', cause: 'cancel', at: 15_000 },
        observedAt(16_000, 'B', { id: 2 }),
      ],
      {},
    ],
    [
      'the process is killed and resumed',
      [
        ...started,
        { type: 'dispatch-requested', job: 'D', attempt: 1, serverTime: 0, at: 15_000 },
        { type: 'resumed', at: 50_000 },
        read('while-building', unchanged, 51_000),
        settled('B', 52_000),
        settled('C', 52_000),
      ],
      {},
    ],
    [
      'the token is refused',
      [
        ...started,
        {
          type: 'observation-failed',
          job: 'B',
          failure: failureOf({ kind: 'unauthorized' }),
          nextAt: 15_000,
          at: 14_000,
        },
        {
          type: 'observation-failed',
          job: 'B',
          failure: failureOf({ kind: 'unauthorized' }),
          nextAt: 16_000,
          at: 15_000,
        },
        { type: 'suspended', failure: failureOf(), at: 15_100 },
        { type: 'resumed', at: 20_000 },
      ],
      {},
    ],
    [
      'a dispatch has no answer',
      [
        ...claims,
        locked,
        { type: 'dispatch-requested', job: 'A', attempt: 1, serverTime: 0, at: 0 },
        { type: 'dispatch-ambiguous', job: 'A', attempt: 1, failure: failureOf(), at: 10 },
        { type: 'runs-listed', job: 'A', found: [], nextAt: 5_000, at: 3_000 },
        { type: 'listing-failed', job: 'A', failure: failureOf(), nextAt: 430_000, at: 6_000 },
        { ...claimed('acme/B', 2), at: 419_000 },
        { ...claimed('acme/B', 2), at: 430_000 },
      ],
      {},
    ],
    [
      'a claim is late',
      [
        claimed('acme/A', 1),
        {
          type: 'status-failed',
          repo: 'acme/B',
          headSha: sha('a'),
          round: 'claim',
          failure: failureOf(),
          nextAt: 9_000,
          at: 5_000,
        },
        claimed('acme/C', 3),
      ],
      { timeoutMs: 8_000 },
    ],
    [
      'a claim is refused',
      [
        claimed('acme/A', 1),
        { type: 'status-failed', repo: 'acme/B', headSha: sha('a'), round: 'claim', failure: failureOf(), at: 5_000 },
        claimed('acme/C', 3),
        claimed('acme/D', 4),
        claimed('acme/E', 5),
      ],
      {},
    ],
    [
      'a head is overtaken',
      [
        ...started,
        read('while-building', { kind: 'overtaken', repos: ['acme/A', 'acme/E'], by: ['other12345'] }, 15_000),
        claimed('acme/A', 9),
      ],
      {},
    ],
    [
      'a set is held',
      [
        ...built,
        read(
          'before-success',
          { kind: 'blocked', blockers: [{ kind: 'draft', repo: 'acme/A', number: 1, baseRef: 'main' }], merged: [] },
          41_000,
        ),
        ...posts('closing', 42_000),
      ],
      {},
    ],
  ])('while %s', (_, events, options) => {
    expect(differences(events, options)).toEqual([])
  })

  test('while a pull request joins', () => {
    const readings = ids.map((id) => readingOf(`acme/${id}`, id === 'C' ? { pullRequests: [] } : {}))
    const before = planOf(graphOf(diamond), { readings })
    const members = [{ repo: 'acme/C', pullRequests: [pullRequestOf('acme/C')], replaced: [], status: null }]
    const events = [
      ...claims.filter((_, index) => index !== 2),
      ...started.slice(6),
      read('while-building', { kind: 'joined', members, merged: [] }, 15_000),
      claimed('acme/C', 9),
    ]
    expect(differences(events, {}, before)).toEqual([])
  })

  test('while a person re-runs a failed run', () => {
    const failing = [
      ...started,
      observedAt(19_000, 'B', { id: 2, status: 'completed', conclusion: 'failure' }),
      settled('B', 20_000, 'failed'),
    ]
    const explained: DatedEvent = { type: 'failure-explained', job: 'B', explanation: null, failure: null, at: 20_100 }
    const rest = [settled('D', 20_100, 'not-run'), settled('E', 20_100, 'not-run')]
    const again: DatedEvent = {
      type: 'run-restarted',
      ...{
        job: 'B',
        run: { id: 2, headSha: sha('a'), status: 'in_progress', conclusion: null, runAttempt: 2, url: '' },
      },
      ...{ nextAt: 26_000, at: 21_000 },
    }
    expect(
      differences([...failing, explained, ...rest, again, settled('B', 25_000), settled('C', 26_000)], {
        failFast: false,
      }),
    ).toEqual([])
  })
})

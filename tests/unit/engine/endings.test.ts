import { describe, expect, test } from 'vitest'
import type { Action } from '../../../src/engine/build/decide/actions.js'
import { decide } from '../../../src/engine/build/decide/decide.js'
import type { JobOutcome } from '../../../src/model/build/state/job-state.js'
import type { Finding, VerificationResult, VerificationStage } from '../../../src/model/build/state/verification.js'
import type { Plan, RunOptions } from '../../../src/model/build/plan.js'
import type { Failure } from '../../../src/model/failure.js'
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
} from './fixtures.js'
import type { DatedEvent } from './fixtures.js'

const plan = planOf(graphOf({ A: [], B: ['A'] }))
const bare = planOf(graphOf({ A: [], B: ['A'] }), {
  readings: ['acme/A', 'acme/B'].map((repo) => readingOf(repo, { pullRequests: [] })),
})
const claims = [claimed('acme/A', 1), claimed('acme/B', 2)]
const locked: DatedEvent = { type: 'earlier-heads-locked', locked: [], failures: [], at: 1 }
const settled = (job: string, outcome: JobOutcome, at: number): DatedEvent => {
  return { type: 'job-settled', job, outcome, reason: 'so it is', at }
}
const built = [...claims, locked, settled('A', 'succeeded', 10), settled('B', 'succeeded', 20)]
const verified = (stage: VerificationStage, result: VerificationResult, at: number): DatedEvent => {
  return { type: 'verified', stage, result, nextAt: at + 1_000, at }
}
const unchanged = verified('before-success', { kind: 'unchanged', merged: [] }, 30)
const success = [claimed('acme/A', 3, 'success'), claimed('acme/B', 4, 'success')]

const now = 20 * minute
const decideAt = (events: DatedEvent[], options: Partial<RunOptions> = {}, of: Plan = plan): Action[] =>
  decide(fold(of, events, options), now)

/** The ending of the only action, or the round, state and text of the statuses to post. */
function ends(events: DatedEvent[], options: Partial<RunOptions> = {}, of: Plan = plan): unknown {
  const actions = decideAt(events, options, of)
  const [first] = actions
  if (first?.type === 'finish' && actions.length === 1) return first.ending
  return actions.map((action) =>
    action.type === 'post-status' ? `${action.round} ${action.repo} ${action.state} ${action.text}` : action.type,
  )
}

const ending = (outcome: string, reason: string, auth = false): unknown => ({ outcome, reason, auth })

describe('the ending of builds that succeeded', () => {
  test('an unlocked change, a change without pull requests, and one without statuses succeed with their reason', () => {
    const after = verified('after-success', { kind: 'unchanged', merged: [] }, 40)
    expect(ends([...built, unchanged, ...success, after])).toEqual(
      ending('succeeded', 'every build succeeded and every pull request of the change is unlocked'),
    )
    const bareBuilt = [settled('A', 'succeeded', 10), settled('B', 'succeeded', 20)]
    expect(ends([...bareBuilt, unchanged], {}, bare)).toEqual(
      ending('succeeded', 'every build succeeded; the change has no open pull request, so there was nothing to unlock'),
    )
    expect(ends(bareBuilt, { postStatus: false }, bare)).toEqual(
      ending('succeeded', 'every build succeeded; no status was posted, as requested'),
    )
  })

  test('a change whose pull requests were all merged at their tested commits succeeds', () => {
    const findings = ['acme/A', 'acme/B'].map((repo): Finding => ({ kind: 'pull-request-merged', repo, message: 'x' }))
    const merged = verified('before-success', { kind: 'unchanged', merged: findings }, 30)
    expect(ends([...built, merged])).toEqual(
      ending('succeeded', 'every build succeeded; the pull requests were already merged at their tested commits'),
    )
  })

  test('success names the number of repositories', () => {
    const text = 'ok, 2 repositories built together'
    expect(ends([...built, unchanged])).toEqual([`success acme/A success ${text}`, `success acme/B success ${text}`])
    const single = planOf(graphOf({ A: [] }))
    const events = [claimed('acme/A', 1), locked, settled('A', 'succeeded', 10), unchanged]
    expect(ends(events, {}, single)).toEqual(['success acme/A success ok, 1 repository built together'])
  })

  test('the claims name the number of jobs', () => {
    const text = 'pending building 2 jobs of DPTA-1'
    expect(ends([])).toEqual([`claim acme/A ${text}`, `claim acme/B ${text}`])
    expect(ends([], {}, planOf(graphOf({ A: [] })))).toEqual(['claim acme/A pending building 1 job of DPTA-1'])
  })
})

describe('a change that cannot be read before success', () => {
  const failure = (changes: Partial<Failure>): VerificationResult => ({
    kind: 'unreadable',
    failure: failureOf(changes),
  })
  const readings = (result: VerificationResult, last: number): DatedEvent[] => [
    verified('before-success', result, minute),
    verified('before-success', result, last),
  ]
  const closing = (text: string): unknown => [`closing acme/A error ${text}`, `closing acme/B error ${text}`]

  test('an unreadable change is read again for ten minutes', () => {
    const result = failure({})
    expect(decideAt([...built, ...readings(result, 11 * minute - 1_001)])).toMatchObject([{ type: 'verify' }])
    expect(ends([...built, ...readings(result, 11 * minute - 1_000)])).toEqual(
      closing('the change could not be read again: GitHub answered 502'),
    )
  })

  test.each(['forbidden', 'blocked'] as const)('a reading that is %s ends the orchestration at once', (kind) => {
    const text = 'the change could not be read again: no access'
    const refused = verified('before-success', failure({ kind, message: 'no access' }), minute)
    expect(ends([...built, refused])).toEqual(closing(text))
  })

  test('a change whose branch and pull request disagree is read again for ten minutes', () => {
    const result: VerificationResult = { kind: 'unsettled', reason: 'they disagree' }
    expect(decideAt([...built, ...readings(result, 11 * minute - 1_001)])).toMatchObject([{ type: 'verify' }])
    expect(ends([...built, ...readings(result, 11 * minute - 1_000)])).toEqual(
      closing('the state of the change is ambiguous: they disagree'),
    )
  })

  test('one reading that found the change moved is not enough before success, and enough after it', () => {
    const moved: VerificationResult = {
      kind: 'moved',
      findings: [{ kind: 'head-moved', repo: 'acme/A', message: 'A moved' }],
    }
    expect(decideAt([...built, verified('before-success', moved, minute)])).toMatchObject([{ type: 'verify' }])
    expect(ends([...built, ...readings(moved, 2 * minute)])).toEqual(closing('A moved'))
    const text = 'pending revoked: A moved'
    expect(ends([...built, unchanged, ...success, verified('after-success', moved, minute)])).toEqual([
      `revoke acme/A ${text}`,
      `revoke acme/B ${text}`,
    ])
  })
})

describe('a success that is refused', () => {
  const text = (reason: string): unknown =>
    ['acme/A', 'acme/B'].map((repo) => `revoke ${repo} pending revoked: ${reason}`)
  const revoked = ['acme/A', 'acme/B'].map((repo) => ({ ...claimed(repo, 5), round: 'revoke', at: 50 }) as DatedEvent)

  const lastReading = verified('after-revocation', { kind: 'unchanged', merged: [] }, 60)

  test('a withheld success takes the others back, and ends superseded', () => {
    const withheld: DatedEvent = {
      type: 'status-withheld',
      repo: 'acme/A',
      headSha: sha('a'),
      round: 'success',
      reason: 'a newer status',
      at: 40,
    }
    const posted = claimed('acme/B', 4, 'success')
    const reason = 'success was withheld on acme/A: a newer status'
    expect(ends([...built, unchanged, withheld, posted])).toEqual(text(reason))
    expect(ends([...built, unchanged, withheld, posted, ...revoked, lastReading])).toEqual(ending('superseded', reason))
  })

  test.each([
    ['server-error', false],
    ['forbidden', true],
    ['blocked', false],
  ] as const)('a success that fails with %s takes the others back, and ends in an unknown state', (kind, auth) => {
    const failed: DatedEvent = {
      type: 'status-failed',
      repo: 'acme/A',
      headSha: sha('a'),
      round: 'success',
      failure: failureOf({ kind, message: 'no' }),
      at: 40,
    }
    const posted = claimed('acme/B', 4, 'success')
    const reason = 'success could not be posted on acme/A, so it is revoked on every pull request: no'
    expect(ends([...built, unchanged, failed, posted, ...revoked, lastReading])).toEqual(
      ending('unknown', reason, auth),
    )
  })

  const refused: DatedEvent = {
    type: 'status-failed',
    repo: 'acme/A',
    headSha: sha('a'),
    round: 'success',
    failure: failureOf({ kind: 'invalid-request', message: 'no' }),
    at: 40,
  }
  const taken = [...built, unchanged, refused, claimed('acme/B', 4, 'success'), ...revoked]
  const reason = 'success could not be posted on acme/A, so it is revoked on every pull request: no'

  test('after the successes are taken back, the change is read once more for what was merged', () => {
    expect(decideAt(taken)).toMatchObject([{ type: 'verify', stage: 'after-revocation' }])
    const finding = {
      kind: 'pull-request-merged',
      repo: 'acme/B',
      message: 'acme/B#1 was merged',
      pullRequest: 1,
    } as const
    const merged = verified('after-revocation', { kind: 'unchanged', merged: [finding] }, 60)
    expect(ends([...taken, merged])).toEqual(
      ending('partially-merged', `acme/B#1 was merged, but the rest is locked: ${reason}; not merged: acme/A#1`),
    )
  })

  test('a change that cannot be read after the successes are taken back ends after a minute, and says what is not known', () => {
    const unreadable: VerificationResult = { kind: 'unreadable', failure: failureOf({ message: 'no answer' }) }
    const read = verified('after-revocation', unreadable, 60)
    expect(decideAt([...taken, read])).toMatchObject([{ type: 'verify', stage: 'after-revocation' }])
    const unknown = 'it is not known whether a pull request was merged meanwhile: no answer'
    expect(ends([...taken, read, verified('after-revocation', unreadable, 2 * minute)])).toEqual(
      ending('unknown', `${reason}; ${unknown}`),
    )
  })
})

describe('the ending of builds that did not succeed', () => {
  const closed = ['acme/A', 'acme/B'].map((repo) => ({ ...claimed(repo, 5), round: 'closing', at: 50 }) as DatedEvent)
  const result = (...events: DatedEvent[]): unknown => ends([...claims, locked, ...events, ...closed])
  const explained: DatedEvent = { type: 'failure-explained', job: 'A', explanation: null, failure: null, at: 12 }
  const withRun = [...dispatched('A'), observedAt(5, 'A')]

  test.each([
    ['cancelled', 'unknown', 'was cancelled'],
    ['timed-out', 'timed-out', 'timed out'],
    ['moved', 'superseded', 'moved'],
    ['lost', 'unknown', 'is lost'],
    ['unknown', 'unknown', 'ended in an unknown state'],
    ['failed', 'unknown', 'failed'],
  ] as const)('a job that settled as %s without a run ends the orchestration %s', (outcome, end, words) => {
    const events = [settled('A', outcome, 10), settled('B', 'not-run', 20)]
    expect(result(...events)).toEqual(ending(end, `A ${words}: so it is`))
  })

  test('a failed build ends the orchestration failed, even after a job that timed out', () => {
    const events = [...withRun, settled('A', 'failed', 10), explained, settled('B', 'timed-out', 5)]
    expect(result(...events)).toEqual(ending('failed', 'A failed: so it is'))
  })

  test('a job that was never started ends the orchestration timed out', () => {
    expect(result(settled('A', 'succeeded', 10), settled('B', 'not-run', 20))).toEqual(
      ending('timed-out', 'B was not started: the orchestration timed out'),
    )
  })

  test('the statuses say failure for a failed build, and error for everything else', () => {
    const failed = [...claims, locked, ...withRun, settled('A', 'failed', 10), explained, settled('B', 'not-run', 20)]
    expect(ends(failed)).toEqual(['acme/A', 'acme/B'].map((repo) => `closing ${repo} failure A failed: so it is`))
    const lost = [...claims, locked, settled('A', 'lost', 10), settled('B', 'not-run', 20)]
    expect(ends(lost)).toEqual(['acme/A', 'acme/B'].map((repo) => `closing ${repo} error A is lost: so it is`))
  })

  test('a closing status that fails is part of the reason', () => {
    const failed: DatedEvent = {
      type: 'status-failed',
      repo: 'acme/A',
      headSha: sha('a'),
      round: 'closing',
      failure: failureOf(),
      at: 50,
    }
    const [, second] = closed
    const events = [...claims, locked, settled('A', 'lost', 10), settled('B', 'not-run', 20), failed]
    expect(ends(second ? [...events, second] : events)).toEqual(
      ending('unknown', 'A is lost: so it is; the status on acme/A@a000000 is still pending'),
    )
    const both = [...events, { ...failed, repo: 'acme/B' }]
    expect(ends(both)).toEqual(
      ending('unknown', 'A is lost: so it is; the statuses on acme/A@a000000, acme/B@a000000 are still pending'),
    )
  })
})

describe('why a job is not started', () => {
  const reasons = (events: DatedEvent[], options: Partial<RunOptions> = {}): string[] =>
    decideAt([...claims, locked, ...events], options).flatMap((action) =>
      action.type === 'settle' ? [`${action.job}: ${action.reason}`] : [],
    )

  test.each([
    ['failed', 'A failed'],
    ['cancelled', 'A was cancelled'],
    ['timed-out', 'A timed out'],
    ['lost', 'A is lost'],
    ['unknown', 'A ended in an unknown state'],
    ['moved', 'the branch moved in the repository of A'],
  ] as const)('a job is not started after a job that settled as %s', (outcome, reason) => {
    expect(reasons([settled('A', outcome, 10)])).toEqual([`B: not started: ${reason}`])
  })

  test('a job is not started after the deadline, and after a run of another commit', () => {
    const reason = 'B: not started: the orchestration timed out'
    expect(reasons([settled('A', 'succeeded', 10)], { timeoutMs: now })).toEqual([reason])
    expect(reasons([settled('A', 'succeeded', 10)], { timeoutMs: now + 1 })).toEqual([])
    const moved = [...dispatched('A'), observedAt(now, 'A', { headSha: sha('b') })]
    expect(reasons(moved)).toEqual(['B: not started: the run of A builds another commit'])
  })

  test('nothing is built where a head could not be locked', () => {
    const refused: DatedEvent = {
      type: 'status-failed',
      repo: 'acme/B',
      headSha: sha('a'),
      round: 'claim',
      failure: failureOf({ kind: 'forbidden', message: 'no access' }),
      at: 5,
    }
    const events = [claimed('acme/A', 1), refused]
    expect(decideAt(events)).toMatchObject(['A', 'B'].map((job) => ({ type: 'settle', job, reason: 'not started' })))
    const settledAll = [settled('A', 'not-run', 10), settled('B', 'not-run', 10)]
    const reason = 'nothing was built, because acme/B could not be locked: no access'
    expect(ends([...events, ...settledAll])).toEqual([
      `closing acme/A error ${reason}`,
      `closing acme/B error ${reason}`,
    ])
    const closing = ['acme/A', 'acme/B'].map(
      (repo) => ({ ...claimed(repo, 5), round: 'closing', at: 50 }) as DatedEvent,
    )
    expect(ends([...events, ...settledAll, ...closing])).toMatchObject({ outcome: 'unknown', auth: true })
  })
})

import { describe, expect, test } from 'vitest'
import { decide } from '../../../../src/engine/build/decide/decide.js'
import { apply } from '../../../../src/engine/build/state/apply.js'
import type { Action } from '../../../../src/engine/build/decide/actions.js'
import type { Failure } from '../../../../src/model/failure.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import type { PostRound } from '../../../../src/model/build/state/post-state.js'
import type { Finding, VerificationResult, VerificationStage } from '../../../../src/model/build/state/verification.js'
import type { MergeBlocker } from '../../../../src/model/merge-blocker.js'
import {
  claimed,
  dispatched,
  failureOf,
  fold,
  graphOf,
  minute,
  planOf,
  pullRequestOf,
  readingOf,
  sha,
} from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const plan = planOf(graphOf({ A: [], B: [] }))
const now = 60 * minute
const built: DatedEvent[] = [
  claimed('acme/A', 1),
  claimed('acme/B', 2),
  { type: 'earlier-heads-locked', locked: [], failures: [], at: 1 },
  ...['A', 'B'].map((job): DatedEvent => ({ type: 'job-settled', job, outcome: 'succeeded', reason: '', at: 10 })),
]
const read = (stage: VerificationStage, result: VerificationResult, at: number, nextAt = at + 1_000): DatedEvent => ({
  type: 'verified',
  ...{ stage, result, nextAt, at },
})
const unchanged = read('before-success', { kind: 'unchanged', merged: [] }, 30)
const success = [claimed('acme/A', 3, 'success'), claimed('acme/B', 4, 'success')]
const posts = (round: PostRound): DatedEvent[] =>
  ['A', 'B'].map((id) => ({ ...claimed(`acme/${id}`, 9), round }) as DatedEvent)
const failed = (repo: string, at: number, nextAt?: number): DatedEvent => ({
  type: 'status-failed',
  ...{ repo, headSha: sha('a'), round: 'success', failure: failureOf({ message: 'no answer' }) },
  ...(nextAt === undefined ? {} : { nextAt }),
  at,
})
const asked = (repo: string, at: number): DatedEvent => ({
  type: 'status-requested',
  ...{ repo, headSha: sha('a'), round: 'success', state: 'success', description: '' },
  at,
})

const decideAt = (events: DatedEvent[], at = now, of: Plan = plan, options: Partial<RunOptions> = {}): Action[] =>
  decide(fold(of, [...built, ...events], options), at)
/** One text for each action. */
const actions = (events: DatedEvent[], at = now, of: Plan = plan): string[] =>
  decideAt(events, at, of).map((action) => {
    if (action.type === 'verify') return `verify ${action.stage} at ${action.at}`
    if (action.type === 'post-status')
      return `${action.round} ${action.repo} ${action.state} at ${action.at}: ${action.text}`
    return action.type === 'finish' ? `finish ${action.ending.outcome}: ${action.ending.reason}` : action.type
  })

const draft: MergeBlocker = { kind: 'draft', repo: 'acme/A', number: 1, baseRef: 'main' }
const unknown: MergeBlocker = { kind: 'unknown', repo: 'acme/B', number: 1, baseRef: 'main' }
const blocked = (blockers: MergeBlocker[], merged: Finding[] = []): VerificationResult => ({
  kind: 'blocked',
  blockers,
  merged,
})
const merge = (repo: string, pullRequest = 1): Finding => ({
  kind: 'pull-request-merged',
  ...{ repo, message: `${repo}#${pullRequest} was merged`, pullRequest },
})
const head: Finding = { kind: 'head-moved', repo: 'acme/B', message: 'B moved' }

describe('a set that is held', () => {
  const reason = 'every build succeeded, but no pull request is unlocked: acme/A#1 is a draft'

  test('every head says what the set waits for, and the reason names it', () => {
    const held = read('before-success', blocked([draft]), 30)
    expect(actions([held])).toEqual(
      ['A', 'B'].map((id) => `closing acme/${id} pending at ${now}: tested; waits for A#1: draft`),
    )
    expect(actions([held, ...posts('closing')])).toEqual([`finish held: ${reason}`])
  })

  test('a mergeability that is not known is waited for one minute from the first reading without it', () => {
    const first = read('before-success', blocked([unknown]), 1_000, 31_000)
    expect(actions([first])).toEqual(['verify before-success at 31000'])
    const late = read('before-success', blocked([unknown]), 1_000, 200_000)
    expect(actions([late])).toEqual(['verify before-success at 61000'])
    const again = read('before-success', blocked([unknown]), 60_999, 90_000)
    expect(actions([first, again])).toEqual(['verify before-success at 61000'])
    const last = read('before-success', blocked([unknown]), 61_000, 90_000)
    expect(actions([first, last, ...posts('closing')])).toEqual([
      'finish held: every build succeeded, but no pull request is unlocked: GitHub has not computed whether acme/B#1 can be merged',
    ])
  })

  test('a mergeability that was known meanwhile is waited for from the beginning', () => {
    const first = read('before-success', blocked([unknown]), 1_000)
    const known = read('before-success', { kind: 'unsettled', reason: '' }, 50_000)
    const again = read('before-success', blocked([unknown]), 100_000, 130_000)
    expect(actions([first, known, again])).toEqual(['verify before-success at 130000'])
  })

  test('what is missing beside a draft is not waited for, and both are named', () => {
    const both = read('before-success', blocked([draft, unknown]), 30)
    expect(actions([both, ...posts('closing')])).toEqual([
      `finish held: ${reason}; GitHub has not computed whether acme/B#1 can be merged`,
    ])
  })

  test('a set that is held after success is locked again, with the same text', () => {
    const after = [unchanged, ...success, read('after-success', blocked([draft]), 40)]
    expect(actions(after)).toEqual(
      ['A', 'B'].map((id) => `revoke acme/${id} pending at ${now}: tested; waits for A#1: draft`),
    )
    const last = read('after-revocation', { kind: 'unchanged', merged: [] }, 50)
    expect(actions([...after, ...posts('revoke'), last])).toEqual([`finish held: ${reason}`])
  })

  test('a set of which a part was merged before it is held is partially merged', () => {
    const held = read('before-success', blocked([{ ...draft, repo: 'acme/B' }], [merge('acme/A')]), 30)
    expect(actions([held, ...posts('closing')])).toEqual([
      'finish partially-merged: acme/A#1 was merged, but the rest stays locked: acme/B#1 is a draft; not merged: acme/B#1',
    ])
  })

  test('a set whose pull requests were all merged beside a member without one is partially merged', () => {
    const blocker: MergeBlocker = { kind: 'no-pull-request', repo: 'acme/B', number: null, baseRef: null }
    const held = read('before-success', blocked([blocker], [merge('acme/A'), merge('acme/B')]), 30)
    expect(decideAt([held, ...posts('closing')])).toMatchObject([{ ending: { auth: false } }])
    expect(actions([held, ...posts('closing')])).toEqual([
      'finish partially-merged: acme/A#1 was merged; acme/B#1 was merged, but the rest stays locked: acme/B has no pull request',
    ])
  })
})

describe('the reading before success', () => {
  test('it waits until the earlier heads of the branch are locked', () => {
    const unlocked = built.filter(({ type }) => type !== 'earlier-heads-locked')
    expect(decide(fold(plan, unlocked), now)).toEqual([{ type: 'lock-earlier-heads', at: now }])
    expect(decide(fold(plan, unlocked, { postStatus: false }), now)).toMatchObject([{ type: 'finish' }])
  })

  test('it is made at once, and repeated when it says so', () => {
    expect(actions([])).toEqual([`verify before-success at ${now}`])
    const unread: VerificationResult = { kind: 'unreadable', failure: failureOf() }
    expect(actions([read('before-success', unread, now, now + 3_000)])).toEqual([
      `verify before-success at ${now + 3_000}`,
    ])
    const moved: VerificationResult = { kind: 'moved', findings: [head] }
    expect(actions([read('before-success', moved, now, now + 3_000)])).toEqual([
      `verify before-success at ${now + 3_000}`,
    ])
  })

  test('it is made again as soon as an overtaken head is claimed', () => {
    const overtaken = read('before-success', { kind: 'overtaken', repos: ['acme/A'], by: ['other12345'] }, 30, 9_000)
    expect(actions([overtaken], 500)).toEqual(['claim acme/A pending at 500: building 2 jobs of DPTA-1'])
    expect(actions([overtaken, claimed('acme/A', 7)], 500)).toEqual(['verify before-success at 500'])
  })

  test.each([
    [['other12345'], 'an older orchestration (other12345) kept posting on the change'],
    [['other12345', 'other67890'], 'older orchestrations (other12345, other67890) kept posting on the change'],
  ])('an orchestration that %j keeps overtaking gives up after ten minutes', (by, reason) => {
    const overtaken = (at: number): DatedEvent[] => [
      read('before-success', { kind: 'overtaken', repos: ['acme/A'], by }, at),
      claimed('acme/A', 7),
    ]
    const at = 10 * minute + 30 - 1_000
    expect(actions([...overtaken(30), ...overtaken(at - 1)])).toEqual([`verify before-success at ${now}`])
    expect(actions([...overtaken(30), ...overtaken(at), ...posts('closing')])).toEqual([`finish unknown: ${reason}`])
  })

  test('a refused reading ends the orchestration for want of permission, and an unreadable one does not', () => {
    const ending = (failure: Partial<Failure>, last: number): unknown => {
      const result: VerificationResult = { kind: 'unreadable', failure: failureOf(failure) }
      const [action] = decideAt([
        read('before-success', result, 30),
        read('before-success', result, last),
        ...posts('closing'),
      ])
      return action?.type === 'finish' ? action.ending : action?.type
    }
    expect(ending({ kind: 'forbidden', message: 'no access' }, 40)).toEqual({
      outcome: 'unknown',
      reason: 'the change could not be read again: no access',
      auth: true,
    })
    expect(ending({}, 40)).toBe('verify')
    expect(ending({}, 20 * minute)).toMatchObject({ outcome: 'unknown', auth: false })
  })

  test('a change whose state is ambiguous for ten minutes ends without want of permission', () => {
    const ambiguous = (at: number) => read('before-success', { kind: 'unsettled', reason: 'they disagree' }, at)
    expect(decideAt([ambiguous(30), ambiguous(20 * minute), ...posts('closing')])).toMatchObject([
      { ending: { outcome: 'unknown', auth: false, reason: 'the state of the change is ambiguous: they disagree' } },
    ])
  })

  test('a merge beside a move counts where nothing was unlocked, and is read again where something was', () => {
    const moved: VerificationResult = { kind: 'moved', findings: [merge('acme/A'), head] }
    const twice = [read('before-success', moved, 30), read('before-success', moved, 40)]
    expect(actions([...twice, ...posts('closing')])).toEqual([
      'finish partially-merged: acme/A#1 was merged, but the rest of the change moved: B moved; not merged: acme/B#1',
    ])
    expect(actions([unchanged, ...success, read('after-success', moved, 50)])).toEqual(
      ['A', 'B'].map((id) => `revoke acme/${id} pending at ${now}: revoked: B moved`),
    )
  })
})

describe('the success of each head', () => {
  const text = 'ok, 2 repositories built together'

  test('it is posted on every head with an open pull request, and on no other', () => {
    expect(actions([unchanged])).toEqual(['A', 'B'].map((id) => `success acme/${id} success at ${now}: ${text}`))
    const merged = read('before-success', { kind: 'unchanged', merged: [merge('acme/A')] }, 30)
    expect(actions([merged])).toEqual([`success acme/B success at ${now}: ${text}`])
    const two = [pullRequestOf('acme/A'), pullRequestOf('acme/A', { number: 2, baseRef: 'release' })]
    const wide = planOf(graphOf({ A: [], B: [] }), {
      readings: [readingOf('acme/A', { pullRequests: two }), readingOf('acme/B')],
    })
    expect(actions([merged], now, wide)).toHaveLength(2)
    const all = read('before-success', { kind: 'unchanged', merged: [merge('acme/A'), merge('acme/A', 2)] }, 30)
    expect(actions([all], now, wide)).toHaveLength(1)
  })

  test('a success that failed is posted again after another reading, and nothing else is begun until then', () => {
    const at = now - 5_000
    const events = [unchanged, failed('acme/A', at, at + 2_000)]
    expect(actions(events)).toEqual([`verify before-success at ${now}`])
    expect(actions(events, at)).toEqual([`verify before-success at ${at + 2_000}`])
    const reread = read('before-success', { kind: 'unchanged', merged: [] }, at + 2_500)
    expect(actions([...events, reread])).toEqual([`success acme/A success at ${now}: ${text}`])
    expect(actions([...events, reread, claimed('acme/A', 5, 'success')])).toEqual([
      `success acme/B success at ${now}: ${text}`,
    ])
  })

  test('the reading waits until no success is in flight, and a reading that ended with the failure does not count', () => {
    const at = now - 5_000
    const events = [unchanged, asked('acme/B', at - 10), failed('acme/A', at, at + 2_000)]
    expect(actions(events)).toEqual([`success acme/B success at ${now}: ${text}`])
    const same = read('before-success', { kind: 'unchanged', merged: [] }, at)
    expect(actions([unchanged, failed('acme/A', at, at + 2_000), same])).toEqual([`verify before-success at ${now}`])
  })

  test('a success that is not repeated takes the others back once none is in flight', () => {
    const reason = 'success could not be posted on acme/A, so it is revoked on every pull request: no answer'
    expect(actions([unchanged, asked('acme/B', 50), failed('acme/A', 60)])).toEqual([
      `success acme/B success at ${now}: ${text}`,
    ])
    expect(actions([unchanged, claimed('acme/B', 4, 'success'), failed('acme/A', 60)])).toEqual(
      ['A', 'B'].map((id) => `revoke acme/${id} pending at ${now}: revoked: ${reason}`),
    )
  })

  test('a success that a killed process requested is not waited for, and is posted again after the change was read', () => {
    const resumed: DatedEvent = { type: 'resumed', at: 100 }
    const events = [unchanged, asked('acme/A', 50), resumed]
    expect(actions(events)).toEqual([`verify before-success at ${now}`])
    const reread = read('before-success', { kind: 'unchanged', merged: [] }, 200)
    expect(actions([...events, reread], 300)).toEqual([
      `success acme/A success at 30050: ${text}`,
      `success acme/B success at 300: ${text}`,
    ])
  })

  test('an end without success before anything was unlocked closes the heads, and revokes them afterwards', () => {
    const unread: VerificationResult = {
      kind: 'unreadable',
      failure: failureOf({ kind: 'forbidden', message: 'no access' }),
    }
    expect(actions([read('before-success', unread, 30)])[0]).toMatch(/^closing acme\/A error/u)
    const after = [
      unchanged,
      claimed('acme/A', 3, 'success'),
      failed('acme/B', 40, 90),
      read('before-success', unread, 100),
    ]
    expect(actions(after)[0]).toMatch(/^revoke acme\/A pending/u)
  })
})

describe('the reading after success', () => {
  test('it is made at once, and ends the orchestration where nothing moved', () => {
    expect(actions([unchanged, ...success])).toEqual([`verify after-success at ${now}`])
    expect(actions([unchanged, ...success, read('after-success', { kind: 'unchanged', merged: [] }, 50)])).toEqual([
      'finish succeeded: every build succeeded and every pull request of the change is unlocked',
    ])
  })

  test('a change that was unlocked before is not read, and says so', () => {
    const jobs = built.slice(3)
    const ends = (of: Plan): unknown => decide(fold({ ...of, isUnlocked: true }, jobs), now)
    expect(ends(plan)).toMatchObject([
      {
        ending: {
          outcome: 'succeeded',
          reason: 'already built and unlocked: nothing was dispatched, nothing was posted',
        },
      },
    ])
    const bare = planOf(graphOf({ A: [], B: [] }), {
      readings: ['A', 'B'].map((id) => readingOf(`acme/${id}`, { pullRequests: [] })),
    })
    expect(ends(bare)).toMatchObject([
      { ending: { reason: 'already built; the change has no open pull request, so there was nothing to unlock' } },
    ])
  })
})

describe('the reading after a revocation', () => {
  const reason = 'success could not be posted on acme/A, so it is revoked on every pull request: no answer'
  const revoked = [unchanged, claimed('acme/B', 4, 'success'), failed('acme/A', 60), ...posts('revoke')]
  const last = (result: VerificationResult, at: number): DatedEvent => read('after-revocation', result, at)
  const unread = (failure: Partial<Failure> = {}): VerificationResult => ({
    kind: 'unreadable',
    failure: failureOf({ message: 'no reply', ...failure }),
  })

  test('it is made at once', () => {
    expect(actions(revoked)).toEqual([`verify after-revocation at ${now}`])
  })

  test('it is repeated for a minute while it fails or is ambiguous', () => {
    const ambiguous: VerificationResult = { kind: 'unsettled', reason: 'they disagree' }
    for (const result of [unread(), ambiguous]) {
      expect(actions([...revoked, last(result, 100), last(result, 59_099)])).toEqual([
        'verify after-revocation at 60099',
      ])
    }
    const unknown = 'it is not known whether a pull request was merged meanwhile'
    expect(actions([...revoked, last(ambiguous, 100), last(ambiguous, 59_100)])).toEqual([
      `finish unknown: ${reason}; ${unknown}: they disagree`,
    ])
    expect(actions([...revoked, last(unread(), 100), last(unread(), 59_100)])).toEqual([
      `finish unknown: ${reason}; ${unknown}: no reply`,
    ])
  })

  test('a refusal ends it at once', () => {
    expect(actions([...revoked, last(unread({ kind: 'forbidden' }), 100)])[0]).toMatch(
      /^finish unknown: .*: no reply$/u,
    )
  })

  test.each<[string, DatedEvent[]]>([
    ['this reading', [last({ kind: 'unchanged', merged: [merge('acme/B')] }, 100)]],
    ['a move that this reading shows', [last({ kind: 'moved', findings: [merge('acme/B'), head] }, 100)]],
    ['a set that is blocked', [last(blocked([draft], [merge('acme/B')]), 100)]],
    [
      'an earlier reading',
      [
        read('while-building', { kind: 'unchanged', merged: [merge('acme/B')] }, 20),
        last({ kind: 'unchanged', merged: [merge('acme/B')] }, 100),
      ],
    ],
    [
      'an earlier reading, although this one fails',
      [
        read('while-building', { kind: 'unchanged', merged: [merge('acme/B')] }, 20),
        last(unread({ kind: 'forbidden' }), 100),
      ],
    ],
  ])('a pull request that was merged before is found by %s', (_, readings) => {
    expect(actions([...revoked, ...readings])).toEqual([
      `finish partially-merged: acme/B#1 was merged, but the rest is locked: ${reason}; not merged: acme/A#1`,
    ])
  })

  test('a change that moved after it was locked ends as it would have without the move', () => {
    expect(actions([...revoked, last({ kind: 'moved', findings: [head] }, 100)])).toEqual([`finish unknown: ${reason}`])
    const all = last({ kind: 'unchanged', merged: [merge('acme/A'), merge('acme/B')] }, 100)
    expect(actions([...revoked, all])).toEqual([`finish unknown: ${reason}`])
  })
})

describe('the verdict of the builds', () => {
  const settled = (job: string, outcome: 'failed' | 'unknown' | 'not-run', at: number): DatedEvent => ({
    type: 'job-settled',
    ...{ job, outcome, reason: 'so it is' },
    at,
  })
  const begun = built.slice(0, 3)
  const ends = (events: DatedEvent[]): unknown => {
    const [action] = decide(fold(plan, [...begun, ...events, ...posts('closing')]), now)
    return action?.type === 'finish' ? action.ending : action
  }

  test('a refused dispatch for want of permission says so', () => {
    const refused = (kind: Failure['kind']): DatedEvent[] => [
      { type: 'dispatch-requested', job: 'A', attempt: 1, serverTime: 0, at: 5 },
      { type: 'dispatch-refused', job: 'A', attempt: 1, failure: failureOf({ kind, message: 'no access' }), at: 6 },
      settled('B', 'not-run', 20),
    ]
    const reason = 'A failed: GitHub refused the dispatch: no access'
    expect(ends(refused('forbidden'))).toEqual({ outcome: 'unknown', reason, auth: true })
    expect(ends(refused('not-found'))).toEqual({ outcome: 'unknown', reason, auth: false })
  })

  test('of several jobs without success the one that settled first is the reason', () => {
    expect(ends([settled('A', 'unknown', 30), settled('B', 'unknown', 20)])).toMatchObject({
      reason: 'B ended in an unknown state: so it is',
    })
  })

  test('a failed build is the reason, even after a job whose outcome is unknown', () => {
    const failedRun = [...dispatched('B', 8), settled('B', 'failed', 30)]
    const explained: DatedEvent = { type: 'failure-explained', job: 'B', explanation: null, failure: null, at: 40 }
    expect(ends([settled('A', 'unknown', 20), ...failedRun, explained])).toMatchObject({
      outcome: 'failed',
      reason: 'B failed: so it is',
    })
  })

  test('a move that is found after the verdict was first asked for counts', () => {
    const moved = (at: number) => read('while-building', { kind: 'moved', findings: [head] }, at)
    const before = fold(plan, [...begun, settled('A', 'unknown', 20), settled('B', 'not-run', 20), ...posts('closing')])
    expect(decide(before, now)).toMatchObject([{ ending: { outcome: 'unknown' } }])
    const after = [moved(30), moved(40)].reduce(apply, before)
    expect(decide(after, now)).toMatchObject([{ ending: { outcome: 'superseded' } }])
  })

  test('a change that moved while it was built is superseded, whatever its jobs did', () => {
    const moved = (at: number): DatedEvent => read('while-building', { kind: 'moved', findings: [head] }, at)
    expect(ends([moved(12), moved(15), settled('A', 'unknown', 20), settled('B', 'not-run', 20)])).toEqual({
      outcome: 'superseded',
      reason: 'B moved',
      auth: false,
    })
  })
})

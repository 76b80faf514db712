import { describe, expect, test } from 'vitest'
import { watchDelay } from '../../../../src/engine/build/state/delays.js'
import type { Orchestration } from '../../../../src/model/build/orchestration.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import type {
  JoiningMember,
  VerificationResult,
  VerificationStage,
} from '../../../../src/model/build/state/verification.js'
import {
  claimed,
  failureOf,
  fold,
  graphOf,
  minute,
  planOf,
  pullRequestOf,
  readingOf,
  sha,
  statusOf,
} from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const plan = planOf(graphOf({ A: [], B: ['A'] }))
const options: Partial<RunOptions> = { timeoutMs: 60 * minute }
const after = (events: DatedEvent[], of: Plan = plan): Orchestration => fold(of, events, options)

function verified(stage: VerificationStage, result: VerificationResult, at: number): DatedEvent {
  return { type: 'verified', stage, result, nextAt: at + 1, at }
}

describe('the readings of a change', () => {
  const head = { kind: 'head-moved', repo: 'acme/A', message: '' } as const
  const moved: VerificationResult = { kind: 'moved', findings: [head] }
  const unchanged: VerificationResult = { kind: 'unchanged', merged: [] }

  test('each stage counts its readings, from its first one', () => {
    const { verifications } = after([
      verified('while-building', unchanged, 5),
      verified('while-building', moved, 9),
      verified('before-success', moved, 11),
    ])
    expect(verifications['while-building']).toEqual({
      since: 5,
      count: 2,
      result: moved,
      movedInARow: 1,
      readAt: 9,
      unknownSince: null,
      nextAt: 10,
    })
    expect(verifications['before-success']).toMatchObject({ since: 11, count: 1 })
  })

  test('readings that find a move count only in a row', () => {
    const row = (...results: VerificationResult[]): unknown =>
      after(results.map((result, index) => verified('while-building', result, index))).verifications['while-building']
        ?.movedInARow
    expect([row(moved, moved), row(moved, unchanged), row(moved, unchanged, moved)]).toEqual([2, 0, 1])
  })

  test('a mergeability is unknown from the first reading in a row that does not know it', () => {
    const blocked = (kind: 'unknown' | 'draft'): VerificationResult => ({
      kind: 'blocked',
      blockers: [{ kind, repo: 'acme/A', number: 1, baseRef: 'main' }],
      merged: [],
    })
    const since = (...results: VerificationResult[]): unknown =>
      after(results.map((result, index) => verified('before-success', result, index + 5))).verifications[
        'before-success'
      ]?.unknownSince
    expect([
      since(blocked('unknown'), blocked('unknown')),
      since(blocked('draft')),
      since(blocked('unknown'), unchanged),
    ]).toEqual([5, null, null])
  })

  test('the earlier heads of several searches are put together', () => {
    const heads = (letter: string, targets?: number): DatedEvent => ({
      type: 'earlier-heads-locked',
      ...{ locked: [{ repo: 'acme/A', headSha: sha(letter) }], failures: [failureOf({ message: letter })], at: 5 },
      ...(targets === undefined ? {} : { targets }),
    })
    expect(after([heads('1'), heads('2', 3)]).earlierHeads).toEqual({
      locked: ['1', '2'].map((letter) => ({ repo: 'acme/A', headSha: sha(letter) })),
      failures: ['1', '2'].map((letter) => failureOf({ message: letter })),
      targets: 3,
    })
  })

  test('the delay between readings during the builds is 20 to 26 s, and differs', () => {
    const delays = Array.from({ length: 200 }, (_, count) => watchDelay(count, 'seed'))
    for (const delay of delays) expect(delay).toBeGreaterThanOrEqual(20_000)
    for (const delay of delays) expect(delay).toBeLessThanOrEqual(26_000)
    expect(new Set(delays).size).toBeGreaterThan(150)
  })
})

describe('pull requests that join', () => {
  const graph = { ...graphOf({ A: [], B: [] }), membersWithoutPullRequest: 'hold' as const }
  const status = statusOf({ id: 4 })
  const readings = [readingOf('acme/A'), readingOf('acme/B', { pullRequests: [], isAhead: true, status })]
  const before = planOf(graph, { readings })
  const second = pullRequestOf('acme/A', { number: 2 })
  const joined = (members: JoiningMember[], stage: VerificationStage = 'while-building'): DatedEvent =>
    verified(stage, { kind: 'joined', members, merged: [] }, 100)
  const ofB: JoiningMember = { repo: 'ACME/b', pullRequests: [pullRequestOf('acme/B')], replaced: [], status }
  const base = [claimed('acme/A', 1), verified('before-success', { kind: 'unchanged', merged: [] }, 90)]

  test('a member without a pull request becomes a target, and the warning about it goes', () => {
    const { plan: joinedPlan, posts, verifications } = after([...base, joined([ofB])], before)
    expect(before.warnings).toHaveLength(1)
    expect(joinedPlan.warnings).toEqual([])
    expect(joinedPlan.members[1]).toEqual({
      repo: 'acme/B',
      headSha: sha('a'),
      pullRequests: [pullRequestOf('acme/B')],
      defaultBranch: 'main',
    })
    expect(joinedPlan.targets.map(({ repo }) => repo)).toEqual(['acme/A', 'acme/B'])
    expect(joinedPlan.targets[1]).toEqual({
      repo: 'acme/B',
      headSha: sha('a'),
      pullRequests: [pullRequestOf('acme/B')],
      status,
      claimedBy: null,
      isJoined: true,
    })
    expect(posts.get('acme/a')).toMatchObject({ claim: { phase: 'posted' } })
    expect(posts.get('acme/b')).toBeUndefined()
    expect(verifications['before-success']).toBeUndefined()
  })

  test('a pull request of a target is added to it, and replaces a closed one', () => {
    const pullsAfter = (replaced: number[]): unknown =>
      after(
        [...base, joined([{ repo: 'acme/A', pullRequests: [second], replaced, status: null }])],
        before,
      ).plan.targets[0]?.pullRequests.map(({ number }) => number)
    expect([pullsAfter([]), pullsAfter([1])]).toEqual([[1, 2], [2]])
    const { plan: same, warnings } = ((state) => ({ plan: state.plan, warnings: state.plan.warnings }))(
      after([...base, joined([{ repo: 'acme/A', pullRequests: [second], replaced: [], status: null }])], before),
    )
    expect(same.targets).toHaveLength(1)
    expect(same.targets[0]).not.toHaveProperty('isJoined')
    expect(warnings).toEqual(before.warnings)
  })

  test('a reading before success that finds them is the one that is repeated', () => {
    const state = after([...base, joined([ofB], 'before-success')], before)
    expect(state.verifications['before-success']?.result.kind).toBe('joined')
  })
})

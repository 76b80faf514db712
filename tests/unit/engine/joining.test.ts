import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/engine/build/decide/decide.js'
import type {
  JoiningMember,
  VerificationResult,
  VerificationStage,
} from '../../../src/model/build/state/verification.js'
import {
  claimed,
  dispatched,
  failureOf,
  fold,
  graphOf,
  minute,
  observedAt,
  planOf,
  pullRequestOf,
  readingOf,
  sha,
} from './fixtures.js'
import type { DatedEvent } from './fixtures.js'

/** A and C have a pull request, B has none. */
const plan = planOf(graphOf({ A: [], B: [], C: [] }), {
  readings: [readingOf('acme/A'), readingOf('acme/B', { pullRequests: [], isAhead: true }), readingOf('acme/C')],
})
const claims = [claimed('acme/A', 1), claimed('acme/C', 2)]
const building = [
  ...claims,
  ...['A', 'B', 'C'].flatMap((job, index) => [...dispatched(job, index), observedAt(100, job, { id: index })]),
]
const built = [
  ...building,
  ...['A', 'B', 'C'].map((job): DatedEvent => ({
    type: 'job-settled',
    at: 150,
    job,
    outcome: 'succeeded',
    reason: 'its run',
  })),
]
const earlierHeads: DatedEvent = { type: 'earlier-heads-locked', at: 0, locked: [], failures: [] }
const second = pullRequestOf('acme/B', { number: 2 })
const joining: JoiningMember = { repo: 'acme/B', pullRequests: [second], replaced: [], status: null }

function verified(at: number, stage: VerificationStage, result: VerificationResult): DatedEvent {
  return { type: 'verified', at, stage, result, nextAt: at + 20_000 }
}

function joined(at: number, stage: VerificationStage = 'while-building', members = [joining]): DatedEvent {
  return verified(at, stage, { kind: 'joined', members, merged: [] })
}

const unchanged: VerificationResult = { kind: 'unchanged', merged: [] }

/** The actions that are due, without the readings of runs. */
function due(events: DatedEvent[], now: number): string[] {
  return decide(fold(plan, events), now)
    .filter(({ type, at }) => type !== 'observe' && at <= now)
    .map((action) => {
      if (action.type === 'post-status') return `${action.round} ${action.repo} over ${action.over}`
      if (action.type === 'verify') return `verify ${action.stage}`
      return action.type === 'finish' ? `${action.ending.outcome}: ${action.ending.reason}` : action.type
    })
}

describe('a pull request that joins the change', () => {
  test('a joined pull request belongs to its member and its target, in the order of the graph', () => {
    const { members, targets, warnings } = fold(plan, [...building, joined(200)]).plan
    expect(members[1]).toEqual({ repo: 'acme/B', headSha: sha('a'), defaultBranch: 'main', pullRequests: [second] })
    expect(plan.warnings).toEqual([expect.stringContaining('acme/B has commits of this branch, but no pull request')])
    expect(warnings).toEqual([])
    expect(targets.map(({ repo }) => repo)).toEqual(['acme/A', 'acme/B', 'acme/C'])
    expect(targets[1]).toMatchObject({ pullRequests: [second], status: null, claimedBy: null, isJoined: true })
  })

  test('a pull request that replaces a closed one takes its place at a head that is already claimed', () => {
    const third = pullRequestOf('acme/A', { number: 3 })
    const member = { ...joining, repo: 'acme/A', pullRequests: [third], replaced: [1] }
    const after = fold(plan, [...building, earlierHeads, joined(200, 'while-building', [member])])
    expect(after.plan.targets[0]?.pullRequests).toEqual([third])
    expect(after.plan.members[0]?.pullRequests).toEqual([third])
    expect(due([...building, earlierHeads, joined(200, 'while-building', [member])], 200)).toEqual([])
  })

  test('a joined head is claimed while the jobs are observed, over the status that it had when it joined', () => {
    const actions = decide(fold(plan, [...building, earlierHeads, joined(200)]), 200)
    expect(actions.filter(({ type }) => type === 'observe')).toHaveLength(3)
    expect(due([...building, earlierHeads, joined(200)], 200)).toContain('claim acme/B over own-or-planned')
  })

  test('the earlier heads of a joined branch are searched once, also if the first search ends later', () => {
    const search = 'lock-earlier-heads'
    const claim = { ...claimed('acme/B', 3), at: 210 }
    expect(due([...building, earlierHeads, joined(200), claim], 220)).toContain(search)
    expect(due([...building, joined(200), claim, { ...earlierHeads, at: 220 }], 220)).toContain(search)
    const again: DatedEvent = { ...earlierHeads, at: 220, targets: 3 }
    expect(due([...building, earlierHeads, joined(200), claim, again], 220)).not.toContain(search)
  })

  test('before success a joined head is claimed, and then the change is read again', () => {
    const events = [...built, earlierHeads, joined(200, 'before-success'), { ...earlierHeads, at: 205, targets: 3 }]
    expect(due(events, 210)).toEqual(['claim acme/B over own-or-planned'])
    expect(due([...events, { ...claimed('acme/B', 3), at: 220 }], 220)).toEqual(['verify before-success'])
  })

  test('a head that joins after the others have success is unlocked after another reading before success', () => {
    const events: DatedEvent[] = [
      ...built,
      earlierHeads,
      verified(200, 'before-success', unchanged),
      { ...claimed('acme/A', 4, 'success'), at: 210 },
      { ...claimed('acme/C', 5, 'success'), at: 210 },
      joined(220, 'after-success'),
      { ...earlierHeads, at: 225, targets: 3 },
    ]
    expect(due(events, 230)).toEqual(['claim acme/B over own-or-planned'])
    events.push({ ...claimed('acme/B', 6), at: 240 })
    expect(due(events, 240)).toEqual(['verify before-success'])
    events.push(verified(250, 'before-success', unchanged))
    expect(due(events, 250)).toEqual(['success acme/B over own'])
    events.push({ ...claimed('acme/B', 7, 'success'), at: 260 })
    expect(due(events, 260)).toEqual(['verify after-success'])
    events.push(verified(270, 'after-success', unchanged))
    expect(due(events, 270)).toEqual([
      'succeeded: every build succeeded and every pull request of the change is unlocked',
    ])
  })

  test.each<[string, DatedEvent, string]>([
    [
      'that GitHub refuses ends unknown',
      {
        type: 'status-failed',
        at: 210,
        repo: 'acme/B',
        headSha: sha('a'),
        round: 'claim',
        failure: failureOf({ kind: 'forbidden' }),
      },
      'unknown: every build succeeded, but nothing is unlocked, because acme/B could not be locked: GitHub answered 502',
    ],
    [
      'that is withheld ends superseded',
      {
        type: 'status-withheld',
        at: 210,
        repo: 'acme/B',
        headSha: sha('a'),
        round: 'claim',
        reason: 'its status is new',
      },
      'superseded: another writer claimed acme/B: its status is new',
    ],
  ])('a claim of a joined head %s after the builds', (_, refusal, expected) => {
    const events = [...building, earlierHeads, joined(200), { ...earlierHeads, at: 205, targets: 3 }, refusal]
    expect(due(events, 220)).toEqual([])
    const end = ['A', 'B', 'C'].map((job): DatedEvent => ({
      type: 'job-settled',
      at: 300,
      job,
      outcome: 'succeeded',
      reason: 'ok',
    }))
    const closing = ['A', 'B', 'C'].map((job, index): DatedEvent => {
      const { status } = claimed(`acme/${job}`, 20 + index) as Extract<DatedEvent, { type: 'status-posted' }>
      return { type: 'status-posted', at: 310, repo: `acme/${job}`, headSha: sha('a'), round: 'closing', status }
    })
    expect(due([...events, ...end, ...closing], 320)).toEqual([expected])
  })

  test('a change without a pull request is read while it builds, so that the first one is locked soon', () => {
    const bare = planOf(graphOf({ A: [] }), { readings: [readingOf('acme/A', { pullRequests: [] })] })
    const actions = decide(fold(bare, [...dispatched('A'), observedAt(100, 'A')]), 100)
    expect(actions).toContainEqual({ type: 'verify', at: 10_000, stage: 'while-building' })
    const silent = decide(fold(bare, [...dispatched('A'), observedAt(100, 'A')], { postStatus: false }), minute)
    expect(silent.filter(({ type }) => type === 'verify')).toEqual([])
  })

  test('a journal without the number of searched branches counts those of the plan', () => {
    const { earlierHeads: found } = fold(plan, [...building, earlierHeads])
    expect(found).toEqual({ locked: [], failures: [], targets: 2 })
  })
})

import { describe, expect, test } from 'vitest'
import { decide } from '../../../../src/engine/build/decide/decide.js'
import type { Action } from '../../../../src/engine/build/decide/actions.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import type { PostRound } from '../../../../src/model/build/state/post-state.js'
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
  statusOf,
} from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const graph = graphOf({ A: [], B: [], C: [] })
const plan = planOf(graph)
const timeoutMs = 10 * minute

const requested = (repo: string, at = 0, round: PostRound = 'claim'): DatedEvent => ({
  type: 'status-requested',
  ...{ repo, headSha: sha('a'), round, state: 'pending', description: '' },
  at,
})
const failed = (repo: string, at: number, nextAt?: number, round: PostRound = 'claim'): DatedEvent => ({
  type: 'status-failed',
  ...{ repo, headSha: sha('a'), round, failure: failureOf({ message: 'no answer' }) },
  ...(nextAt === undefined ? {} : { nextAt }),
  at,
})
const withheld = (repo: string, at = 5): DatedEvent => ({
  type: 'status-withheld',
  ...{ repo, headSha: sha('a'), round: 'claim', reason: 'a newer status' },
  at,
})
const resumed = (at: number): DatedEvent => ({ type: 'resumed', at })
const settled = (job: string, outcome: 'not-run' | 'succeeded' = 'not-run'): DatedEvent => ({
  type: 'job-settled',
  ...{ job, outcome, reason: '' },
  at: 5,
})

const decideAt = (now: number, events: DatedEvent[], of: Plan = plan, options: Partial<RunOptions> = {}): Action[] =>
  decide(fold(of, events, { timeoutMs, ...options }), now)

/** `repo over` and the time of each claim. */
const claimsAt = (now: number, events: DatedEvent[], of: Plan = plan): string[] =>
  decideAt(now, events, of).map((action) =>
    action.type === 'post-status' ? `${action.round} ${action.repo} over ${action.over} at ${action.at}` : action.type,
  )

/** The ending once every job is settled. */
const endingAfter = (
  now: number,
  events: DatedEvent[],
  outcomes: DatedEvent[] = ['A', 'B', 'C'].map((job) => settled(job)),
) => {
  const closing = ['A', 'B', 'C'].map(
    (id): DatedEvent => ({ ...claimed(`acme/${id}`, 9), round: 'closing' }) as DatedEvent,
  )
  const [action] = decideAt(now, [...events, ...outcomes, ...closing])
  return action?.type === 'finish' ? action.ending : action
}

describe('the claims before the builds', () => {
  test('a new orchestration claims every head over any status, and dispatches nothing before', () => {
    expect(claimsAt(3, [claimed('acme/A')])).toEqual([
      'claim acme/B over anything at 3',
      'claim acme/C over anything at 3',
    ])
    expect(claimsAt(3, [claimed('acme/A'), requested('acme/B'), requested('acme/C')])).toHaveLength(2)
    const claims = ['A', 'B', 'C'].map((id) => claimed(`acme/${id}`))
    expect(claimsAt(3, claims).filter((each) => each.startsWith('claim'))).toEqual([])
    expect(decideAt(3, claims).map(({ type }) => type)).toContain('dispatch')
  })

  test('a resumed orchestration does not claim a head over the status of another one that was posted in between', () => {
    const events = [claimed('acme/A'), resumed(1_000), claimed('acme/B')]
    expect(claimsAt(1_000, events)).toEqual(['claim acme/C over own-or-planned at 1000'])
  })

  test('a claim whose answer a killed process lost is repeated only when it can no longer arrive', () => {
    const events = [claimed('acme/A'), claimed('acme/B'), requested('acme/C', 500), resumed(1_000)]
    expect(claimsAt(1_000, events)).toEqual(['claim acme/C over own-or-planned at 30500'])
    expect(claimsAt(40_000, events)).toEqual(['claim acme/C over own-or-planned at 40000'])
  })

  test('a claim that failed is repeated when its time has come', () => {
    const events = [claimed('acme/A'), claimed('acme/B'), failed('acme/C', 100, 5_000)]
    expect(claimsAt(200, events)).toEqual(['claim acme/C over anything at 5000'])
    expect(claimsAt(6_000, events)).toEqual(['claim acme/C over anything at 6000'])
  })

  test('a change that is unlocked already is not claimed', () => {
    expect(claimsAt(3, [], { ...plan, isUnlocked: true }).filter((each) => each.startsWith('claim'))).toEqual([])
    expect(claimsAt(3, [resumed(1)], { ...plan, isUnlocked: true })).toHaveLength(3)
  })
})

describe('a head that cannot be claimed', () => {
  test('no claim of another head is repeated once one head cannot be claimed, but what was not posted yet is', () => {
    const events = [failed('acme/A', 100), failed('acme/B', 100, 5_000), requested('acme/C')]
    expect(claimsAt(200, events)).toContain('claim acme/C over anything at 200')
    const answered = [...events, claimed('acme/C')]
    expect(decideAt(200, answered).map(({ type }) => type)).toEqual(['settle', 'settle', 'settle'])
    expect(decideAt(200, answered)).toMatchObject(
      ['A', 'B', 'C'].map((job) => ({ job, outcome: 'not-run', reason: 'not started' })),
    )
  })

  test('the orchestration ends in an unknown state where GitHub refuses the claim', () => {
    const events = [claimed('acme/A'), failed('acme/B', 100), claimed('acme/C')]
    expect(endingAfter(200, events)).toEqual({
      outcome: 'unknown',
      reason: 'nothing was built, because acme/B could not be locked: no answer',
      auth: false,
    })
  })

  test('the orchestration is superseded where another writer has posted, and names the first such head', () => {
    const events = [claimed('acme/A'), withheld('acme/B'), withheld('acme/C')]
    expect(endingAfter(200, events)).toEqual({
      outcome: 'superseded',
      reason: 'another writer claimed acme/B: a newer status',
      auth: false,
    })
  })

  test('failed runs are still watched while the other jobs are settled', () => {
    const events: DatedEvent[] = [claimed('acme/A'), withheld('acme/B'), claimed('acme/C')]
    const orchestration = fold(plan, events)
    expect(decide(orchestration, 10).map(({ type }) => type)).toEqual(['settle', 'settle', 'settle'])
  })
})

describe('claims at the deadline of the orchestration', () => {
  test('only claims that were requested are awaited', () => {
    const events = [claimed('acme/A'), requested('acme/B', timeoutMs - 10)]
    expect(claimsAt(timeoutMs - 1, events)).toHaveLength(2)
    expect(claimsAt(timeoutMs, events)).toEqual([`claim acme/B over anything at ${timeoutMs}`])
  })

  test('a head without a claim ends the orchestration, and is named', () => {
    expect(endingAfter(timeoutMs, [claimed('acme/A')])).toEqual({
      outcome: 'timed-out',
      reason: 'nothing was built, because the orchestration timed out before acme/B was locked',
      auth: false,
    })
  })

  test('a claim that failed is not repeated, and its failure is the reason', () => {
    const events = [claimed('acme/A'), failed('acme/B', timeoutMs - 10, timeoutMs + 10), withheld('acme/C')]
    expect(endingAfter(timeoutMs, events)).toMatchObject({
      reason: 'nothing was built, because acme/B could not be locked: no answer',
    })
  })
})

describe('the claims of heads that join', () => {
  const readings = [readingOf('acme/A'), readingOf('acme/B', { pullRequests: [] }), readingOf('acme/C')]
  const before = planOf(graph, { readings })
  const joined = (at: number, status = statusOf({ id: 1 })): DatedEvent => ({
    type: 'verified',
    stage: 'while-building',
    result: {
      kind: 'joined',
      members: [{ repo: 'acme/B', pullRequests: [pullRequestOf('acme/B')], replaced: [], status }],
      merged: [],
    },
    nextAt: at + 1_000,
    at,
  })
  const building = [claimed('acme/A'), claimed('acme/C'), ...dispatched('A'), joined(100)]

  test('the head of a pull request that joins is claimed beside the builds, over nothing but what was known', () => {
    expect(claimsAt(200, building, before)).toEqual(expect.arrayContaining(['claim acme/B over own-or-planned at 200']))
    expect(decideAt(200, building, before).map(({ type }) => type)).toContain('dispatch')
  })

  test('a head that an older orchestration has overtaken is claimed again, over our own statuses', () => {
    const overtaken: DatedEvent = {
      type: 'verified',
      stage: 'while-building',
      result: { kind: 'overtaken', repos: ['acme/A'], by: ['other12345'] },
      nextAt: 1_000,
      at: 100,
    }
    const claims = (events: DatedEvent[]): string[] =>
      claimsAt(200, events, before).filter((each) => each.startsWith('claim'))
    const events = [claimed('acme/A'), claimed('acme/C'), overtaken]
    expect(claims(events)).toEqual(['claim acme/A over own at 200'])
    expect(claims([...events, requested('acme/A', 150)])).toEqual(['claim acme/A over own at 200'])
    expect(claims([...events, claimed('acme/A', 3)])).toEqual([])
    expect(claims([...events, failed('acme/A', 150, 4_000)])).toEqual(['claim acme/A over own at 4000'])
    expect(claims([...events, failed('acme/A', 150)])).toEqual([])
  })

  test('a tested change whose joined head could not be claimed is not unlocked', () => {
    const built = ['A', 'B', 'C'].map((job) => settled(job, 'succeeded'))
    const locked: DatedEvent = { type: 'earlier-heads-locked', locked: [], failures: [], targets: 3, at: 6 }
    const closing = ['A', 'B', 'C'].map(
      (id): DatedEvent => ({ ...claimed(`acme/${id}`, 9), round: 'closing' }) as DatedEvent,
    )
    const after = (refusal: DatedEvent): unknown => {
      const [action] = decideAt(300, [...building, refusal, ...built, locked, ...closing], before)
      return action?.type === 'finish' ? action.ending : action
    }
    expect(after(failed('acme/B', 150))).toEqual({
      outcome: 'unknown',
      reason: 'every build succeeded, but nothing is unlocked, because acme/B could not be locked: no answer',
      auth: false,
    })
    expect(after(withheld('acme/B', 150))).toMatchObject({
      outcome: 'superseded',
      reason: 'another writer claimed acme/B: a newer status',
    })
  })

  test('the earlier heads of a branch that joins are locked after those of the plan', () => {
    const types = (events: DatedEvent[]): string[] =>
      decideAt(200, events, before).flatMap(({ type }) => (type === 'lock-earlier-heads' ? [type] : []))
    const locked = (targets: number): DatedEvent => ({
      type: 'earlier-heads-locked',
      locked: [],
      failures: [],
      targets,
      at: 6,
    })
    expect(types([claimed('acme/A'), claimed('acme/C')])).toEqual(['lock-earlier-heads'])
    expect(types([claimed('acme/A'), claimed('acme/C'), locked(2)])).toEqual([])
    expect(types([claimed('acme/A'), claimed('acme/C'), locked(2), joined(100)])).toEqual(['lock-earlier-heads'])
    expect(types([claimed('acme/A'), claimed('acme/C'), locked(2), joined(100), locked(3)])).toEqual([])
  })
})

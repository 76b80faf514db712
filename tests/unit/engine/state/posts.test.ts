import { describe, expect, test } from 'vitest'
import type { Orchestration } from '../../../../src/model/build/orchestration.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import type { PostRound, PostState } from '../../../../src/model/build/state/post-state.js'
import type { Failure } from '../../../../src/model/failure.js'
import { claimed, failureOf, fold, graphOf, minute, planOf, sha, statusOf } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const plan = planOf(graphOf({ A: [], B: ['A'] }))
const options: Partial<RunOptions> = { timeoutMs: 60 * minute }
const after = (events: DatedEvent[], of: Plan = plan): Orchestration => fold(of, events, options)
const refusal = failureOf({ kind: 'unauthorized', message: 'Bad credentials' })

describe('the posts of a head', () => {
  const requested = (at: number, round: PostRound = 'claim'): DatedEvent => ({
    type: 'status-requested',
    ...{ repo: 'acme/A', headSha: sha('a'), round, state: 'pending', description: '', at },
  })
  const failed = (
    at: number,
    nextAt?: number,
    round: PostRound = 'claim',
    failure: Failure = failureOf(),
  ): DatedEvent => ({
    type: 'status-failed',
    ...{ repo: 'acme/A', headSha: sha('a'), round, failure, at },
    ...(nextAt === undefined ? {} : { nextAt }),
  })
  const withheld = (at: number, round: PostRound = 'claim'): DatedEvent => ({
    type: 'status-withheld',
    ...{ repo: 'acme/A', headSha: sha('a'), round, reason: 'a newer status', at },
  })
  const posted = (id: number, round: PostRound, state: 'pending' | 'success' | 'error' = 'pending'): DatedEvent => ({
    type: 'status-posted',
    ...{ repo: 'acme/A', headSha: sha('a'), round, status: statusOf({ id, state }), at: 50 },
  })
  const postsAfter = (...events: DatedEvent[]): Partial<Record<PostRound, PostState>> | undefined =>
    after(events).posts.get('acme/a')
  const claimAfter = (...events: DatedEvent[]): PostState | undefined => postsAfter(...events)?.claim

  test('a post that fails is repeated for ten minutes from its first failure, and its repetitions are counted', () => {
    const first = failed(1_000, 3_000)
    expect(claimAfter(first)).toEqual({
      phase: 'failed',
      failure: failureOf(),
      repetition: { since: 1_000, count: 1, failedAt: 1_000, nextAt: 3_000 },
    })
    const repetition = { since: 1_000, count: 1, failedAt: 1_000, nextAt: 3_000 }
    expect(claimAfter(first, requested(3_000))).toEqual({
      phase: 'requested',
      at: 3_000,
      isOrphaned: false,
      repetition,
    })
    expect(claimAfter(first, requested(3_000), failed(4_000, 601_000))).toMatchObject({
      repetition: { since: 1_000, count: 2 },
    })
    expect(claimAfter(first, requested(3_000), failed(4_000, 601_001))).toEqual({
      phase: 'failed',
      failure: failureOf(),
    })
    expect(claimAfter(failed(1_000))).toEqual({ phase: 'failed', failure: failureOf() })
  })

  test('after the deadline of the orchestration a post is repeated for one minute', () => {
    const late = 60 * minute + 5_000
    expect(claimAfter(failed(late, late + minute))).toHaveProperty('repetition')
    expect(claimAfter(failed(late, late + minute + 1))).not.toHaveProperty('repetition')
    expect(claimAfter(failed(late - 30_000, late + 25_001))).toHaveProperty('repetition')
    expect(claimAfter(failed(60 * minute - 90_000, 60 * minute))).toHaveProperty('repetition')
    expect(claimAfter(failed(60 * minute - 90_000, 60 * minute + 1))).not.toHaveProperty('repetition')
  })

  test('a head keeps its first claim while it is claimed again', () => {
    const first = { phase: 'posted', status: statusOf({ id: 1, description: 'run:run0000001 building' }) }
    const overtaken: DatedEvent = {
      type: 'verified',
      ...{
        stage: 'while-building',
        result: { kind: 'overtaken', repos: ['ACME/a'], by: ['other12345'] },
        nextAt: 0,
        at: 10,
      },
    }
    const base = [claimed('acme/A', 1), overtaken]
    expect(claimAfter(...base)).toEqual({ ...first, isOvertaken: true })
    expect(claimAfter(...base, requested(20))).toEqual({ ...first, isOvertaken: true })
    expect(claimAfter(...base, posted(9, 'claim'))).toEqual({ ...first, isOvertaken: false })
    expect(claimAfter(...base, withheld(20))).toEqual({ ...first, isOvertaken: false })
    expect(claimAfter(...base, failed(20))).toEqual({ ...first, isOvertaken: false })
    expect(claimAfter(...base, failed(20, 90))).toEqual({
      ...first,
      isOvertaken: true,
      repetition: { since: 20, count: 1, failedAt: 20, nextAt: 90 },
    })
    expect(after(base).olderClaims).toEqual(['other12345'])
    const twice = [
      ...base,
      overtaken,
      { ...claimed('acme/A', 9), olderClaims: ['other67890', 'other12345'] } as DatedEvent,
    ]
    expect(after(twice).olderClaims).toEqual(['other12345', 'other67890'])
    expect(claimAfter(requested(5), overtaken)).toEqual({ phase: 'requested', at: 5, isOrphaned: false })
  })

  test('a success after a final status makes that status due again, unless it was never answered', () => {
    const closed = [claimed('acme/A', 1), posted(2, 'closing', 'error'), posted(3, 'revoke')]
    expect(Object.keys(postsAfter(...closed, requested(60, 'success')) ?? {})).toEqual(['claim', 'success'])
    expect(Object.keys(postsAfter(...closed, requested(60, 'claim')) ?? {})).toEqual(['claim', 'closing', 'revoke'])
    const open = [claimed('acme/A', 1), requested(10, 'closing'), requested(10, 'revoke')]
    expect(Object.keys(postsAfter(...open, requested(60, 'success')) ?? {})).toEqual([
      'claim',
      'closing',
      'revoke',
      'success',
    ])
  })

  test('a post without an answer is an orphan after a resume, and so is every success and every status of a held set', () => {
    const resumed: DatedEvent = { type: 'resumed', at: 90_000 }
    expect(postsAfter(requested(10), resumed)).toEqual({ claim: { phase: 'requested', at: 10, isOrphaned: true } })
    expect(postsAfter(claimed('acme/A', 1), posted(3, 'success', 'success'), resumed)).toMatchObject({
      claim: { phase: 'posted' },
      success: { phase: 'requested', at: 0, isOrphaned: true },
    })
    for (const round of ['closing', 'revoke'] as const) {
      expect(postsAfter(posted(3, round), resumed)?.[round]).toEqual({ phase: 'requested', at: 0, isOrphaned: true })
      expect(postsAfter(posted(3, round, 'error'), resumed)?.[round]).toMatchObject({ phase: 'posted' })
    }
    expect(postsAfter(claimed('acme/A', 1), resumed)?.claim).toMatchObject({ phase: 'posted' })
  })

  test('the time for repetitions starts again with a resume', () => {
    const resumed: DatedEvent = { type: 'resumed', at: 90_000 }
    expect(claimAfter(failed(1_000, 3_000), resumed)).toMatchObject({
      phase: 'failed',
      repetition: { since: 90_000, count: 1, failedAt: 1_000, nextAt: 90_000 },
    })
    expect(claimAfter(failed(1_000), resumed)).toEqual({ phase: 'failed', failure: failureOf() })
  })

  test('a status that the token was refused for counts as never requested', () => {
    expect(postsAfter(requested(5), failed(10, undefined, 'claim', refusal))).toEqual({})
    expect(
      postsAfter(claimed('acme/A', 1), requested(5, 'success'), failed(10, undefined, 'success', refusal)),
    ).toMatchObject({
      claim: { phase: 'posted' },
    })
    expect(claimAfter(claimed('acme/A', 1), failed(10, undefined, 'claim', refusal))).toMatchObject({ phase: 'posted' })
  })
})

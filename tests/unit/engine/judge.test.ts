import { describe, expect, test } from 'vitest'
import { isRetriable, judgeCancelled, judgeConclusion } from '../../../src/engine/build/decide/job/judge.js'

describe('the reason of a settled job', () => {
  test.each([
    ['success', 'succeeded', 'its run succeeded'],
    ['cancelled', 'cancelled', 'its run was cancelled on GitHub, not by this orchestration'],
    ['action_required', 'unknown', 'its run concluded action_required, which requires a person to act'],
    ['stale', 'unknown', 'its run concluded stale, which requires a person to act'],
    ['timed_out', 'failed', 'its run concluded timed_out'],
  ])('the conclusion "%s" settles a job as %s with its reason', (conclusion, outcome, reason) => {
    expect(judgeConclusion(conclusion, null)).toEqual({ outcome, reason })
  })

  test.each([
    ['job-timeout', 'timed-out', 'its run was in progress for longer than timeout-minutes'],
    ['queue-timeout', 'timed-out', 'its run did not start within queue-timeout-minutes'],
    ['timeout', 'timed-out', 'the orchestration timed out'],
    ['moved', 'moved', 'its run was started for another commit than the planned one'],
    ['fail-fast', 'cancelled', 'cancelled because another build did not succeed'],
    ['superseded', 'cancelled', 'cancelled because the change moved'],
    ['interrupted', 'cancelled', 'cancelled because the orchestration was interrupted'],
  ] as const)('a run that orch cancelled because of %s settles its job as %s', (cause, outcome, reason) => {
    expect(judgeCancelled(cause)).toEqual({ outcome, reason })
    expect(judgeConclusion('cancelled', cause)).toEqual({ outcome, reason })
  })
})

describe('the reason of a job whose run waited for an approval', () => {
  const production = { environment: 'production', reviewers: ['alice', 'bob', 'team ops'], timerEndsAt: null }
  const forProduction = 'for the approval of the environment production by alice, bob or team ops'
  const awaited = { deployments: [production], failure: null }
  const unread = { deployments: null, failure: { kind: 'server-error' as const, message: 'GitHub answered 502' } }

  test('names what waited for whom after the approval timeout, after --timeout, and after a failure', () => {
    expect(judgeCancelled('approval-timeout', awaited)).toEqual({
      outcome: 'timed-out',
      reason: `its run waited ${forProduction}, for longer than approval-timeout-minutes`,
    })
    expect(judgeCancelled('timeout', awaited).reason).toBe(
      `the orchestration timed out while its run waited ${forProduction}`,
    )
    expect(judgeConclusion('failure', null, awaited)).toEqual({
      outcome: 'failed',
      reason: `its run concluded failure after it waited ${forProduction}`,
    })
    expect(judgeConclusion('success', null, awaited).reason).toBe('its run succeeded')
  })

  test('says "an approval" where GitHub names no environment, or where it could not be read', () => {
    for (const each of [undefined, unread, { deployments: [], failure: null }])
      expect(judgeCancelled('approval-timeout', each).reason).toBe(
        'its run waited for an approval, for longer than approval-timeout-minutes',
      )
  })

  test('names wait timers, and each of several environments', () => {
    const timerEndsAt = Date.UTC(2026, 10, 29, 12, 30)
    const deployments = [
      { ...production, reviewers: ['alice'], timerEndsAt },
      { environment: 'canary', reviewers: [], timerEndsAt },
      { environment: 'guarded', reviewers: [], timerEndsAt: null },
    ]
    expect(judgeCancelled('timeout', { deployments, failure: null }).reason).toBe(
      'the orchestration timed out while its run waited ' +
        'for the approval of the environment production by alice and for its wait timer until 2026-11-29T12:30:00Z, ' +
        'and for the wait timer of the environment canary until 2026-11-29T12:30:00Z, ' +
        'and for the protection rules of the environment guarded',
    )
  })
})

describe('retries', () => {
  test.each([
    ['startup_failure', true, true],
    ['timed_out', true, true],
    ['cancelled', true, true],
    ['failure', true, false],
    ['action_required', false, false],
    ['stale', false, false],
    ['neutral', false, false],
    ['brand_new', false, false],
  ])('the conclusion "%s" is retried: %s with any, %s with infrastructure', (conclusion, any, infrastructure) => {
    expect(isRetriable(conclusion, 'any')).toBe(any)
    expect(isRetriable(conclusion, 'infrastructure')).toBe(infrastructure)
  })
})

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

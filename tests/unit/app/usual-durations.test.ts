import { describe, expect, test } from 'vitest'
import { usualDurationsIn, withUsualDurations } from '../../../src/app/plan/usual-durations.js'
import type { CommitRun } from '../../../src/model/change.js'
import type { RunOptions } from '../../../src/model/build/plan.js'
import type { HistoryEntry } from '../../../src/model/build/history.js'
import { dispatched, fold, graphOf, observedAt, planOf, readingOf, sha } from '../engine/fixtures.js'

const second = 1_000
const graph = graphOf({ A: [] })
const plan = planOf(graph)

/** An orchestration that built A in the given number of seconds. */
function builtIn(seconds: number, options: Partial<RunOptions> = {}, changes = {}): HistoryEntry {
  const at = seconds * second
  const events = [
    ...dispatched('A'),
    observedAt(at, 'A', { status: 'completed', conclusion: 'success', ...changes }),
    { type: 'job-settled' as const, at, job: 'A', outcome: 'succeeded' as const, reason: 'its run succeeded' },
  ]
  const orchestration = fold(plan, events, options)
  return { id: orchestration.id, location: '', state: 'unfinished', driver: null, orchestration }
}

function runOf(seconds: number, changes: Partial<CommitRun> = {}): CommitRun {
  const createdAt = changes.createdAt ?? 0
  const run = {
    runId: 1,
    url: '',
    workflow: 'build.yml',
    headSha: sha('a'),
    status: 'completed',
    conclusion: 'success',
  }
  return { ...run, createdAt, updatedAt: createdAt + seconds * second, ...changes }
}

function usualOf(history: readonly HistoryEntry[], runs: readonly CommitRun[] = []): number | undefined {
  const planned = withUsualDurations(plan, usualDurationsIn(history), [readingOf('acme/A', { runs })])
  return planned.jobs[0]?.usualMs
}

describe('the usual duration of a build', () => {
  test('the usual duration of a build is the median of the five latest builds in the history', () => {
    expect(usualOf([builtIn(50), builtIn(20), builtIn(30)])).toBe(30 * second)
    expect(usualOf([5, 1, 4, 2, 3, 100, 100, 100, 100].map((each) => builtIn(each)))).toBe(3 * second)
  })

  test('the usual duration of a build without a history is unknown', () => {
    expect(usualOf([])).toBeUndefined()
  })

  test('the usual duration of a build ignores runs that were taken over, re-run, or not watched for a while', () => {
    const knownRuns = [{ job: 'A', fingerprint: 'f', runId: 7, url: '' }]
    expect(usualOf([builtIn(10, { knownRuns })])).toBeUndefined()
    expect(usualOf([builtIn(10, { isRestart: true })])).toBeUndefined()
    expect(usualOf([builtIn(10, { predecessors: ['x'] })])).toBeUndefined()
    expect(usualOf([builtIn(10, {}, { runAttempt: 2 })])).toBeUndefined()
  })

  test('the usual duration of a build comes from the runs in the reading when the history has none', () => {
    expect(usualOf([], [runOf(40), runOf(60), runOf(20)])).toBe(40 * second)
    expect(usualOf([builtIn(30)], [runOf(60)])).toBe(30 * second)
  })

  test('the usual duration of a build ignores runs of another workflow and runs that failed or are running', () => {
    const others = [{ workflow: 'lint.yml' }, { conclusion: 'failure' }, { status: 'in_progress', conclusion: null }]
    for (const changes of others) expect(usualOf([], [runOf(60, changes)])).toBeUndefined()
  })
})

import { describe, expect, test } from 'vitest'
import { usualDurationsIn, withUsualDurations } from '../../../src/app/plan/usual-durations.js'
import type { CommitRun } from '../../../src/model/change.js'
import type { RunOptions } from '../../../src/model/build/plan.js'
import type { HistoryEntry } from '../../../src/model/build/history.js'
import { dispatched, fold, graphOf, observedAt, planOf, readingOf, sha } from '../engine/fixtures.js'

const second = 1_000
const graph = graphOf({ A: [] })
const plan = planOf(graph)

/** An orchestration that built A in so many seconds. */
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

describe('how long a build usually takes', () => {
  test('is the median of the five latest ones kept here', () => {
    expect(usualOf([builtIn(50), builtIn(20), builtIn(30)])).toBe(30 * second)
    expect(usualOf([5, 1, 4, 2, 3, 100, 100, 100, 100].map((each) => builtIn(each)))).toBe(3 * second)
  })

  test('is not known of a build that nobody saw', () => {
    expect(usualOf([])).toBeUndefined()
  })

  test('is not taken from runs that were taken over, ran again, or were left for a while', () => {
    const knownRuns = [{ job: 'A', fingerprint: 'f', runId: 7, url: '' }]
    expect(usualOf([builtIn(10, { knownRuns })])).toBeUndefined()
    expect(usualOf([builtIn(10, { isRestart: true })])).toBeUndefined()
    expect(usualOf([builtIn(10, { predecessors: ['x'] })])).toBeUndefined()
    expect(usualOf([builtIn(10, {}, { runAttempt: 2 })])).toBeUndefined()
  })

  test('is told by the runs that came with the reading, where none was seen here', () => {
    expect(usualOf([], [runOf(40), runOf(60), runOf(20)])).toBe(40 * second)
    expect(usualOf([builtIn(30)], [runOf(60)])).toBe(30 * second)
  })

  test('is not told by a run of another workflow, nor by one that failed or goes on', () => {
    const others = [{ workflow: 'lint.yml' }, { conclusion: 'failure' }, { status: 'in_progress', conclusion: null }]
    for (const changes of others) expect(usualOf([], [runOf(60, changes)])).toBeUndefined()
  })
})

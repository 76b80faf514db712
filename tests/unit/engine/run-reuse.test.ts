import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/engine/build/decide/decide.js'
import type { EarlierRun } from '../../../src/model/build/state/job-state.js'
import { isAfterNeeds } from '../../../src/engine/build/perform/needs-order.js'
import { claimed, dispatched, fold, graphOf, observedAt, planOf } from './fixtures.js'

const predecessor = 'run0000000'

function earlierRun(runId: number, changes: Partial<EarlierRun> = {}): EarlierRun {
  const url = `https://github.test/runs/${runId}`
  return { runId, url, origin: predecessor, attempt: 1, isSameBuild: true, conclusion: null, ...changes }
}

const inputs = new Map([['orch_id', { required: false, hasDefault: true, options: null, type: 'text' as const }]])
const runName = 'build ${{ inputs.orch_id }}'
/** The only job, whose workflow carries the marker. */
const plan = planOf(graphOf({ A: [] }), { readTriggers: () => ({ kind: 'dispatchable', inputs, runName }) })

function listedAt(at: number, found: readonly EarlierRun[]) {
  return { type: 'earlier-runs-listed', at, job: 'A', found, nextAt: at + 5_000 } as const
}

/** The next actions of the job after these earlier runs were listed. */
function decideAfter(found: readonly EarlierRun[]): object[] {
  const state = fold(plan, [claimed('acme/A'), listedAt(0, found)], { predecessors: [predecessor] })
  return decide(state, 0).filter(({ type }) => type === 'adopt' || type === 'dispatch')
}

describe('reuse of runs', () => {
  test.each([
    ['oldest first', [21, 22, 23]],
    ['newest first', [23, 22, 21]],
    ['mixed', [22, 23, 21]],
  ])('a job reuses the newest of several runs of the same build in any listing order: %s', (_order, ids) => {
    const found = ids.map((id) => earlierRun(id, { attempt: id - 20 }))
    expect(decideAfter(found)).toMatchObject([
      { type: 'adopt', job: 'A', runId: 23, attempt: 3, url: 'https://github.test/runs/23' },
    ])
  })

  test('a job ignores newer runs of another build, with a failure or of another origin and reuses the newest remaining one', () => {
    const found = [
      earlierRun(21),
      earlierRun(22, { conclusion: 'success' }),
      earlierRun(23, { conclusion: 'failure' }),
      earlierRun(24, { isSameBuild: false }),
      earlierRun(25, { conclusion: 'success', origin: 'somebody00' }),
    ]
    expect(decideAfter(found)).toMatchObject([{ type: 'adopt', runId: 22 }])
  })

  test('a job prefers a run of its own orchestration to a newer one of another, so that its later builds stay usable', () => {
    const other = earlierRun(23, { origin: 'somebody00', isTrusted: true, conclusion: 'success' })
    expect(decideAfter([earlierRun(21, { conclusion: 'success' }), other])).toMatchObject([
      { type: 'adopt', runId: 21 },
    ])
    expect(decideAfter([earlierRun(21, { conclusion: 'failure' }), other])).toMatchObject([
      { type: 'adopt', runId: 23 },
    ])
  })

  test('a job is dispatched when no run can be reused', () => {
    expect(decideAfter([earlierRun(21, { isSameBuild: false })])).toMatchObject([{ type: 'dispatch', attempt: 1 }])
  })

  test('a job reuses a trusted success of another orchestration, but not a trusted failure', () => {
    const other = { origin: 'somebody00', isTrusted: true }
    const found = [
      earlierRun(21, { ...other, conclusion: 'success' }),
      earlierRun(22, { ...other, conclusion: 'failure' }),
      earlierRun(23, { ...other, conclusion: 'neutral' }),
    ]
    expect(decideAfter(found)).toMatchObject([{ type: 'adopt', runId: 21 }])
  })
})

describe('wait for the runs of an orchestration that started at the same time', () => {
  const failed = [earlierRun(21, { conclusion: 'failure' })]

  function decideBeside(events: Parameters<typeof fold>[1], now: number): object[] {
    const claim = { ...claimed('acme/A'), olderClaims: ['older00001'] }
    return decide(fold(plan, [claim, ...events]), now).filter((action) => 'job' in action)
  }

  test.each([
    ['nothing is listed', []],
    ['only a failed run is listed', failed],
  ])('a job is not dispatched within 30 s of the start while %s', (_, found) => {
    expect(decideBeside([listedAt(2_000, found)], 2_000)).toEqual([{ type: 'find-reusable-run', at: 7_000, job: 'A' }])
    expect(decideBeside([listedAt(28_000, found)], 28_000)).toEqual([
      { type: 'find-reusable-run', at: 30_000, job: 'A' },
    ])
  })

  test('a job is dispatched after a listing that was read after the wait', () => {
    expect(decideBeside([listedAt(29_000, [])], 31_000)).toMatchObject([{ type: 'find-reusable-run' }])
    expect(decideBeside([listedAt(31_000, [])], 31_000)).toMatchObject([{ type: 'dispatch', attempt: 1 }])
  })
})

describe('order of a run and the builds of its needs', () => {
  const chain = planOf(graphOf({ A: [], B: ['A'], C: ['B'] }))
  const built = [
    ...['A', 'B', 'C'].map((id, index) => claimed(`acme/${id}`, index + 1)),
    ...dispatched('A', 7),
    observedAt(100, 'A', { status: 'completed', conclusion: 'success' }),
  ]
  const settledA = { type: 'job-settled', at: 200, job: 'A', outcome: 'succeeded', reason: '' } as const
  const skippedB = { type: 'job-settled', at: 300, job: 'B', outcome: 'skipped', reason: '' } as const
  const isAfter = (events: Parameters<typeof fold>[1], job: string, runId: number): boolean => {
    const orchestration = fold(chain, [...built, ...events])
    const found = chain.graph.jobs.find(({ id }) => id === job)
    return found !== undefined && isAfterNeeds(orchestration, found, runId)
  }

  test('a run counts only if it is newer than the runs of its needs, also through skipped jobs', () => {
    expect([6, 8].map((runId) => isAfter([settledA], 'B', runId))).toEqual([false, true])
    expect([6, 8].map((runId) => isAfter([settledA, skippedB], 'C', runId))).toEqual([false, true])
  })

  test('a run does not count while a need is not built', () => {
    expect(isAfter([], 'B', 8)).toBe(false)
    expect(isAfter([{ ...settledA, outcome: 'failed' }], 'B', 8)).toBe(false)
  })
})

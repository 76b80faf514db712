import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/engine/build/decide/decide.js'
import type { EarlierRun } from '../../../src/model/build/state/job-state.js'
import { claimed, fold, graphOf, planOf } from './fixtures.js'

const predecessor = 'run0000000'

function earlierRun(runId: number, changes: Partial<EarlierRun> = {}): EarlierRun {
  const url = `https://github.test/runs/${runId}`
  return { runId, url, origin: predecessor, attempt: 1, isSameBuild: true, conclusion: null, ...changes }
}

/** The next actions of the only job, whose workflow carries the marker, after these earlier runs were listed. */
function decideAfter(found: readonly EarlierRun[]): object[] {
  const graph = graphOf({ A: [] })
  const inputs = new Map([['orch_id', { required: false, hasDefault: true, options: null, type: 'text' as const }]])
  const runName = 'build ${{ inputs.orch_id }}'
  const plan = planOf(graph, { readTriggers: () => ({ kind: 'dispatchable', inputs, runName }) })
  const listed = { type: 'earlier-runs-listed', at: 0, job: 'A', found, nextAt: 0 } as const
  const state = fold(plan, [claimed('acme/A'), listed], { predecessors: [predecessor] })
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

  test('a job is dispatched when no run can be reused', () => {
    expect(decideAfter([earlierRun(21, { isSameBuild: false })])).toMatchObject([{ type: 'dispatch', attempt: 1 }])
  })
})

import { describe, expect, test } from 'vitest'
import { decide } from '../../../../src/engine/build/decide/decide.js'
import type { Plan } from '../../../../src/model/build/plan.js'
import { dispatched, fold, graphOf, minute, planOf, readingOf } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

/** Every repository has the branch and no pull request; `usual`: how long a job usually takes, minutes. */
function planFor(
  needs: Readonly<Record<string, readonly string[]>>,
  usual: Readonly<Record<string, number>> = {},
): Plan {
  const readings = Object.keys(needs).map((id) => readingOf(`acme/${id}`, { pullRequests: [] }))
  const plan = planOf(graphOf(needs), { readings })
  const jobs = plan.jobs.map((planned) => {
    const minutes = usual[planned.job]
    return minutes === undefined ? planned : { ...planned, usualMs: minutes * minute }
  })
  return { ...plan, jobs }
}

/** The jobs that would be dispatched next, in order. */
function starts(plan: Plan, maxParallel: number | null, events: readonly DatedEvent[] = []): string[] {
  return decide(fold(plan, events, { maxParallel }), 1).flatMap((action) =>
    action.type === 'dispatch' ? [action.job] : [],
  )
}

describe('start order', () => {
  test('the head of the longest chain starts first when no duration is known', () => {
    const plan = planFor({ short: [], head: [], middle: ['head'], last: ['middle'] })
    expect(starts(plan, 1)).toEqual(['head'])
    expect(starts(plan, null)).toEqual(['head', 'short'])
  })

  test('a long build starts before the head of a chain of short builds', () => {
    const plan = planFor({ head: [], last: ['head'], slow: [] }, { head: 1, last: 1, slow: 30 })
    expect(starts(plan, 1)).toEqual(['slow'])
  })

  test('a job whose duration is unknown is ordered by the mean duration of the others', () => {
    const usual = { quick: 2, slow: 10 }
    const plan = planFor({ quick: [], unheard: [], slow: [] }, usual)
    expect(starts(plan, null)).toEqual(['slow', 'unheard', 'quick'])
  })

  test('jobs with equal paths start in the order of the file', () => {
    expect(starts(planFor({ C: [], A: [], B: [] }), 2)).toEqual(['C', 'A'])
  })

  test('a job that is not built adds no time to a path', () => {
    const plan = planFor({ A: [], B: ['A'], C: [], D: ['C'] })
    const jobs = plan.jobs.map((planned) => (planned.job === 'B' ? { ...planned, action: 'skip' as const } : planned))
    expect(starts({ ...plan, jobs }, 1)).toEqual(['C'])
  })

  test('an active job keeps its slot', () => {
    const plan = planFor({ short: [], head: [], last: ['head'] })
    expect(starts(plan, 1, dispatched('short'))).toEqual([])
    expect(starts(plan, 2, dispatched('short'))).toEqual(['head'])
  })
})

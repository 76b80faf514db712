import { beforeEach, describe, expect, test, vi } from 'vitest'
import { IncrementalDecider } from '../../../../src/engine/build/schedule/incremental-decider.js'
import { apply } from '../../../../src/engine/build/state/apply.js'
import type { Orchestration } from '../../../../src/model/build/orchestration.js'
import { claimed, dispatched, fold, graphOf, observedAt, planOf, sha } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

const decided = vi.hoisted(() => ({ jobs: 0, heads: 0 }))

vi.mock(import('../../../../src/engine/build/decide/job/job.js'), async (original) => {
  const { decideJob } = await original()
  return {
    decideJob: (...input) => {
      decided.jobs += 1
      return decideJob(...input)
    },
  }
})

vi.mock(import('../../../../src/engine/build/decide/target.js'), async (original) => {
  const { decideTarget } = await original()
  return {
    decideTarget: (...input) => {
      decided.heads += 1
      return decideTarget(...input)
    },
  }
})

/** `count` jobs: the first is needed by all others, and the last needs all others. Every head is claimed. */
function wide(count: number): { state: Orchestration; decider: IncrementalDecider } {
  const ids = Array.from({ length: count }, (_, index) => `job${index}`)
  const needs = ids.map((id, index): [string, string[]] => {
    if (index === 0) return [id, []]
    return [id, index < count - 1 ? ['job0'] : ids.slice(1, -1)]
  })
  const graph = graphOf(Object.fromEntries(needs))
  const state = fold(
    planOf(graph),
    ids.map((id) => claimed(`acme/${id}`)),
  )
  const decider = new IncrementalDecider(state)
  decider.update(state, 0)
  decider.take()
  return { state, decider }
}

/** The number of decisions about jobs and heads for each event, including those made when actions are taken. */
function costs(decider: IncrementalDecider, first: Orchestration, events: readonly DatedEvent[]): number[] {
  let state = first
  return events.map((event) => {
    decided.jobs = 0
    decided.heads = 0
    state = apply(state, event)
    decider.update(state, event.at)
    for (const { type } of decider.take()) expect(type).not.toBe('finish')
    return decided.jobs + decided.heads
  })
}

const succeeds = (job: string, at: number): DatedEvent => ({
  type: 'job-settled',
  job,
  outcome: 'succeeded',
  reason: 'its run succeeded',
  at,
})

beforeEach(() => {
  decided.jobs = 0
  decided.heads = 0
})

describe('cost of an event in the incremental decider', () => {
  test.each([20, 2_000])(
    'the incremental decider makes at most three decisions for a reading, a dispatch and the end of one of %i jobs',
    (count) => {
      const { state, decider } = wide(count)
      const started = [
        ...dispatched('job0', 1),
        observedAt(0, 'job0', { id: 1, headSha: sha('a') }),
        succeeds('job0', 1),
      ]
      const beforeOthers = started.reduce((before, event) => apply(before, event), state)
      decider.update(beforeOthers, 1)
      decider.take()
      const events = ['job3', 'job4'].flatMap((job, index) => {
        const at = 10 + index
        const later = dispatched(job, at).map((event) => ({ ...event, at }))
        return [...later, observedAt(at, job, { id: at }), succeeds(job, at)]
      })
      // One decision for the event, and one for each taken action.
      for (const cost of costs(decider, beforeOthers, events)) expect(cost).toBeLessThanOrEqual(3)
    },
  )

  test('the incremental decider dispatches a job after the last of its 1998 needs with at most three decisions', () => {
    const { state, decider } = wide(2_000)
    const ended = Array.from({ length: 1_998 }, (_, index) => succeeds(`job${index}`, 1))
    const almost = ended.reduce((before, event) => apply(before, event), state)
    decider.update(almost, 1)
    decider.take()
    expect(decider.pending('dispatch job1999')).toBeUndefined()
    const [cost] = costs(decider, almost, [succeeds('job1998', 2)])
    expect(cost).toBeLessThanOrEqual(3)
    expect(decider.pending('dispatch job1999')).toMatchObject({ type: 'dispatch', job: 'job1999' })
  })
})

describe('taken actions of the incremental decider', () => {
  test('the incremental decider returns a taken action again only after it is released and while it is pending', () => {
    const { state, decider } = wide(3)
    decider.update(state, 0)
    expect(decider.take()).toEqual([])
    decider.release('dispatch job0')
    expect(decider.take()).toMatchObject([{ type: 'dispatch', job: 'job0' }])
    const later = dispatched('job0').reduce((before, event) => apply(before, event), state)
    decider.update(later, 0)
    decider.release('dispatch job0')
    expect(decider.take()).toEqual([])
    expect(decider.nextAt()).toBeGreaterThan(0)
  })
})

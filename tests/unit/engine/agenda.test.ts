import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { IncrementalDecider } from '../../../src/engine/build/schedule/incremental-decider.js'
import { apply } from '../../../src/engine/build/state/apply.js'
import { SlotAllocator } from '../../../src/engine/build/schedule/slot-allocator.js'
import type { EventBody } from '../../../src/model/build/events.js'
import type { Orchestration } from '../../../src/model/build/orchestration.js'
import { claimed, dispatched, fold, graphOf, observedAt, planOf, sha } from './fixtures.js'

const decided = vi.hoisted(() => ({ jobs: 0, heads: 0 }))

vi.mock(import('../../../src/engine/build/decide/job.js'), async (original) => {
  const { decideJob } = await original()
  return {
    decideJob: (...input) => {
      decided.jobs += 1
      return decideJob(...input)
    },
  }
})

vi.mock(import('../../../src/engine/build/decide/target.js'), async (original) => {
  const { decideTarget } = await original()
  return {
    decideTarget: (...input) => {
      decided.heads += 1
      return decideTarget(...input)
    },
  }
})

type At = EventBody & { at: number }

/** `count` jobs: the first is needed by all others, and the last needs all others. Every head is claimed. */
function wide(count: number): { state: Orchestration; agenda: IncrementalDecider } {
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
  const agenda = new IncrementalDecider(state)
  agenda.update(state, 0)
  agenda.take()
  return { state, agenda }
}

/** How many jobs and heads are decided for each of these events, taking included. */
function costs(agenda: IncrementalDecider, first: Orchestration, events: readonly At[]): number[] {
  let state = first
  return events.map((event) => {
    decided.jobs = 0
    decided.heads = 0
    state = apply(state, event)
    agenda.update(state, event.at)
    for (const { type } of agenda.take()) expect(type).not.toBe('finish')
    return decided.jobs + decided.heads
  })
}

const succeeds = (job: string, at: number): At => ({
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

describe('an event costs what it touches, however many jobs there are', () => {
  test.each([20, 2_000])('a reading, a dispatch and the end of one of %i jobs', (count) => {
    const { state, agenda } = wide(count)
    const started = [...dispatched('job0', 1), observedAt(0, 'job0', { id: 1, headSha: sha('a') }), succeeds('job0', 1)]
    const beforeOthers = started.reduce((before, event) => apply(before, event), state)
    agenda.update(beforeOthers, 1)
    agenda.take()
    const events = ['job3', 'job4'].flatMap((job, index) => {
      const at = 10 + index
      const later = dispatched(job, at).map((event) => ({ ...event, at }))
      return [...later, observedAt(at, job, { id: at }), succeeds(job, at)]
    })
    // Once for the decision, and once for each action that is taken.
    for (const cost of costs(agenda, beforeOthers, events)) expect(cost).toBeLessThanOrEqual(3)
  })

  test('the last of the needs of a job tells it, and none before', () => {
    const { state, agenda } = wide(2_000)
    const ended = Array.from({ length: 1_998 }, (_, index) => succeeds(`job${index}`, 1))
    const almost = ended.reduce((before, event) => apply(before, event), state)
    agenda.update(almost, 1)
    agenda.take()
    expect(agenda.pending('dispatch job1999')).toBeUndefined()
    const [cost] = costs(agenda, almost, [succeeds('job1998', 2)])
    expect(cost).toBeLessThanOrEqual(3)
    expect(agenda.pending('dispatch job1999')).toMatchObject({ type: 'dispatch', job: 'job1999' })
  })
})

describe('what was taken', () => {
  test('is given once, and again when it is released and still named', () => {
    const { state, agenda } = wide(3)
    agenda.update(state, 0)
    expect(agenda.take()).toEqual([])
    agenda.release('dispatch job0')
    expect(agenda.take()).toMatchObject([{ type: 'dispatch', job: 'job0' }])
    const later = dispatched('job0').reduce((before, event) => apply(before, event), state)
    agenda.update(later, 0)
    agenda.release('dispatch job0')
    expect(agenda.take()).toEqual([])
    expect(agenda.nextAt()).toBeGreaterThan(0)
  })
})

describe('what it is made of', () => {
  test('places go to the lowest ranks that want one, whatever changes', () => {
    const step = fc.record({
      rank: fc.integer({ min: 0, max: 9 }),
      isWanted: fc.boolean(),
      limit: fc.integer({ min: 0, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const places = new SlotAllocator(10)
        const wanted = new Set<number>()
        const held = new Set<number>()
        for (const { rank, isWanted, limit } of steps) {
          places.request(rank, isWanted)
          if (isWanted) wanted.add(rank)
          else wanted.delete(rank)
          const moved = new Set([...places.allocate(limit), rank])
          const due = [...wanted].sort((one, other) => one - other).slice(0, limit)
          for (let each = 0; each < 10; each += 1) {
            expect(places.hasSlot(each)).toBe(due.includes(each))
            // Who is told nothing keeps what it had.
            if (!moved.has(each)) expect(held.has(each)).toBe(due.includes(each))
          }
          held.clear()
          for (const each of due) held.add(each)
        }
      }),
    )
  })
})

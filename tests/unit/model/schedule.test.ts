import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBudget } from '../../../src/github/limits/budget.js'
import { criticalPath, pathsToEnd } from '../../../src/model/build/critical-path.js'
import { simulateSchedule } from '../../../src/model/build/schedule.js'
import type { Work } from '../../../src/model/build/schedule.js'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
/** The margin by which orch's minute and hour are longer than GitHub's, ms. */
const margin = 100
const none = { minute: false, hour: false }
const both = { minute: true, hour: true }

type Sketch = Record<string, { needs?: string[]; ms?: number; isBuilt?: boolean }>

function workOf(sketch: Sketch, changes: Partial<Work> = {}): Work {
  const jobs = Object.entries(sketch).map(([id, { needs = [], ms = 0, isBuilt = true }]) => ({
    id,
    needs,
    expectedMs: ms,
    isBuilt,
  }))
  const ranks = new Map([...pathsToEnd(jobs)].map(([id, path]) => [id, -path]))
  return { jobs, ranks, maxParallel: Infinity, claims: 0, successes: 0, postsJobStatuses: false, ...changes }
}

/** The given number of jobs without needs. */
function wide(count: number, ms: number): Sketch {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`j${index}`, { ms }]))
}

describe('a schedule', () => {
  test('a schedule starts each job when its own needs have ended, not when a whole level has', () => {
    const work = workOf({
      A: { ms: 10 },
      B: { needs: ['A'], ms: 1 },
      C: { needs: ['A'], ms: 100 },
      D: { needs: ['B'], ms: 50 },
    })
    expect(simulateSchedule(work, none)).toEqual({ builtMs: 110, unlockedMs: 110, doneMs: 110 })
  })

  test('a schedule keeps the order through a job that is not built', () => {
    const work = workOf({
      A: { ms: 10 },
      B: { needs: ['A'], isBuilt: false },
      C: { needs: ['B'], ms: 5 },
      D: { isBuilt: false },
    })
    expect(simulateSchedule(work, none).builtMs).toBe(15)
  })

  test('a schedule gives a free slot to the job with the longest path to the end', () => {
    const sketch: Sketch = { short: { ms: 10 }, other: { ms: 10 }, long: { ms: 5 }, end: { needs: ['long'], ms: 30 } }
    // The long job starts first: 5 + 30, while the two short ones share the other slot.
    expect(simulateSchedule(workOf(sketch, { maxParallel: 2 }), none).builtMs).toBe(35)
    // In the order of the file, both slots are taken until 10.
    const ranks = new Map<string, number>()
    expect(simulateSchedule(workOf(sketch, { maxParallel: 2, ranks }), none).builtMs).toBe(45)
  })

  test('a schedule without jobs or builds takes only the time of its statuses', () => {
    expect(simulateSchedule(workOf({}), both)).toEqual({ builtMs: 0, unlockedMs: 0, doneMs: 0 })
    const skipped = workOf(
      { A: { isBuilt: false }, B: { needs: ['A'], isBuilt: false } },
      { claims: 15, successes: 15 },
    )
    expect(simulateSchedule(skipped, both)).toEqual({ builtMs: 0, unlockedMs: 7_500, doneMs: 7_500 })
  })

  test('a schedule dispatches nothing before every claim was sent', () => {
    const work = workOf({ A: { ms: minute } }, { claims: 30, successes: 30 })
    // Twenty leave at once, ten one each 750 ms, and then the dispatch; a minute later the budget is full again.
    expect(simulateSchedule(work, both)).toEqual({
      builtMs: 8_250 + minute,
      unlockedMs: 8_250 + minute + 7_500,
      doneMs: 8_250 + minute + 7_500,
    })
  })

  test('a schedule unlocks before it posts the statuses of jobs', () => {
    const work = workOf(wide(30, hour), { successes: 30, postsJobStatuses: true })
    const { builtMs, unlockedMs, doneMs } = simulateSchedule(work, both)
    // The builds end as they began: twenty together, then one each 750 ms. Their statuses leave first while no success may leave.
    expect(builtMs).toBe(hour + 7_500)
    expect(unlockedMs).toBeGreaterThanOrEqual(builtMs)
    expect(doneMs).toBe(hour + 30_000)
  })

  test('a schedule of 100 writes sends the 81st one minute after the first', () => {
    expect(simulateSchedule(workOf({}, { claims: 80 }), both).doneMs).toBe(45_000)
    expect(simulateSchedule(workOf({}, { claims: 81 }), both).doneMs).toBe(minute + margin)
    expect(simulateSchedule(workOf({}, { claims: 100 }), both).doneMs).toBe(minute + margin)
  })

  test('a schedule sends 500 writes in an hour', () => {
    const work = workOf(wide(600, second))
    // Seven times eighty in seven minutes, twenty at once, and then twenty one each 750 ms.
    expect(simulateSchedule(work, { minute: true, hour: false }).builtMs).toBe(7 * (minute + margin) + 15_000 + second)
    // Dispatch 501 leaves an hour after the first, dispatch 600 an hour after the hundredth.
    expect(simulateSchedule(work, both).builtMs).toBe(hour + margin + minute + margin + second)
  })

  test('a schedule never ends before the critical path, and without limits exactly with it', () => {
    fc.assert(
      fc.property(graphs(), fc.integer({ min: 1, max: 4 }), (sketch, maxParallel) => {
        const work = workOf(sketch)
        const { ms } = criticalPath(work.jobs)
        expect(simulateSchedule(work, none).builtMs).toBe(ms)
        const narrow = simulateSchedule({ ...work, maxParallel, claims: 3, postsJobStatuses: true }, both)
        expect(narrow.builtMs).toBeGreaterThanOrEqual(ms)
        const total = work.jobs.reduce((sum, { expectedMs }) => sum + expectedMs, 0)
        expect(narrow.builtMs).toBeGreaterThanOrEqual(total / maxParallel)
        expect(narrow.doneMs).toBeGreaterThanOrEqual(narrow.builtMs)
      }),
    )
  })

  test('a schedule delays writes exactly as the request budget does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1200 }), (claims) => {
        const budget = createBudget()
        let now = 0
        for (let left = claims; left > 0; left -= 1) {
          now = Math.max(now, budget.readyAt('write', now))
          budget.take('write', now).arrived(now)
        }
        expect(simulateSchedule(workOf({}, { claims }), both).doneMs).toBe(now)
      }),
      { numRuns: 20 },
    )
  })
})

/** Acyclic graphs of up to twelve jobs; a job that is not built takes no time. */
function graphs(): fc.Arbitrary<Sketch> {
  const job = fc.record({ ms: fc.integer({ min: 0, max: 500 }), isBuilt: fc.boolean(), needs: fc.nat() })
  return fc.array(job, { minLength: 1, maxLength: 12 }).map((jobs) =>
    Object.fromEntries(
      jobs.map(({ ms, isBuilt, needs }, index) => {
        const chosen = jobs.flatMap((_, other) => (other < index && (needs >> other) % 2 === 1 ? [`j${other}`] : []))
        return [`j${index}`, { needs: chosen, isBuilt, ms: isBuilt ? ms : 0 }]
      }),
    ),
  )
}

import { describe, expect, test } from 'vitest'
import { criticalPath, pathsToEnd } from '../../../src/model/build/critical-path.js'

describe('the expected path to the end', () => {
  test('pathsToEnd adds the longest path through the dependents to the time of the job itself', () => {
    const paths = pathsToEnd([
      { id: 'A', needs: [], expectedMs: 1 },
      { id: 'B', needs: ['A'], expectedMs: 20 },
      { id: 'C', needs: ['A'], expectedMs: 300 },
      { id: 'E', needs: ['B', 'C'], expectedMs: 4_000 },
    ])
    expect(Object.fromEntries(paths)).toEqual({ A: 4_301, B: 4_020, C: 4_300, E: 4_000 })
  })

  test('pathsToEnd goes through a job that is not built, because it still orders its dependents', () => {
    const paths = pathsToEnd([
      { id: 'A', needs: [], expectedMs: 10 },
      { id: 'B', needs: ['A'], expectedMs: 0 },
      { id: 'C', needs: ['B'], expectedMs: 5 },
    ])
    expect(Object.fromEntries(paths)).toEqual({ A: 15, B: 5, C: 5 })
  })
})

describe('the critical path', () => {
  const job = (id: string, needs: string[], expectedMs: number, isBuilt = true) => ({ id, needs, expectedMs, isBuilt })

  test('criticalPath names the builds that take longest one after the other', () => {
    const jobs = [job('A', [], 10), job('B', ['A'], 20), job('C', ['A'], 5), job('D', [], 29), job('E', ['B', 'C'], 1)]
    expect(criticalPath(jobs)).toEqual({ jobs: ['A', 'B', 'E'], ms: 31 })
  })

  test('criticalPath goes through a job that is not built without naming it', () => {
    const jobs = [job('A', [], 10), job('B', ['A'], 0, false), job('C', ['B'], 5), job('D', ['C'], 0, false)]
    expect(criticalPath(jobs)).toEqual({ jobs: ['A', 'C'], ms: 15 })
  })

  test('criticalPath is the longest chain when all durations are equal', () => {
    const jobs = [job('A', [], 0), job('B', [], 0), job('C', ['B'], 0), job('D', ['C'], 0, false)]
    expect(criticalPath(jobs)).toEqual({ jobs: ['B', 'C'], ms: 0 })
  })

  test('criticalPath is empty when nothing is built', () => {
    expect(criticalPath([])).toEqual({ jobs: [], ms: 0 })
    expect(criticalPath([job('A', [], 0, false)])).toEqual({ jobs: [], ms: 0 })
  })
})

import { describe, expect, test } from 'vitest'
import { pathsToEnd } from '../../src/model/critical-path.js'

describe('the expected path to the end', () => {
  test('holds the job itself and the longest way through its dependents', () => {
    const paths = pathsToEnd([
      { id: 'A', needs: [], expectedMs: 1 },
      { id: 'B', needs: ['A'], expectedMs: 20 },
      { id: 'C', needs: ['A'], expectedMs: 300 },
      { id: 'E', needs: ['B', 'C'], expectedMs: 4_000 },
    ])
    expect(Object.fromEntries(paths)).toEqual({ A: 4_301, B: 4_020, C: 4_300, E: 4_000 })
  })

  test('leads through a job that is not built, for it still orders its dependents', () => {
    const paths = pathsToEnd([
      { id: 'A', needs: [], expectedMs: 10 },
      { id: 'B', needs: ['A'], expectedMs: 0 },
      { id: 'C', needs: ['B'], expectedMs: 5 },
    ])
    expect(Object.fromEntries(paths)).toEqual({ A: 15, B: 5, C: 5 })
  })
})

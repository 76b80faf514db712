import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { needsThrough, repositoriesOf, sortJobs } from '../../../src/model/graph.js'
import type { Graph } from '../../../src/model/graph.js'

interface Node {
  id: string
  needs: readonly string[]
}

const nodes = (edges: Record<string, readonly string[]>): Node[] =>
  Object.entries(edges).map(([id, needs]) => ({ id, needs }))

/** Any jobs with any needs among themselves: cycles and self-needs included. */
const anyGraph: fc.Arbitrary<Node[]> = fc
  .integer({ min: 1, max: 9 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, at) =>
        fc
          .subarray(Array.from({ length: size }, (_one, other) => `j${other}`))
          .map((needs) => ({ id: `j${at}`, needs })),
      ),
    ),
  )

const acyclicGraph: fc.Arbitrary<Node[]> = fc.integer({ min: 1, max: 40 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, at) =>
      fc
        .subarray(
          Array.from({ length: at }, (_one, other) => `j${other}`),
          { maxLength: Math.min(at, 3) },
        )
        .map((needs) => ({ id: `j${at}`, needs })),
    ),
  ),
)

describe('sortJobs', () => {
  test('sortJobs puts needs first and otherwise keeps the order of the file', () => {
    const sorted = sortJobs(nodes({ e: ['b', 'c', 'd'], d: ['a'], c: ['a'], b: ['a'], a: [] }))
    expect(sorted.ok && sorted.jobs.map((job) => job.id)).toEqual(['a', 'd', 'c', 'b', 'e'])
  })

  test('sortJobs returns every cycle that shares no job with another, starting at its first job in the file', () => {
    const graph = nodes({
      top: [],
      b: ['a'],
      a: ['c', 'top'],
      c: ['b'],
      x: ['a', 'y'],
      y: ['x'],
      z: ['z'],
      leaf: ['x'],
    })
    const sorted = sortJobs(graph)
    expect(sorted.ok ? [] : sorted.cycles).toEqual([
      ['b', 'a', 'c', 'b'],
      ['z', 'z'],
      ['x', 'y', 'x'],
    ])
  })

  test('sortJobs sorts any jobs after their needs, or returns cycles that exist', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const sorted = sortJobs(graph)
        const byId = new Map(graph.map((job) => [job.id, job]))
        if (sorted.ok) {
          const order = sorted.jobs.map((job) => job.id)
          expect(order.toSorted()).toEqual(graph.map((job) => job.id).toSorted())
          for (const job of graph)
            for (const need of job.needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(job.id))
          return
        }
        expect(sorted.cycles.length).toBeGreaterThan(0)
        for (const cycle of sorted.cycles) {
          expect(cycle.at(0)).toBe(cycle.at(-1))
          cycle.slice(1).forEach((need, at) => expect(byId.get(cycle[at] ?? '')?.needs).toContain(need))
        }
        const cycleJobs = sorted.cycles.flatMap((cycle) => cycle.slice(1))
        expect(new Set(cycleJobs).size).toBe(cycleJobs.length)
      }),
    )
  })

  test('sortJobs sorts a star and a chain of 50,000 jobs', () => {
    const ids = Array.from({ length: 50_000 }, (_, at) => `j${at}`)
    expect(sortJobs(ids.map((id, at) => ({ id, needs: at === 0 ? [] : ['j0'] }))).ok).toBe(true)
    expect(sortJobs(ids.map((id, at) => ({ id, needs: at === 0 ? [] : [`j${at - 1}`] }))).ok).toBe(true)
  })
})

describe('needsThrough', () => {
  test('needsThrough agrees with a walk through the needs, for every pair', () => {
    fc.assert(
      fc.property(acyclicGraph, (graph) => {
        const byId = new Map(graph.map((job) => [job.id, job]))
        const walk = (job: string, ancestor: string): boolean =>
          (byId.get(job)?.needs ?? []).some((need) => need === ancestor || walk(need, ancestor))
        const pairs = graph.flatMap(({ id: job }) => graph.slice(-36).map(({ id: ancestor }) => ({ job, ancestor })))
        expect(needsThrough(graph, pairs)).toEqual(pairs.map(({ job, ancestor }) => walk(job, ancestor)))
      }),
      { numRuns: 30 },
    )
  })

  test('needsThrough answers false for an unknown job', () => {
    expect(needsThrough(nodes({ a: [], b: ['a'] }), [{ job: 'b', ancestor: 'x' }])).toEqual([false])
    expect(needsThrough(nodes({ a: [], b: ['a'] }), [{ job: 'x', ancestor: 'a' }])).toEqual([false])
  })
})

test('repositoriesOf returns each repository once, compared without case', () => {
  const job = (repo: string) => ({
    id: repo,
    repo,
    needs: [],
    workflow: 'b.yml',
    inputs: {},
    timeoutMs: 1,
    queueTimeoutMs: 1,
    retries: 0,
    retryOn: 'any' as const,
  })
  const graph: Graph = {
    branches: [],
    statusContext: 'x',
    failFast: true,
    maxParallel: null,
    jobs: [job('o/b'), job('o/a'), job('O/B')],
  }
  expect(repositoriesOf(graph)).toEqual(['o/b', 'o/a'])
})

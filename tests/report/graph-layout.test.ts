import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layoutGraph, nodeSize } from '../../src/report/graph/layout.js'
import type { GraphNode } from '../../src/report/graph/layout.js'

/** A graph in a topological order: each node needs some of those before it. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 40 }).map((list): GraphNode[] =>
  list.map((needs, index) => ({
    id: `job-${index}`,
    needs: index === 0 ? [] : [...new Set(needs.map((need) => `job-${need % index}`))],
  })),
)

describe('the layout of a graph', () => {
  test('the example graph has three layers, centered on each other', () => {
    const { nodes, edges } = layoutGraph([
      { id: 'a', needs: [] },
      { id: 'b', needs: ['a'] },
      { id: 'c', needs: ['a'] },
      { id: 'd', needs: ['a'] },
      { id: 'e', needs: ['b', 'c', 'd'] },
    ])
    const columns = [...new Set(nodes.map(({ x }) => x))]
    expect(columns.map((column) => nodes.filter(({ x }) => x === column).map(({ id }) => id))).toEqual([
      ['a'],
      ['b', 'c', 'd'],
      ['e'],
    ])
    const yOf = (id: string): number => nodes.find((node) => node.id === id)?.y ?? 0
    expect([yOf('a'), yOf('e')]).toEqual([yOf('c'), yOf('c')])
    expect(edges.map(({ from, to }) => `${from}-${to}`).sort()).toEqual(['a-b', 'a-c', 'a-d', 'b-e', 'c-e', 'd-e'])
  })

  test('the order within a layer follows the needs, so that edges do not cross where they need not', () => {
    const { nodes } = layoutGraph([
      { id: 'a', needs: [] },
      { id: 'b', needs: [] },
      { id: 'of-b', needs: ['b'] },
      { id: 'of-a', needs: ['a'] },
    ])
    const yOf = (id: string): number => nodes.find((node) => node.id === id)?.y ?? 0
    expect(yOf('of-a') < yOf('of-b')).toBe(yOf('a') < yOf('b'))
  })

  test('every job is placed once, within the picture, right of its needs and over no other job', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { nodes, edges, width, height } = layoutGraph(graph)
        const byId = new Map(nodes.map((node) => [node.id, node]))
        expect(byId.size).toBe(graph.length)
        expect(edges).toHaveLength(graph.reduce((sum, { needs }) => sum + needs.length, 0))
        for (const { id, needs } of graph) {
          const node = byId.get(id)!
          expect(node.x >= 0 && node.x + nodeSize.width <= width).toBe(true)
          expect(node.y >= 0 && node.y + nodeSize.height <= height).toBe(true)
          for (const need of needs) expect(byId.get(need)!.x + nodeSize.width).toBeLessThan(node.x)
        }
        for (const one of nodes) {
          const over = nodes.filter((other) => other.x === one.x && Math.abs(other.y - one.y) < nodeSize.height)
          expect(over).toEqual([one])
        }
      }),
    )
  })

  test('an empty graph and a need that is not in the graph are no problem', () => {
    expect(layoutGraph([]).nodes).toEqual([])
    expect(layoutGraph([{ id: 'a', needs: ['gone'] }])).toMatchObject({ nodes: [{ id: 'a' }], edges: [] })
  })
})

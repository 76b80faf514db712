import { graphlib, layout } from '@dagrejs/dagre'

/** A node to place: a job and the jobs it needs. */
export interface GraphNode {
  id: string
  needs: readonly string[]
}

export interface PlacedNode {
  id: string
  /** Upper left corner. */
  x: number
  y: number
}

/** From the right side of a job to the left side of one that needs it. */
export interface PlacedEdge {
  from: string
  to: string
  /** The data of an SVG path. */
  path: string
}

export interface GraphLayout {
  width: number
  height: number
  nodes: readonly PlacedNode[]
  edges: readonly PlacedEdge[]
}

export const nodeSize = { width: 172, height: 52 }
const margin = 4

/** The layout of the graph that was placed last: a page draws the same one again and again, and placing 100 jobs takes half a second. */
let latest: { key: string; layout: GraphLayout } | null = null

/** Places a graph from left to right: each job right of its needs. Needs that are not in it are ignored. */
export function layoutGraph(nodes: readonly GraphNode[]): GraphLayout {
  const key = JSON.stringify(nodes.map(({ id, needs }) => [id, needs]))
  if (latest?.key !== key) latest = { key, layout: placeGraph(nodes) }
  return latest.layout
}

function placeGraph(nodes: readonly GraphNode[]): GraphLayout {
  const graph = new graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 16, ranksep: 56 })
  // Of jobs that could be in any order, the library places the last one on top.
  const reversed = [...nodes].reverse()
  for (const { id } of reversed) graph.setNode(id, { ...nodeSize })
  for (const { id, needs } of reversed) {
    for (const need of needs) if (graph.hasNode(need)) graph.setEdge(need, id, {})
  }
  if (nodes.length > 0) layout(graph)
  const centers = nodes.map(({ id }) => ({ id, ...graph.node(id) }))
  const routes = graph.edges().map(({ v, w }) => {
    // The first and the last point lie anywhere on the border of a job; a route of three points needs no bend.
    const bends = graph.edge(v, w).points.slice(1, -1)
    return { from: v, to: w, bends: bends.length === 1 ? [] : bends }
  })
  const points = [...centers, ...routes.flatMap(({ bends }) => bends)]
  const top = Math.min(...centers.map(({ y }) => y - nodeSize.height / 2), ...points.map(({ y }) => y)) - margin
  const bottom = Math.max(...centers.map(({ y }) => y + nodeSize.height / 2), ...points.map(({ y }) => y)) + margin
  const right = Math.max(...centers.map(({ x }) => x + nodeSize.width / 2)) + 2 * margin
  const placed = centers.map(({ id, x, y }) => ({
    id,
    x: Math.round(x - nodeSize.width / 2 + margin),
    y: Math.round(y - nodeSize.height / 2 - top),
  }))
  const byId = new Map(placed.map((node) => [node.id, node]))
  return {
    width: nodes.length === 0 ? 0 : Math.ceil(right),
    height: nodes.length === 0 ? 0 : Math.ceil(bottom - top),
    nodes: placed,
    edges: routes.flatMap(({ from, to, bends }) => {
      const [start, end] = [byId.get(from), byId.get(to)]
      if (!start || !end) return []
      const middle = nodeSize.height / 2
      const path = curve([
        { x: start.x + nodeSize.width, y: start.y + middle },
        ...bends.map(({ x, y }) => ({ x: Math.round(x + margin), y: Math.round(y - top) })),
        { x: end.x - 2, y: end.y + middle },
      ])
      return [{ from, to, path }]
    }),
  }
}

/** A path from left to right that is level where it meets each point. */
function curve([start, ...rest]: readonly { x: number; y: number }[]): string {
  if (!start) return ''
  let before = start
  const parts = rest.map(({ x, y }) => {
    const middle = Math.round((before.x + x) / 2)
    const part = `C${middle} ${before.y} ${middle} ${y} ${x} ${y}`
    before = { x, y }
    return part
  })
  return [`M${start.x} ${start.y}`, ...parts].join(' ')
}

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
const gap = { x: 56, y: 16 }
const margin = 4
/** How often the order within the layers is improved; more changes little. */
const sweeps = 4

/**
 * Places a graph from left to right: each job in the layer after the last of its needs, and near the jobs that it is connected with.
 * `nodes` is in a topological order; needs that are not in it are ignored.
 */
export function layoutGraph(nodes: readonly GraphNode[]): GraphLayout {
  const layers = layersOf(nodes)
  const neighbors = neighborsOf(nodes)
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const order = sweep % 2 === 0 ? layers : [...layers].reverse()
    for (const layer of order) sortLayer(layer, indexIn(layers), neighbors)
  }
  const tallest = Math.max(0, ...layers.map(({ length }) => length))
  const size = (count: number, side: number, space: number): number => Math.max(0, count * (side + space) - space)
  const height = size(tallest, nodeSize.height, gap.y)
  const placed = layers.flatMap((layer, column) => {
    const top = (height - size(layer.length, nodeSize.height, gap.y)) / 2
    return layer.map((id, row) => ({
      id,
      x: margin + column * (nodeSize.width + gap.x),
      y: margin + top + row * (nodeSize.height + gap.y),
    }))
  })
  return {
    width: size(layers.length, nodeSize.width, gap.x) + 2 * margin,
    height: height + 2 * margin,
    nodes: placed,
    edges: edgesOf(nodes, new Map(placed.map((node) => [node.id, node]))),
  }
}

/** The ids of each layer, in the order given. */
function layersOf(nodes: readonly GraphNode[]): string[][] {
  const layerOf = new Map<string, number>()
  const layers: string[][] = []
  for (const { id, needs } of nodes) {
    const layer = needs.reduce((latest, need) => Math.max(latest, (layerOf.get(need) ?? -1) + 1), 0)
    layerOf.set(id, layer)
    const ids = (layers[layer] ??= [])
    ids.push(id)
  }
  return layers
}

function neighborsOf(nodes: readonly GraphNode[]): Map<string, string[]> {
  const neighbors = new Map<string, string[]>(nodes.map(({ id }) => [id, []]))
  for (const { id, needs } of nodes) {
    for (const need of needs) {
      if (!neighbors.has(need)) continue
      neighbors.get(id)?.push(need)
      neighbors.get(need)?.push(id)
    }
  }
  return neighbors
}

/** The relative position of each job in its layer, from 0 to 1. */
function indexIn(layers: readonly (readonly string[])[]): Map<string, number> {
  return new Map(layers.flatMap((layer) => layer.map((id, index) => [id, (index + 0.5) / layer.length])))
}

/** Sorts a layer by the mean position of the neighbors of each job; one without neighbors keeps its own. */
function sortLayer(layer: string[], positions: ReadonlyMap<string, number>, neighbors: ReadonlyMap<string, string[]>) {
  const weightOf = (id: string): number => {
    const near = neighbors.get(id) ?? []
    if (near.length === 0) return positions.get(id) ?? 0
    return near.reduce((sum, each) => sum + (positions.get(each) ?? 0), 0) / near.length
  }
  const weights = new Map(layer.map((id) => [id, weightOf(id)]))
  layer.sort((one, other) => (weights.get(one) ?? 0) - (weights.get(other) ?? 0))
}

function edgesOf(nodes: readonly GraphNode[], placed: ReadonlyMap<string, PlacedNode>): PlacedEdge[] {
  return nodes.flatMap(({ id, needs }) =>
    needs.flatMap((need) => {
      const [from, to] = [placed.get(need), placed.get(id)]
      if (!from || !to) return []
      const [x1, y1] = [from.x + nodeSize.width, from.y + nodeSize.height / 2]
      const [x2, y2] = [to.x - 2, to.y + nodeSize.height / 2]
      // The bend keeps within the last gap, so that a long edge does not cross the labels of its own layer.
      const bend = Math.max(x1, to.x - gap.x)
      return [{ from: need, to: id, path: `M${x1} ${y1} H${bend} C${bend + 28} ${y1} ${x2 - 28} ${y2} ${x2} ${y2}` }]
    }),
  )
}

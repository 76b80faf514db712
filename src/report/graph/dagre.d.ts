// What `layout.ts` uses of the library. Its own declarations import each other without file extensions, which Node's rules for ES modules
// do not resolve, so that TypeScript takes everything as `any`.
declare module '@dagrejs/dagre' {
  interface Placed {
    /** The center. */
    x: number
    y: number
  }

  interface Graph {
    setGraph(label: { rankdir: 'LR'; nodesep: number; ranksep: number }): void
    setNode(id: string, label: { width: number; height: number }): void
    hasNode(id: string): boolean
    /** Only after `layout`. */
    node(id: string): Placed
    setEdge(from: string, to: string, label: object): void
    edges(): readonly { v: string; w: string }[]
    /** Only after `layout`. */
    edge(from: string, to: string): { points: readonly Placed[] }
  }

  export const graphlib: { Graph: new () => Graph }
  export function layout(graph: Graph): void
}

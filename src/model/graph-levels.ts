import type { Graph } from './graph.js'

/** Each job's distance from the start of the graph, from 0: jobs of one level do not wait for each other. */
export function levelsOf(graph: Graph): Map<string, number> {
  const levels = new Map<string, number>()
  for (const job of graph.jobs) {
    levels.set(
      job.id,
      job.needs.reduce((level, need) => Math.max(level, (levels.get(need) ?? 0) + 1), 0),
    )
  }
  return levels
}

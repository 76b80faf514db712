import { raw } from 'hono/html'
import { shownAt } from '../../../model/build/history.js'
import type { RecordedOrchestration } from '../../../model/build/history.js'
import type { ChangeStatus } from '../../../model/change-status.js'
import type { Graph } from '../../../model/graph.js'
import { drawSvg, maxDrawnJobs } from '../../../report/graph/svg.js'
import { viewBuiltGraph, viewChangeGraph } from '../../../report/views/graph-view.js'
import { Scroll } from '../parts/table.js'

export interface GraphSectionProps {
  graph: Graph
  /** The newest orchestration; undefined: there is none. */
  entry: RecordedOrchestration | undefined
  status: ChangeStatus
  now: number
}

/** The graph of a change: the jobs of its newest orchestration, or what one would build. */
export function GraphSection({ graph, entry, status, now }: GraphSectionProps) {
  const jobs = entry ? viewBuiltGraph(entry.orchestration, shownAt(entry, now)) : viewChangeGraph(graph, status)
  return (
    <section aria-labelledby="graph-heading">
      <h2 id="graph-heading">Graph</h2>
      {jobs.length > maxDrawnJobs ? (
        <p>The graph has {jobs.length} jobs, which is too many for a picture. The table of jobs has them all.</p>
      ) : (
        <Scroll id="graph" label="Graph of the jobs">
          {raw(drawSvg(jobs))}
        </Scroll>
      )}
    </section>
  )
}

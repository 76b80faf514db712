import { cutMiddle } from '../../../lib/text-width.js'
import { signs } from '../parts/badge.js'
import type { Tone } from '../parts/badge.js'
import { layoutGraph, nodeSize } from './graph-layout.js'
import type { PlacedNode } from './graph-layout.js'

/** A job as the picture shows it. All text is sanitized. */
export interface PictureJob {
  id: string
  needs: readonly string[]
  tone: Tone
  /** `running 12s`. */
  state: string
  /** False: its repository does not take part in the change. */
  isPart: boolean
}

/** Columns of text that fit a node. */
const nameColumns = 19
const stateColumns = 22

/** The graph of a change. The table of its jobs says the same in words. */
export function GraphPicture({ jobs }: { jobs: readonly PictureJob[] }) {
  const { width, height, nodes, edges } = layoutGraph(jobs)
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const words = jobs.map(({ id, state }) => `${id}: ${state}`).join('; ')
  return (
    <svg
      class="picture"
      role="img"
      aria-labelledby="graph-title graph-text"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
    >
      <title id="graph-title">Graph of the jobs, from left to right</title>
      <desc id="graph-text">{words}</desc>
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">
          <path class="arrow" d="M0 0 L8 4 L0 8 z" />
        </marker>
      </defs>
      {edges.map(({ path }) => (
        <path class="edge" d={path} marker-end="url(#arrow)" />
      ))}
      {nodes.map((node) => {
        const job = byId.get(node.id)
        return job ? <Node node={node} job={job} /> : null
      })}
    </svg>
  )
}

function Node({ node, job }: { node: PlacedNode; job: PictureJob }) {
  const { x, y } = node
  return (
    <g class={`node ${job.tone}${job.isPart ? '' : ' outside'}`}>
      <title>{`${job.id}: ${job.state}`}</title>
      <rect x={x} y={y} width={nodeSize.width} height={nodeSize.height} rx="8" />
      <text class="name" x={x + 12} y={y + 22}>
        {cutMiddle(job.id, nameColumns)}
      </text>
      <text class="state" x={x + 12} y={y + 40}>
        {cutMiddle(`${signs[job.tone]} ${job.state}`, stateColumns)}
      </text>
    </g>
  )
}

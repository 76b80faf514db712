import { mermaidSafe } from '../../lib/sanitize.js'
import type { GraphJob } from '../views/graph-view.js'
import type { JobDisplayState } from '../views/job-view.js'

/** GitHub's Mermaid does not draw larger graphs (its maxEdges is 500), or draws them unreadably. */
const maxJobs = 100
const maxEdges = 400
const maxLabelLength = 40

/** Colours that are readable on GitHub's light and dark pages. */
const classes: Record<JobDisplayState, string> = {
  succeeded: 'fill:#1a7f37,stroke:#1a7f37,color:#ffffff',
  failed: 'fill:#cf222e,stroke:#cf222e,color:#ffffff',
  cancelled: 'fill:#9a6700,stroke:#9a6700,color:#ffffff',
  active: 'fill:#0969da,stroke:#0969da,color:#ffffff',
  waiting: 'fill:#6e7781,stroke:#6e7781,color:#ffffff',
  skipped: 'fill:none,stroke:#6e7781,stroke-dasharray:4',
  'left-running': 'fill:#ffffff,stroke:#0969da,color:#0969da,stroke-dasharray:4',
  'not-run': 'fill:none,stroke:#6e7781,stroke-dasharray:4',
}

/** Whether GitHub's Mermaid draws a graph of this size. */
export function fitsMermaid(jobs: readonly GraphJob[]): boolean {
  return jobs.length <= maxJobs && jobs.reduce((sum, job) => sum + job.needs.length, 0) <= maxEdges
}

/** The graph as a Mermaid flowchart, without its fence. Jobs are coloured by state where they have one. */
export function drawMermaid(jobs: readonly GraphJob[]): string {
  const nodes = new Map(jobs.map((job, index) => [job.id, `j${index}`]))
  const lines = jobs.map(({ id, state, displayState }, index) => {
    const word = state === '' ? '' : `<br/>${mermaidSafe(state)}`
    const look = state === '' ? '' : `:::${className(displayState)}`
    return `  j${index}["${mermaidSafe(clip(id))}${word}"]${look}`
  })
  const edges = jobs.flatMap(({ id, needs }) =>
    needs.map((need) => `  ${nodes.get(need) ?? ''} --> ${nodes.get(id) ?? ''}`),
  )
  const used = new Set(jobs.flatMap(({ state, displayState }) => (state === '' ? [] : [displayState])))
  const looks = [...used].map((state) => `  classDef ${className(state)} ${classes[state]}`)
  return ['flowchart LR', ...lines, ...edges, ...looks].join('\n')
}

function clip(text: string): string {
  const chars = Array.from(text)
  return chars.length <= maxLabelLength ? text : `${chars.slice(0, maxLabelLength - 1).join('')}…`
}

function className(state: JobDisplayState): string {
  return state.replace('-', '')
}

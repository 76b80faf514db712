import type { Orchestration } from '../../model/build/orchestration.js'
import { mermaidSafe } from '../../lib/sanitize.js'
import type { JobView, JobDisplayState } from '../views/job-view.js'

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

function clip(text: string): string {
  const chars = Array.from(text)
  return chars.length <= maxLabelLength ? text : `${chars.slice(0, maxLabelLength - 1).join('')}…`
}

/** The graph as a Mermaid flowchart coloured by outcome, without its fence; null: it is too big. */
export function drawGraph(orchestration: Orchestration, views: readonly JobView[]): string | null {
  const { jobs } = orchestration.plan.graph
  const edges = jobs.reduce((sum, job) => sum + job.needs.length, 0)
  if (jobs.length > maxJobs || edges > maxEdges) return null
  const nodes = new Map(jobs.map((job, index) => [job.id, `j${index}`]))
  const viewOf = new Map(orchestration.plan.jobs.map(({ job }, index) => [job, views[index]]))
  const used = new Set<JobDisplayState>()
  const lines = jobs.map((job) => {
    const view = viewOf.get(job.id)
    const state = view?.displayState ?? 'waiting'
    used.add(state)
    return `  ${nodes.get(job.id) ?? ''}["${mermaidSafe(clip(job.id))}<br/>${mermaidSafe(view?.word ?? 'waiting')}"]:::${className(state)}`
  })
  for (const job of jobs) {
    for (const need of job.needs) lines.push(`  ${nodes.get(need) ?? ''} --> ${nodes.get(job.id) ?? ''}`)
  }
  for (const state of used) lines.push(`  classDef ${className(state)} ${classes[state]}`)
  return ['flowchart LR', ...lines].join('\n')
}

function className(state: JobDisplayState): string {
  return state.replace('-', '')
}

import type { Orchestration } from '../../model/build/orchestration.js'
import { mermaidSafe } from '../../lib/sanitize.js'
import type { JobView, JobDisplayState } from '../views/job-view.js'

/** Beyond these GitHub's Mermaid draws nothing (its maxEdges is 500), or nothing that can be read. */
const maxJobs = 100
const maxEdges = 400
const maxLabelLength = 40

/** Colours that can be read on GitHub's light and dark pages. */
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

/** The graph as a Mermaid flowchart coloured by outcome, without its fence; null: it is too big to be drawn. */
export function drawGraph(orchestration: Orchestration, views: readonly JobView[]): string | null {
  const { jobs } = orchestration.plan.graph
  const edges = jobs.reduce((sum, job) => sum + job.needs.length, 0)
  if (jobs.length > maxJobs || edges > maxEdges) return null
  const nodes = new Map(jobs.map((job, index) => [job.id, `j${index}`]))
  const standings = new Map(orchestration.plan.jobs.map(({ job }, index) => [job, views[index]]))
  const used = new Set<JobDisplayState>()
  const lines = jobs.map((job) => {
    const view = standings.get(job.id)
    const standing = view?.displayState ?? 'waiting'
    used.add(standing)
    return `  ${nodes.get(job.id) ?? ''}["${mermaidSafe(clip(job.id))}<br/>${mermaidSafe(view?.word ?? 'waiting')}"]:::${className(standing)}`
  })
  for (const job of jobs) {
    for (const need of job.needs) lines.push(`  ${nodes.get(need) ?? ''} --> ${nodes.get(job.id) ?? ''}`)
  }
  for (const standing of used) lines.push(`  classDef ${className(standing)} ${classes[standing]}`)
  return ['flowchart LR', ...lines].join('\n')
}

function className(standing: JobDisplayState): string {
  return standing.replace('-', '')
}

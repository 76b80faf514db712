import type { Graph } from '../model/graph.js'
import type { JobState, Orchestration } from '../model/orchestration.js'
import type { NeedsField, TemplateContext } from '../model/template.js'

/** What the inputs of a dispatch may name, at this moment. */
export function templateContext(graph: Graph, orchestration: Orchestration, attempt: number): TemplateContext {
  const needs = new Map<string, Readonly<Record<NeedsField, string>>>()
  const heads = new Map(orchestration.plan.jobs.map(({ job, headSha }) => [job, headSha]))
  for (const { id } of graph.jobs) {
    needs.set(id, needsFieldsOf(orchestration.jobs.get(id), heads.get(id) ?? null))
  }
  return { branch: orchestration.plan.branch, orchestrationId: orchestration.id, attempt, needs }
}

function needsFieldsOf(job: JobState | undefined, headSha: string | null): Readonly<Record<NeedsField, string>> {
  const settled = job?.phase === 'settled' ? job : null
  return {
    'head-sha': headSha ?? '',
    'run-id': String(settled?.runId ?? ''),
    'run-url': settled?.url ?? '',
    result: settled ? resultOf(settled.outcome) : '',
  }
}

/** The words of GitHub Actions' `needs.<job>.result`. */
function resultOf(outcome: Extract<JobState, { phase: 'settled' }>['outcome']): string {
  if (outcome === 'succeeded' || outcome === 'fresh') return 'success'
  if (outcome === 'skipped' || outcome === 'not-run') return 'skipped'
  return outcome === 'cancelled' ? 'cancelled' : 'failure'
}

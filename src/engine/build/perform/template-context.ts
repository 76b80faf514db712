import type { Orchestration } from '../../../model/build/orchestration.js'
import type { JobState } from '../../../model/build/state/job-state.js'
import type { NeedsField, TemplateContext } from '../../../model/build/template.js'
import { indexPlan } from '../state/plan-index.js'

/** The values that the inputs of a dispatch can use. Values of needs are computed only when an input uses them. */
export function templateContext(orchestration: Orchestration, attempt: number): TemplateContext {
  const { plan, jobs, id } = orchestration
  const get = (job: string): Readonly<Record<NeedsField, string>> | undefined => {
    const planned = indexPlan(plan).nodeByJob.get(job)?.planned
    return planned && needsFieldsOf(jobs.get(job), planned.headSha)
  }
  return { branch: plan.branch, orchestrationId: id, attempt, needs: { get } }
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

/** Maps an outcome to the values of GitHub Actions' `needs.<job>.result`. */
function resultOf(outcome: Extract<JobState, { phase: 'settled' }>['outcome']): string {
  if (outcome === 'succeeded' || outcome === 'fresh') return 'success'
  if (outcome === 'skipped' || outcome === 'not-run') return 'skipped'
  return outcome === 'cancelled' ? 'cancelled' : 'failure'
}

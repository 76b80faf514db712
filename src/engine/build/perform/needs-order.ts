import type { Orchestration } from '../../../model/build/orchestration.js'
import type { Job } from '../../../model/graph.js'
import { indexPlan } from '../state/plan-index.js'

/**
 * Whether a run of the job is newer than the runs that built its needs, also through skipped jobs: an older run used other builds of them.
 * GitHub's run IDs grow with time. False if a need has no successful run.
 */
export function isAfterNeeds(orchestration: Orchestration, job: Job, runId: number): boolean {
  const { nodeByJob } = indexPlan(orchestration.plan)
  return job.needs.every((id) => {
    const state = orchestration.jobs.get(id)
    const need = nodeByJob.get(id)?.job
    if (state?.phase !== 'settled' || !need) return false
    if (state.outcome === 'skipped') return isAfterNeeds(orchestration, need, runId)
    return ['succeeded', 'fresh'].includes(state.outcome) && state.runId !== null && state.runId < runId
  })
}

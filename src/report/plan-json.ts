import type { Plan, RunOptions } from '../model/plan.js'
import { jsonVersion, planFieldsJson } from './event-json.js'
import type { JsonObject } from './event-json.js'
import { levelsOf } from './plan-view.js'

/** A plan as `orch plan --json` gives it: config/schemas/plan.schema.json. */
export function planToJson(plan: Plan, run: RunOptions): JsonObject {
  const levels = levelsOf(plan.graph)
  const fields = planFieldsJson(plan, run)
  return {
    version: jsonVersion,
    ...fields,
    jobs: fields.jobs.map((job) => ({ ...job, step: (levels.get(job.job) ?? 0) + 1 })),
    members: plan.members.map(({ repo, headSha }) => ({ repository: repo, headSha })),
    absent: plan.absent.map(({ repo, defaultBranch, defaultBranchSha }) => ({
      repository: repo,
      defaultBranch,
      defaultBranchSha,
    })),
    unlocks: run.postStatus ? fields.pullRequests : [],
    isUnlocked: plan.isUnlocked === true,
  }
}

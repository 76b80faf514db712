import { estimateRun } from '../../model/build/estimate.js'
import type { Estimate } from '../../model/build/estimate.js'
import type { Plan, RunOptions } from '../../model/build/plan.js'
import { jsonVersion, planFieldsJson } from './event-json.js'
import type { JsonObject } from './event-json.js'
import { levelsOf } from '../views/plan-view.js'

/** A plan as `orch plan --json` gives it: config/schemas/plan.schema.json. */
export function planToJson(plan: Plan, run: RunOptions, estimate: Estimate = estimateRun(plan, run, true)): JsonObject {
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
    estimate: estimateJson(estimate),
    unlocks: run.postStatus ? fields.pullRequests : [],
    isUnlocked: plan.isUnlocked === true,
  }
}

function estimateJson({ writes, ...estimate }: Estimate): JsonObject {
  const { makespanMs, unlockedMs, criticalPathMs, unknownJobs, limits } = estimate
  const { claims, dispatches, jobStatuses, successes } = writes
  return {
    builds: estimate.builds,
    makespanMs: whole(makespanMs),
    unlockedMs: whole(unlockedMs),
    isLowerBound: unknownJobs.length > 0,
    unknownJobs: [...unknownJobs],
    criticalPathMs: whole(criticalPathMs),
    criticalPath: estimate.criticalPath.map(({ job, usualMs }) => ({ job, usualMs: whole(usualMs) })),
    writes: { claims, dispatches, jobStatuses, successes, all: claims + dispatches + jobStatuses + successes },
    limits: { minuteMs: Math.round(limits.minuteMs), hourMs: Math.round(limits.hourMs) },
  }
}

function whole(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms)
}

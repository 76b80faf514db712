import { estimateRun } from '../../model/build/estimate.js'
import type { Estimate } from '../../model/build/estimate.js'
import type { Plan, RunOptions } from '../../model/build/plan.js'
import { levelsOf } from '../../model/graph-levels.js'
import { jsonVersion } from '../../model/wire/common.js'
import type { EstimateJson, PlanContentJson, PlanJson, PlannedJobJson } from '../../model/wire/plan.js'
import { builtRunJson, mergedPullRequestsJson, pullRequestJson } from './common-json.js'

/** The document of `orch plan --json`. */
export function planToJson(plan: Plan, run: RunOptions, estimate: Estimate = estimateRun(plan, run, true)): PlanJson {
  const levels = levelsOf(plan.graph)
  const content = planContentJson(plan, run)
  return {
    version: jsonVersion,
    ...content,
    jobs: content.jobs.map((job) => ({ ...job, step: (levels.get(job.job) ?? 0) + 1 })),
    members: plan.members.map(({ repo, headSha }) => ({ repository: repo, headSha })),
    absent: plan.absent.map(({ repo, defaultBranch, defaultBranchSha, merged, isBuilt }) => ({
      repository: repo,
      defaultBranch,
      defaultBranchSha,
      isBuilt: isBuilt === true,
      merged: merged ? { headSha: merged.headSha, pullRequests: mergedPullRequestsJson(merged) } : null,
    })),
    estimate: estimateJson(estimate),
    unlocks: run.postStatus ? content.pullRequests : [],
    isUnlocked: plan.isUnlocked === true,
  }
}

/** The part that all documents about a plan share. */
export function planContentJson(plan: Plan, options: RunOptions): PlanContentJson {
  const { failFast, maxParallel, timeoutMs, postStatus, only, link } = options
  return {
    branch: plan.branch,
    statusContext: plan.graph.statusContext,
    setDigest: plan.setDigest,
    link,
    options: { failFast, maxParallel, timeoutMs, postStatus, only },
    jobs: plannedJobsJson(plan),
    pullRequests: plan.members.flatMap(({ repo, headSha, pullRequests }) =>
      pullRequests.map((pullRequest) => ({ repository: repo, headSha, ...pullRequestJson(pullRequest) })),
    ),
    warnings: plan.warnings,
  }
}

function plannedJobsJson(plan: Plan): PlannedJobJson[] {
  const graphJobs = new Map(plan.graph.jobs.map((job) => [job.id, job]))
  return plan.jobs.map(({ job, action, reason, headSha, defaultBranch, built, usualMs }) => ({
    job,
    repository: graphJobs.get(job)?.repo ?? '',
    workflow: graphJobs.get(job)?.workflow ?? '',
    eventType: graphJobs.get(job)?.event?.type ?? null,
    needs: graphJobs.get(job)?.needs ?? [],
    action,
    reason,
    headSha,
    defaultBranch: defaultBranch ?? null,
    built: builtRunJson(built),
    usualMs: roundMs(usualMs ?? null),
  }))
}

function estimateJson({ writes, limits, ...estimate }: Estimate): EstimateJson {
  const { makespanMs, unlockedMs, criticalPathMs, unknownJobs } = estimate
  const { claims, dispatches, jobStatuses, successes } = writes
  return {
    builds: estimate.builds,
    makespanMs: roundMs(makespanMs),
    unlockedMs: roundMs(unlockedMs),
    isLowerBound: unknownJobs.length > 0,
    unknownJobs,
    criticalPathMs: roundMs(criticalPathMs),
    criticalPath: estimate.criticalPath.map(({ job, usualMs }) => ({ job, usualMs: roundMs(usualMs) })),
    writes: { claims, dispatches, jobStatuses, successes, all: claims + dispatches + jobStatuses + successes },
    limits: { minuteMs: Math.round(limits.minuteMs), hourMs: Math.round(limits.hourMs) },
  }
}

function roundMs(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms)
}

import type { Job } from '../../../model/graph.js'
import type { Plan, PlannedJob, StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import { readStatusMark } from '../../../model/status-description.js'
import { startRanks } from '../../../model/build/start-order.js'

/** A job with its index in the plan. */
export interface PlanNode {
  job: Job
  planned: PlannedJob
  /** The index of the job in the plan and in `Orchestration.jobs`. */
  index: number
  /** Among ready jobs, lower ranks start first. */
  rank: number
  /** Indexes of the jobs that need it. */
  dependents: readonly number[]
}

/** An index of the plan, which never changes during an orchestration. */
export interface PlanIndex {
  /** In the order of the plan. */
  nodes: readonly PlanNode[]
  nodeByJob: ReadonlyMap<string, PlanNode>
  /** By `repoKey`. */
  targetByRepo: ReadonlyMap<string, StatusTarget>
  /** The number of jobs that are built. */
  buildCount: number
  /** Whether another orchestration had claimed a head when the change was planned, or an invalidation may hide such a claim. */
  isClaimedBefore: boolean
  /** Whether another orchestration that may still be building had claimed a head when the change was planned. */
  isBuiltElsewhere: boolean
}

const indexes = new WeakMap<Plan, PlanIndex>()

/** Throws if a job of the graph is not in the plan, or a job of the plan is not in the graph. */
export function indexPlan(plan: Plan): PlanIndex {
  const known = indexes.get(plan)
  if (known) return known
  const index = buildIndex(plan)
  indexes.set(plan, index)
  return index
}

function buildIndex(plan: Plan): PlanIndex {
  const { graph } = plan
  const jobs = new Map(graph.jobs.map((job) => [job.id, job]))
  const indexByJob = new Map(plan.jobs.map(({ job }, index) => [job, index]))
  const unplanned = graph.jobs.find(({ id }) => !indexByJob.has(id))
  if (unplanned) throw new Error(`the plan does not hold ${unplanned.id}`)
  const dependents = plan.jobs.map((): number[] => [])
  const ranks = startRanks(graph, plan.jobs)
  const nodes = plan.jobs.map((planned, index): PlanNode => {
    const job = jobs.get(planned.job)
    if (!job) throw new Error(`no job ${planned.job}`)
    for (const need of new Set(job.needs)) dependents[indexByJob.get(need) ?? -1]?.push(index)
    return { job, planned, index, rank: ranks.get(planned.job) ?? index, dependents: dependents[index] ?? [] }
  })
  return {
    nodes,
    nodeByJob: new Map(nodes.map((node) => [node.planned.job, node])),
    targetByRepo: new Map(plan.targets.map((target) => [repoKey(target.repo), target])),
    buildCount: plan.jobs.filter(({ action }) => action === 'run').length,
    isClaimedBefore: plan.targets.some((target) => target.claimedBy !== null || isInvalidated(target)),
    isBuiltElsewhere: plan.targets.some(({ status, claimedBy }) => claimedBy !== null && status?.state === 'pending'),
  }
}

function isInvalidated({ status }: StatusTarget): boolean {
  return status !== null && readStatusMark(status.description)?.writer === 'inv'
}

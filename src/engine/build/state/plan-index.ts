import type { Graph, Job } from '../../../model/graph.js'
import type { Plan, PlannedJob, StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import { startRanks } from '../../../model/build/start-order.js'

/** A job with its place in the plan. */
export interface Spot {
  job: Job
  planned: PlannedJob
  /** Its place in the plan, and so in `Orchestration.jobs`. */
  index: number
  /** Of the jobs that are ready, those with lower ranks go first. */
  rank: number
  /** Places of the jobs that need it. */
  dependents: readonly number[]
}

/** What never changes while an orchestration goes on, indexed once. */
export interface Layout {
  graph: Graph
  /** In the order of the plan. */
  spots: readonly Spot[]
  spotOf: ReadonlyMap<string, Spot>
  /** By `repoKey`. */
  targetOf: ReadonlyMap<string, StatusTarget>
  /** How many jobs are built. */
  builds: number
  /** Whether somebody else had claimed a head when the change was planned. */
  isClaimedBefore: boolean
}

const layouts = new WeakMap<Plan, Layout>()

/** Throws when a job of the graph is not planned, or the other way round. */
export function layoutOf(graph: Graph, plan: Plan): Layout {
  const known = layouts.get(plan)
  if (known?.graph === graph) return known
  const layout = lay(graph, plan)
  layouts.set(plan, layout)
  return layout
}

function lay(graph: Graph, plan: Plan): Layout {
  const jobs = new Map(graph.jobs.map((job) => [job.id, job]))
  const places = new Map(plan.jobs.map(({ job }, index) => [job, index]))
  const unplanned = graph.jobs.find(({ id }) => !places.has(id))
  if (unplanned) throw new Error(`the plan does not hold ${unplanned.id}`)
  const dependents = plan.jobs.map((): number[] => [])
  const ranks = startRanks(graph, plan.jobs)
  const spots = plan.jobs.map((planned, index): Spot => {
    const job = jobs.get(planned.job)
    if (!job) throw new Error(`no job ${planned.job}`)
    for (const need of new Set(job.needs)) dependents[places.get(need) ?? -1]?.push(index)
    return { job, planned, index, rank: ranks.get(planned.job) ?? index, dependents: dependents[index] ?? [] }
  })
  return {
    graph,
    spots,
    spotOf: new Map(spots.map((spot) => [spot.planned.job, spot])),
    targetOf: new Map(plan.targets.map((target) => [repoKey(target.repo), target])),
    builds: plan.jobs.filter(({ action }) => action === 'run').length,
    isClaimedBefore: plan.targets.some(({ claimedBy }) => claimedBy !== null),
  }
}

import type { Planning } from '../engine/build/plan/plan.js'
import type { Graph } from '../model/graph.js'
import { repositoriesOf } from '../model/graph.js'
import type { Plan } from '../model/build/plan.js'
import { repoKey } from '../model/repo-name.js'
import type { Host } from '../ports/host/host.js'
import type { Context } from '../cli/process/context.js'
import type { Result } from './problem.js'
import { withUsualDurations } from './usual-durations.js'
import type { UsualDurations } from './usual-durations.js'

export interface PlanRequest {
  graph: Graph
  branch: string
  only: string | null
  /** False with `--no-status`: then no record of an earlier build is read either. */
  postStatus: boolean
  /** How long builds took here lately. */
  usual: UsualDurations
  /** `--force`: what earlier runs built is built again. */
  force: boolean
  /** Root of GitHub's pages, such as `https://github.com`. */
  serverUrl: string
}

/** How often, and after how long (ms), a change is read again whose branch and pull request disagree. */
const rereads = 6
const rereadDelay = 2_500

/** Reads the change and plans it; a push that GitHub has not digested yet is waited for. */
export async function readAndPlan(context: Context, github: Host, request: PlanRequest): Promise<Result<Plan>> {
  for (let count = 0; ; count += 1) {
    const planning = await readOnce(github, request)
    if (planning.kind === 'planned') return { ok: true, value: planning.plan }
    if (planning.kind === 'refused' || count === rereads) {
      const { explainRefusal } = await import('./plan-refusal.js')
      return { ok: false, problems: await explainRefusal(github, request, planning) }
    }
    await context.clock.sleep(rereadDelay)
  }
}

async function readOnce(github: Host, request: PlanRequest): Promise<Planning> {
  const { graph, branch, only, postStatus, force } = request
  const workflows = new Map<string, string[]>()
  for (const job of graph.jobs) {
    const key = repoKey(job.repo)
    const known = workflows.get(key) ?? []
    if (!known.includes(job.workflow)) workflows.set(key, [...known, job.workflow])
  }
  const repositories = repositoriesOf(graph).map((repo) => ({ repo, workflows: workflows.get(repoKey(repo)) ?? [] }))
  const jobStatuses = postStatus && (!force || only !== null)
  const readings = await github.readChange({ branch, statusContext: graph.statusContext, repositories, jobStatuses })
  // Loaded only here: the request need not wait for what only its answer needs.
  const [{ planChange, readFreshness }, { readWorkflowTriggers }] = await Promise.all([
    import('./plan-readings.js'),
    import('../config/workflow-file.js'),
  ])
  const freshness = jobStatuses ? { freshness: await readFreshness(github, request, readings) } : {}
  const planning = planChange({
    graph,
    branch,
    readings,
    only,
    postStatus,
    force,
    readTriggers: readWorkflowTriggers,
    ...freshness,
  })
  if (planning.kind !== 'planned') return planning
  return { ...planning, plan: withUsualDurations(planning.plan, request.usual, readings) }
}

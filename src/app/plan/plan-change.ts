import type { JobReceivers } from '../../engine/build/plan/job-receivers.js'
import type { Planning } from '../../engine/build/plan/plan.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import { builtWithoutBranch } from '../../model/build/commit-to-build.js'
import type { Plan } from '../../model/build/plan.js'
import { repoKey } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { RepositoryQuery } from '../../ports/host/changes.js'
import type { Host } from '../../ports/host/host.js'
import type { Stopped } from '../problem.js'
import { withUsualDurations } from './usual-durations.js'
import type { UsualDurations } from './usual-durations.js'

export interface PlanChangeOptions {
  host: Host
  clock: Clock
  graph: Graph
  branch: string
  /** The one job to run; null: all. */
  only: string | null
  /** False: commit statuses are not used, and no record of an earlier build is read either. */
  postStatus: boolean
  /** The usual durations of builds. */
  usual: UsualDurations
  /** Build again what earlier runs built. */
  force: boolean
  /** Root of GitHub's pages, such as `https://github.com`. */
  serverUrl: string
  /** The plan is only shown. */
  isPreview: boolean
}

export type PlanChangeResult = { kind: 'planned'; plan: Plan } | Stopped

/** The number of further readings of a change when its branch and its pull request disagree. */
const maxRereads = 6
const rereadDelayMs = 2_500

/** Reads the change and plans it. Waits while GitHub has not processed a push yet. */
export async function planChange(options: PlanChangeOptions): Promise<PlanChangeResult> {
  for (let rereads = 0; ; rereads += 1) {
    const planning = await readOnce(options)
    if (planning.kind === 'planned') return planning
    if (planning.kind === 'refused' || rereads === maxRereads) {
      const { explainRefusal } = await import('./plan-refusal.js')
      return { kind: 'stopped', problems: await explainRefusal(options, planning) }
    }
    await options.clock.sleep(rereadDelayMs)
  }
}

async function readOnce(options: PlanChangeOptions): Promise<Planning> {
  const { host, branch, only, postStatus, force } = options
  const { graph, receivers } = await withEventWorkflows(options)
  const jobStatuses = postStatus && (!force || only !== null)
  const repositories = repositoriesWithWorkflows(graph)
  const readings = await host.readChange({
    branch,
    statusContext: graph.statusContext,
    repositories,
    jobStatuses,
    membership: true,
    mergeability: postStatus,
    ahead: postStatus,
  })
  // Loaded here: the first request must not wait for code that only its answer needs.
  const { createPlan, readFreshness, readWorkflowStates, readWorkflowTriggers, workflowsToPlanWith } =
    await import('./plan-readings.js')
  const freshness = jobStatuses
    ? { freshness: await readFreshness({ ...options, graph, receivers, readTriggers: readWorkflowTriggers }, readings) }
    : {}
  const readTriggers = readWorkflowTriggers
  const input = { graph, branch, readings, only, postStatus, force, readTriggers, receivers, ...freshness }
  const unknown = workflowsToPlanWith(input)
  // The dispatch of a single workflow finds out itself, before anything else is built.
  const isRead = options.isPreview || unknown.length > 1
  const planning = createPlan(isRead ? { ...input, workflowStates: await readWorkflowStates(host, unknown) } : input)
  if (planning.kind !== 'planned') return planning
  return { ...planning, plan: withUsualDurations(planning.plan, options.usual, readings) }
}

/** The graph with the workflows that its events start. A graph without events takes no time and no request. */
async function withEventWorkflows({
  host,
  graph,
}: PlanChangeOptions): Promise<{ graph: Graph; receivers: JobReceivers }> {
  if (!graph.jobs.some(({ event }) => event)) return { graph, receivers: new Map() }
  const { readReceivers } = await import('./read-receivers.js')
  return readReceivers(host, graph)
}

/** Each repository once, with the workflow files that its jobs run. */
export function repositoriesWithWorkflows(graph: Graph): RepositoryQuery[] {
  const built = builtWithoutBranch(graph)
  const workflows = new Map<string, Set<string>>()
  for (const { repo, workflow, event } of graph.jobs) {
    const key = repoKey(repo)
    // The workflow that an event starts was read before.
    if (!event) workflows.set(key, (workflows.get(key) ?? new Set()).add(workflow))
  }
  return repositoriesOf(graph).map((repo) => ({
    repo,
    workflows: [...(workflows.get(repoKey(repo)) ?? [])],
    ...(built.has(repoKey(repo)) ? { buildsDefaultBranch: true } : {}),
  }))
}

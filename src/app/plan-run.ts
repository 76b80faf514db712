import type { Graph } from '../model/graph.js'
import { noEarlierRuns } from '../model/build/plan.js'
import type { EarlierRuns, Plan, RunOptions } from '../model/build/plan.js'
import type { Clock } from '../ports/clock.js'
import type { Host } from '../ports/host/host.js'
import type { Store } from '../ports/store.js'
import type { HandledEvent } from './run/event-key.js'
import { planChange } from './plan/plan-change.js'
import type { Problem, Stopped } from './problem.js'
import { toRunOptions } from './run/run-settings.js'
import type { RunSettings } from './run/run-settings.js'
import { readForDurations } from './history/unfinished.js'
import { usualDurationsIn } from './plan/usual-durations.js'
import type { UsualDurations } from './plan/usual-durations.js'

/** A change to run, and how. */
export interface RunRequest {
  host: Host
  clock: Clock
  graph: Graph
  branch: string
  settings: RunSettings
  event: HandledEvent
  /** Root of GitHub's pages, such as `https://github.com`. */
  serverUrl: string
  /** The page that our statuses link to. */
  link: string
}

/** The complete effects of a run. */
export interface PlannedRun {
  kind: 'planned'
  plan: Plan
  options: RunOptions
}

/** Plans a run that is not executed. Writes nothing. */
export async function previewRun(request: RunRequest & { store: Store }): Promise<PlannedRun | Stopped> {
  const usual = usualDurationsIn(await readForDurations(request.store))
  return planRun(request, { earlier: noEarlierRuns, usual, isPreview: true })
}

/** Plans a run, given the earlier ones. */
export async function planRun(
  request: RunRequest,
  { earlier, usual, isPreview = false }: { earlier: EarlierRuns; usual: UsualDurations; isPreview?: boolean },
): Promise<PlannedRun | Stopped> {
  const { host, clock, graph, branch, settings, event, serverUrl, link } = request
  const { only, postStatus, force } = settings
  const planned = await planChange({ host, clock, graph, branch, only, postStatus, force, usual, serverUrl, isPreview })
  if (planned.kind === 'stopped') return planned
  const { plan } = planned
  if (settings.reuseOnly === true) {
    const problem = buildsSomething(plan)
    if (problem) return { kind: 'stopped', problems: [problem] }
  }
  const options = toRunOptions({ plan, settings, link, earlier })
  // Outside GitHub Actions nothing says that this is a restart, but an unclosed claim does: an earlier start may have died.
  const isClaimed = event.isNamed && plan.targets.some(({ claimedBy }) => claimedBy !== null)
  return { kind: 'planned', plan, options: { ...options, isRestart: options.isRestart || isClaimed } }
}

/** Why a run that may only reuse builds must not start; null: it dispatches nothing. A job that is planned as fresh is never dispatched. */
function buildsSomething({ branch, jobs }: Plan): Problem | null {
  const built = jobs.filter(({ action }) => action !== 'fresh' && action !== 'skip').map(({ job }) => job)
  if (built.length === 0) return null
  return {
    kind: 'superseded',
    message: `${branch} is no longer what was tested`,
    why: `${built.join(', ')} would be built`,
    remedy: `Build it: orch run ${branch}.`,
  }
}

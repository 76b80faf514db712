import { readWorkflowTriggers } from '../../config/workflow-file.js'
import { planChange } from '../../engine/build/plan/plan.js'
import type { PlanProblem } from '../../engine/build/plan/plan-problem.js'
import type { RepositoryReading } from '../../model/change.js'
import type { Check } from '../../model/check.js'
import type { Graph } from '../../model/graph.js'
import { explainRefusal } from '../plan/plan-refusal.js'
import type { DoctorHost } from './doctor-host.js'
import { concluded, found } from './findings.js'

export interface ChangeCheckOptions {
  host: DoctorHost
  graph: Graph
  branch: string
}

/** The reasons of a refusal that have a check of their own. */
const checkedElsewhere: ReadonlySet<PlanProblem['kind']> = new Set([
  'unreadable',
  'repository',
  'workflow',
  'default-branch',
])

/** Whether a run of the change would be planned, apart from what the other checks find. */
export async function checkChange(
  { host, graph, branch }: ChangeCheckOptions,
  readings: readonly RepositoryReading[],
): Promise<Check[]> {
  const request = { graph, branch, readings, only: null, postStatus: true, readTriggers: readWorkflowTriggers }
  const planning = planChange(request)
  if (planning.kind === 'planned') {
    const { members, absent, warnings } = planning.plan
    const fix = `orch plan ${branch} shows what it means for the change.`
    const findings = warnings.map((message) => ({ status: 'warning' as const, message, fix }))
    const all = members.length + absent.length
    return [concluded('change', null, findings, `${branch} is in ${members.length} of ${all} repositories`)]
  }
  if (planning.kind === 'unsettled') {
    const fix = 'Try again in a minute.'
    return [found('change', { status: 'unknown', message: planning.reason, fix })]
  }
  const own = planning.problems.filter(({ kind }) => !checkedElsewhere.has(kind))
  if (own.length === 0) {
    const message = `${branch} cannot be planned before the checks below succeed`
    return [found('change', { status: 'unknown', message, fix: 'Fix what fails below, and check again.' })]
  }
  const explained = await explainRefusal({ host, graph, branch }, { kind: 'refused', problems: own })
  return explained.map(({ message, why, remedy }) =>
    found('change', { status: 'failed', message: `${message}: ${why}`, fix: remedy }),
  )
}

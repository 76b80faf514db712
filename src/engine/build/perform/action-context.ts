import type { EventBody } from '../../../model/build/events.js'
import type { Job } from '../../../model/graph.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { PlannedJob, StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RunSearch } from '../../../ports/host/builds.js'
import type { Host } from '../../../ports/host/host.js'
import type { Action } from '../decide/actions.js'
import { actionKey } from '../decide/actions.js'
import type { ProcessContext } from '../../kernel/process.js'
import { indexPlan } from '../state/plan-index.js'
import type { PlanNode } from '../state/plan-index.js'

/** The context in which an action of a build is performed. */
export interface ActionContext extends ProcessContext<Orchestration, EventBody, Action> {
  github: Host
}

export type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>

/** Whether the action is still pending. An event may have made it obsolete while it waited in the limiter. */
export function isStillDue(context: ActionContext, action: Action): boolean {
  return context.pending(actionKey(action)) !== undefined
}

export function findPlanned(context: ActionContext, id: string): PlannedJob {
  return findNode(context, id).planned
}

/** The branch on which the workflow of a job is dispatched. */
export function branchOf(context: ActionContext, { defaultBranch }: PlannedJob): string {
  return defaultBranch ?? context.state().plan.branch
}

/** What starts the run of a job, for a search or a listing of runs. */
export function eventOf({ event }: Job): Pick<RunSearch, 'event'> {
  return event ? { event: 'repository_dispatch' } : {}
}

export function findJob(context: ActionContext, id: string): Job {
  return findNode(context, id).job
}

/** The target in this repository; undefined if there is none. */
export function findTarget(context: ActionContext, repo: string): StatusTarget | undefined {
  return indexPlan(context.state().plan).targetByRepo.get(repoKey(repo))
}

function findNode(context: ActionContext, id: string): PlanNode {
  const node = indexPlan(context.state().plan).nodeByJob.get(id)
  if (!node) throw new Error(`${id} is not planned`)
  return node
}

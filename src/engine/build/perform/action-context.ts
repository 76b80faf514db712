import type { EventBody } from '../../../model/build/events.js'
import type { Job } from '../../../model/graph.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { PlannedJob, StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Clock } from '../../../ports/clock.js'
import type { Host } from '../../../ports/host/host.js'
import type { Action } from '../decide/actions.js'
import { actionKey } from '../decide/actions.js'
import type { EventLog } from '../../kernel/event-log.js'
import { indexPlan } from '../state/plan-index.js'
import type { PlanNode } from '../state/plan-index.js'

/** What performing an action needs. */
export interface ActionContext {
  github: Host
  clock: Clock
  state: () => Orchestration
  /** The action that is named under this key now; undefined: none. */
  pending: (key: string) => Action | undefined
  /** Whether an action of this key would be named, were the orchestration as given. */
  wouldBePending: (otherwise: Orchestration, key: string) => boolean
  /** Journals an event, then applies it, if `isStillTrue` holds when its turn comes; what is no news is only applied. */
  emit: EventLog['emit']
  /** Journals an intent, if `isStillDue` holds when its turn comes; resolves to whether it may be done. */
  emitIf: (isStillDue: () => boolean, event: EventBody) => Promise<boolean>
}

export type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>

/** Whether the action is still named: what waited in the limiter may have been overtaken. */
export function isStillDue(stage: ActionContext, action: Action): boolean {
  return stage.pending(actionKey(action)) !== undefined
}

export function findPlanned(stage: ActionContext, id: string): PlannedJob {
  return findNode(stage, id).planned
}

export function findJob(stage: ActionContext, id: string): Job {
  return findNode(stage, id).job
}

/** The target in this repository; undefined: it has none. */
export function findTarget(stage: ActionContext, repo: string): StatusTarget | undefined {
  return indexPlan(stage.state().plan).targetByRepo.get(repoKey(repo))
}

function findNode(stage: ActionContext, id: string): PlanNode {
  const spot = indexPlan(stage.state().plan).nodeByJob.get(id)
  if (!spot) throw new Error(`${id} is not planned`)
  return spot
}

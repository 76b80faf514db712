import type { EventBody } from '../../../model/build/events.js'
import type { Graph, Job } from '../../../model/graph.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { PlannedJob, StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Clock } from '../../../ports/clock.js'
import type { GitHub } from '../../../ports/github.js'
import type { Action } from '../decide/actions.js'
import { actionKey } from '../decide/actions.js'
import type { EventLog } from '../../kernel/event-log.js'
import { layoutOf } from '../state/plan-index.js'
import type { Spot } from '../state/plan-index.js'

/** What performing an action needs. */
export interface Stage {
  graph: Graph
  github: GitHub
  clock: Clock
  state: () => Orchestration
  /** The action that is named under this key now; undefined: none. */
  named: (key: string) => Action | undefined
  /** Whether an action of this key would be named, were the orchestration as given. */
  wouldBeNamed: (otherwise: Orchestration, key: string) => boolean
  /** Journals an event, then applies it, if `isStillTrue` holds when its turn comes; what is no news is only applied. */
  emit: EventLog['emit']
  /** Journals an intent, if `isStillDue` holds when its turn comes; resolves to whether it may be done. */
  emitIf: (isStillDue: () => boolean, event: EventBody) => Promise<boolean>
}

export type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>

/** Whether the action is still named: what waited in the limiter may have been overtaken. */
export function isStillDue(stage: Stage, action: Action): boolean {
  return stage.named(actionKey(action)) !== undefined
}

export function findPlanned(stage: Stage, id: string): PlannedJob {
  return findSpot(stage, id).planned
}

export function findJob(stage: Stage, id: string): Job {
  return findSpot(stage, id).job
}

/** The target in this repository; undefined: it has none. */
export function findTarget(stage: Stage, repo: string): StatusTarget | undefined {
  return layoutOf(stage.graph, stage.state().plan).targetOf.get(repoKey(repo))
}

function findSpot(stage: Stage, id: string): Spot {
  const spot = layoutOf(stage.graph, stage.state().plan).spotOf.get(id)
  if (!spot) throw new Error(`${id} is not planned`)
  return spot
}

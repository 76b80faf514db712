import type { EventBody } from '../model/events.js'
import type { Graph, Job } from '../model/graph.js'
import type { Orchestration } from '../model/orchestration.js'
import type { PlannedJob } from '../model/plan.js'
import type { Clock } from '../ports/clock.js'
import type { GitHub } from '../ports/github.js'
import type { Action } from './actions.js'
import { actionKey } from './actions.js'
import type { EventLog } from './event-log.js'

/** What performing an action needs. */
export interface Stage {
  graph: Graph
  github: GitHub
  clock: Clock
  state: () => Orchestration
  /** What `decide` names now. */
  due: () => readonly Action[]
  /** Journals an event, then applies it, if `isStillTrue` holds when its turn comes; what is no news is only applied. */
  emit: EventLog['emit']
  /** Journals an intent, if `isStillDue` holds when its turn comes; resolves to whether it may be done. */
  emitIf: (isStillDue: () => boolean, event: EventBody) => Promise<boolean>
}

export type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>

/** Whether decide still names this action: what waited in the limiter may have been overtaken. */
export function isStillDue(stage: Stage, action: Action): boolean {
  const key = actionKey(action)
  return stage.due().some((due) => actionKey(due) === key)
}

export function findPlanned(stage: Stage, id: string): PlannedJob {
  const planned = stage.state().plan.jobs.find(({ job }) => job === id)
  if (!planned) throw new Error(`${id} is not planned`)
  return planned
}

export function findJob(stage: Stage, id: string): Job {
  const job = stage.graph.jobs.find((candidate) => candidate.id === id)
  if (!job) throw new Error(`no job ${id}`)
  return job
}

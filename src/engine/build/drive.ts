import type { EventBody } from '../../model/build/events.js'
import type { InterruptionCause, Orchestration } from '../../model/build/orchestration.js'
import type { RepoName } from '../../model/repo-name.js'
import type { WorkflowRun } from '../../model/workflow-run.js'
import type { Host } from '../../ports/host/host.js'
import type { HandOver, KernelPorts, RunningProcess } from '../kernel/run-process.js'
import { runProcess } from '../kernel/run-process.js'
import { buildProcess } from './build-process.js'
import type { Action } from './decide/actions.js'
import { observePushedRun } from './perform/observe.js'
import { apply, begin } from './state/apply.js'

/** The ports that an orchestration needs. */
export interface Ports extends KernelPorts<Orchestration, EventBody> {
  github: Host
}

export type { HandOver } from '../kernel/run-process.js'

/** A running orchestration. */
export interface Drive {
  /** Resolves to the finished orchestration, to one that is suspended because the token is refused, or to one that was handed over, which has not ended. Rejects on a bug, or when the first event cannot be journaled; in that case nothing was done. */
  finished: Promise<Orchestration>
  /** Cancels every started run, closes the statuses, and finishes within five seconds. A later call changes nothing. */
  interrupt(signal: string): void
  /** Cancels every started run, without a time limit, and ends. `by`: the person or command that requested the cancel. */
  cancel(by: string): void
  /**
   * Stops driving, so that another process can resume the orchestration from its journal: no action starts, no intent is journaled, nothing is
   * cancelled and no status is posted. An orchestration that ends during the hand-over stays ended.
   */
  handOver(how: HandOver): void
  /** Accepts a pushed run, for example from a webhook. A run of another orchestration is ignored, and so is one that shows less progress than is known. */
  observe(repo: RepoName, run: WorkflowRun): void
}

type Started = Extract<EventBody, { type: 'started' }>

/** Starts an orchestration and drives it to its end. */
export function drive(ports: Ports, start: Omit<Started, 'type'>): Drive {
  const event: Started = { ...start, type: 'started' }
  const opening = { event, begin: ({ at }: { at: number }) => begin({ ...event, at }) }
  return driveOf(ports.github, runProcess(buildProcess(ports.github), ports, opening))
}

/** Resumes an orchestration that another process left unfinished: `orchestration` is the fold of its journal. */
export function resume(ports: Ports, orchestration: Orchestration): Drive {
  const event = { type: 'resumed' } as const
  const begin = ({ at }: { at: number }): Orchestration => apply(orchestration, { ...event, at })
  return driveOf(ports.github, runProcess(buildProcess(ports.github), ports, { event, begin }))
}

function driveOf(
  github: Host,
  { finished, handOver, doFromOutside }: RunningProcess<Orchestration, EventBody, Action>,
): Drive {
  const interrupt = (signal: string, cause: InterruptionCause): void => {
    doFromOutside(({ emit }) => emit({ type: 'interrupted', signal, cause }))
  }
  return {
    finished,
    interrupt: (signal) => interrupt(signal, 'signal'),
    cancel: (by) => interrupt(by, 'cancel'),
    handOver,
    observe: (repo, run) => doFromOutside((context) => observePushedRun({ ...context, github }, repo, run)),
  }
}

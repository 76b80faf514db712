import type { HandledEvent } from '../../app/run/event-key.js'
import type { RunSettings } from '../../app/run/run-settings.js'
import type { FlowStep } from '../../model/flow/flow.js'
import type { RepoName } from '../../model/repo-name.js'
import type { WorkflowRun } from '../../model/workflow-run.js'

/** `agent`: it executes a command. `workflow`: it waits for GitHub, so that a worker has many of them. */
export type WorkloadKind = 'workflow' | 'agent'
export type WorkloadStatus = 'pending' | 'claimed' | 'running' | 'completed' | 'failed' | 'cancelled'

/** What a workload does. */
export type Work =
  /**
   * Builds a change, as `orch run` does. A newer one of the same change supersedes it. `by`: who asked for it, as text for a reader.
   * `repositories`: those of the change as far as they are known, for the limit on orchestrations in one repository. `trace`: the span that asked
   * for it, as `Tracing.current` names it.
   */
  | {
      kind: 'run'
      branch: string
      event: HandledEvent
      settings: RunSettings
      by: string
      repositories?: readonly RepoName[]
      trace?: string
    }
  /** Performs one step of an attempt of a flow for an event. `index`: from 0. `action`: what the step does. */
  | {
      kind: 'flow-step'
      event: string
      flow: string
      run: string
      attempt: string
      index: number
      action: StepAction
    }

/** What a step does, as far as it matters for performing it again. */
export type StepAction = FlowStep['kind'] | 'dispatch-and-wait'

export function actionOf(step: FlowStep): StepAction {
  return step.kind === 'dispatch' && step.wait ? 'dispatch-and-wait' : step.kind
}

const repeatable: ReadonlySet<StepAction> = new Set([
  'run',
  'invalidate',
  'handoff',
  // It looks for the runs of the event, and does not send it again.
  'dispatch-and-wait',
])

/**
 * Whether a step that a process began, and did not end, may be performed again by another one: it does the same then. Any other step only ends,
 * because nobody knows what it did.
 */
export function isRepeatableStep(action: StepAction): boolean {
  return repeatable.has(action)
}

export interface NewWorkload {
  /** The id of the event that asks for it, with the attempt: the same id again changes nothing. */
  id: string
  work: Work
}

/** One unit of work in the queue. Times are ms since the epoch, UTC; null: not yet. */
export interface Workload {
  id: string
  kind: WorkloadKind
  status: WorkloadStatus
  /** Branch of the change; null: it belongs to none. */
  change: string | null
  createdAt: number
  claimedAt: number | null
  startedAt: number | null
  endedAt: number | null
  /** Id of the worker that has, or had, it. */
  worker: string | null
  /** What it came to, as text for a reader; null: nothing yet. */
  result: string | null
}

export type WorkerState = 'standby' | 'claimed' | 'active'

/** A process, or a part of one, that executes workloads. Times in ms, UTC. */
export interface Worker {
  id: string
  state: WorkerState
  host: string
  pid: number
  startedAt: number
  heartbeatAt: number
  /** Ids of its workloads. */
  workloads: readonly string[]
}

export interface WorkloadQuery {
  status?: WorkloadStatus
  change?: string
  /** `nextCursor` of the page before. */
  cursor?: string
  /** 100 at most; absent: 50. */
  limit?: number
}

/** The queue of workloads. */
export interface Workloads {
  /** `known`: there is a workload of this id already, and nothing was changed. */
  enqueue(workload: NewWorkload): Promise<{ kind: 'created' | 'known' }>
  /** Newest first. `nextCursor` null: this is the last page. */
  list(query: WorkloadQuery): Promise<{ items: Workload[]; nextCursor: string | null }>
  read(id: string): Promise<Workload | null>
  /** Cancels a pending workload, or asks the worker that runs it to cancel. `by`: who asks. */
  cancel(id: string, by: string): Promise<{ kind: 'requested' | 'ended' | 'absent' }>
  workers(): Promise<Worker[]>
  /** Passes a run that a webhook reported to the orchestration that waits for it, in any process. It is a hint: one that is lost does not matter. */
  observe(repo: RepoName, run: WorkflowRun): Promise<void>
}

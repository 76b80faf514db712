import type { Drive } from '../../engine/build/drive.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { RepoName } from '../../model/repo-name.js'
import { repoKey } from '../../model/repo-name.js'
import type { WorkflowRun } from '../../model/workflow-run.js'
import type { Work } from './workload.js'
import type { WorkloadEnd } from './workload-row.js'

/** One execution of a workload in this process. */
export interface Execution {
  id: string
  /** Aborts when the workload is executed elsewhere from now on: nothing may have an effect any more, and what the execution returns is ignored. */
  signal: AbortSignal
  /** Whether the requests in flight may still end: the process shuts down, and has not lost the workload. Valid once `signal` aborted. */
  isHandedOn: () => boolean
  /** The orchestration that an earlier execution began; null: none. */
  orchestration: string | null
  /** Called before an orchestration begins. Rejects when this process has lost the workload. */
  recordOrchestration: (id: string) => Promise<void>
  /** False from the time on at which another process may execute the workload. */
  mayWrite: () => boolean
  /** Calls the listener when somebody asks to cancel, at once if somebody has already. `by`: who asks. */
  onCancel: (listener: (by: string) => void) => void
  /** Makes the running orchestration known to `observe`. `read`: its latest state, null before the first event. */
  onDrive: (drive: Drive, read: () => Orchestration | null) => void
}

/** Executes the work of one kind. A rejection is retried. Never rejects because of what GitHub or the command answers. */
export type Execute<Kind extends Work['kind']> = (
  work: Extract<Work, { kind: Kind }>,
  execution: Execution,
) => Promise<WorkloadEnd>

export type Executors = { [Kind in Work['kind']]: Execute<Kind> }

/** A workload that this process executes. */
export class ActiveWorkload {
  private cancelledBy: string | null = null
  private readonly cancelListeners: ((by: string) => void)[] = []
  private running: { drive: Drive; read: () => Orchestration | null } | null = null

  cancel(by: string): void {
    if (this.cancelledBy !== null) return
    this.cancelledBy = by
    for (const listener of this.cancelListeners) listener(by)
  }

  onCancel(listener: (by: string) => void): void {
    this.cancelListeners.push(listener)
    if (this.cancelledBy !== null) listener(this.cancelledBy)
  }

  drives(orchestration: string): boolean {
    return this.running?.read()?.id === orchestration
  }

  setDrive(drive: Drive, read: () => Orchestration | null): void {
    this.running = { drive, read }
  }

  /** False: the run is not one of its orchestration. */
  observe(repo: RepoName, run: WorkflowRun): boolean {
    const orchestration = this.running?.read() ?? null
    if (!this.running || !orchestration || !hasRun(orchestration, repo, run.id)) return false
    this.running.drive.observe(repo, run)
    return true
  }
}

function hasRun({ plan, jobs }: Orchestration, repo: RepoName, runId: number): boolean {
  return plan.graph.jobs.some((job) => {
    const state = jobs.get(job.id)
    const isKnown = state?.phase === 'running' || state?.phase === 'settled'
    return isKnown && state.runId === runId && repoKey(job.repo) === repoKey(repo)
  })
}

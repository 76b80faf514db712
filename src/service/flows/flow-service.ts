import type { RunCancellation } from '../../flows/cancel-run.js'
import type { FlowPorts } from '../../flows/receive-event.js'

/**
 * Events, flows and their runs in the service. No process holds a waiting run: each step is a workload of the queue, so that a step may be
 * performed by any worker, and what a process leaves behind is continued by another one.
 */
export interface FlowService {
  /** For the use cases of `src/flows`: receiveEvent, replayEvent, handOff and the lists. None of them executes anything: call `advance` afterwards. */
  readonly ports: FlowPorts
  /** Starts what waits in these flows. Call it after an event was accepted or replayed. A second call at the same time, or for nothing, is harmless. */
  advance(flows: readonly string[]): Promise<void>
  /** Cancels every attempt of a run that has not ended, and ends its running step in any process. `by`: who asks. */
  cancel(runId: string, by: string): Promise<RunCancellation>
  /** Removes events, runs and the files of this machine whose time is over, until the signal aborts. A process that does not call `run` calls it. */
  prune(signal: AbortSignal): Promise<void>
  /** Continues what a crash left behind, removes what is old, and sends the events of their schedules and lets them poll, until the signal aborts. Call it after the engine is launched. */
  run(signal: AbortSignal): Promise<void>
}

import type { FlowEvent, ListedEvent } from '../model/flow/flow-event.js'
import type { FlowRun, FlowRunStatus, FlowRunSummary } from '../model/flow/flow-run.js'

/** The part of a list that is asked for. */
export interface FlowPageQuery {
  /** `nextCursor` of the page before; absent: the first page. */
  cursor?: string
  limit: number
}

export interface FlowEventQuery extends FlowPageQuery {
  type?: string
  source?: string
}

export interface FlowRunQuery extends FlowPageQuery {
  eventId?: string
  /** Of the last attempt. */
  status?: FlowRunStatus
  flow?: string
}

/** Newest first. `nextCursor` null: this is the last page. */
export interface FlowPage<Item> {
  items: readonly Item[]
  nextCursor: string | null
}

/**
 * Keeps events and the runs that they started (law 12). Each method is atomic, also between processes. A method rejects only when the
 * storage is broken or cannot be reached; every other outcome is a value.
 */
export interface FlowStore {
  /** Where they are kept, as text for a reader. */
  readonly location: string
  /** Keeps an event with its runs, unless one of this id is kept already: resolves to that one then, unchanged. */
  accept(
    event: FlowEvent,
    runs: readonly FlowRun[],
  ): Promise<{ kind: 'accepted' } | { kind: 'known'; event: FlowEvent }>
  readEvent(id: string): Promise<FlowEvent | null>
  listEvents(query: FlowEventQuery): Promise<FlowPage<ListedEvent>>
  /**
   * Adds runs of an event that had none, which is matched from then on. A run of the same id is left as it is. False: the event was removed, and
   * nothing was added.
   */
  addRuns(eventId: string, runs: readonly FlowRun[]): Promise<boolean>
  readRun(id: string): Promise<FlowRun | null>
  listRuns(query: FlowRunQuery): Promise<FlowPage<FlowRun>>
  /** What the runs of these events came to, without reading what they printed, in the order of their flows' names. */
  summarizeRuns(eventIds: readonly string[]): Promise<readonly FlowRunSummary[]>
  /**
   * Replaces a run by what `change` makes of it; `change` is pure and may be called again. Nothing is written when it returns the run that
   * it was given. Resolves to the run afterwards; null: there is none of this id.
   */
  updateRun(id: string, change: (run: FlowRun) => FlowRun): Promise<FlowRun | null>
  /**
   * Starts the attempt of this flow that has waited longest, if fewer than `concurrency` of its attempts are running and no earlier attempt
   * of the same run is open. Resolves to its run afterwards; null: nothing was started.
   */
  startNext(flow: string, options: StartNextOptions): Promise<FlowRun | null>
  /** Runs with an attempt that has not ended, oldest first. */
  openRuns(): Promise<readonly FlowRun[]>
  /** Names of the flows that somebody disabled. */
  disabledFlows(): Promise<ReadonlySet<string>>
  setDisabled(flow: string, isDisabled: boolean): Promise<void>
}

export interface StartNextOptions {
  concurrency: number
  /** How many steps the flow has. */
  stepCount: number
  /** ms since the epoch, UTC. */
  now: number
}

/** A store whose runs are executed by the processes that use it, without a queue and workers. */
export interface LocalFlowStore extends FlowStore {
  /** Runs with a running attempt whose process has ended, so that nothing executes it. */
  abandonedRuns(): Promise<readonly FlowRun[]>
  /**
   * Removes some of the events that arrived before a time, in ms, UTC, together with their runs, if the last attempts of all of them ended before
   * it, too. Resolves to the ids of the runs. A run that is queued or running keeps its event.
   */
  prune(before: number): Promise<readonly string[]>
}

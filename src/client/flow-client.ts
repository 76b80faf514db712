import type {
  DispatchedEventJson,
  FlowEventJson,
  FlowJson,
  FlowRunJson,
  HandoffJson,
  NewEventJson,
} from '../model/wire/flows.js'

/** The last argument of every method. */
export interface CallOptions {
  /** Ends the call, which rejects with the reason of the signal. What the call started may continue. */
  signal?: AbortSignal
  /** Ends the call, which rejects with a TimeoutError, ms. Absent: no limit. */
  timeoutMs?: number
}

export interface EventQuery {
  type?: string
  source?: string
  /** 1 to 100; absent: 50. */
  limit?: number
}

export interface RunQuery {
  eventId?: string
  status?: FlowRunJson['status']
  /** 1 to 100; absent: 50. */
  limit?: number
}

/** What is handed to a flow. */
export interface HandoffInput extends Omit<HandoffJson, 'context'> {
  context?: { files: readonly { name: string; content: string }[] }
}

/** One client for events and runs, in this process or over HTTP. */
export interface FlowClient {
  /**
   * Sends an event. The same event again returns the first result. In local mode it resolves when the runs that it started have ended.
   * Rejects with InvalidRequestError, ConflictError or NotSupportedError.
   */
  dispatchEvent(event: NewEventJson, options?: CallOptions): Promise<DispatchedEventJson>
  /** Rejects with NotFoundError. */
  getEvent(id: string, options?: CallOptions): Promise<FlowEventJson>
  /** Newest first, at most `limit`. */
  listEvents(query?: EventQuery, options?: CallOptions): Promise<FlowEventJson[]>
  /** All of them, newest first. `limit` is the size of a page. */
  events(query?: EventQuery, options?: CallOptions): AsyncIterable<FlowEventJson>
  /** Newest first, at most `limit`. */
  listRuns(query?: RunQuery, options?: CallOptions): Promise<FlowRunJson[]>
  /** All of them, newest first. `limit` is the size of a page. */
  runs(query?: RunQuery, options?: CallOptions): AsyncIterable<FlowRunJson>
  /** Rejects with NotFoundError. */
  getRun(id: string, options?: CallOptions): Promise<FlowRunJson>
  /** A new attempt of each run of the event, on purpose. Rejects with NotFoundError. */
  replayEvent(id: string, options?: CallOptions): Promise<DispatchedEventJson>
  /** Resolves when the run is asked to end. Rejects with NotFoundError, or NotAllowedError when it has ended. */
  cancelRun(id: string, options?: CallOptions): Promise<FlowRunJson>
  /** Hands a payload and files to one flow. Rejects with InvalidRequestError, NotFoundError or NotAllowedError. */
  handoff(flow: string, input?: HandoffInput, options?: CallOptions): Promise<DispatchedEventJson>
  /** The run whenever it has changed, first as it is now; ends when the run has ended. Rejects with NotFoundError. */
  watchRun(id: string, options?: CallOptions): AsyncIterable<FlowRunJson>
  /** Every flow file that was found, in the order in which names are looked for. */
  listFlows(options?: CallOptions): Promise<FlowJson[]>
  /** Lets events start a flow, or keeps them from it. Rejects with NotFoundError. */
  setFlowEnabled(flow: string, isEnabled: boolean, options?: CallOptions): Promise<FlowJson>
}

import type { EffectiveStatus, FlowRunStatus } from '../flow/flow-run.js'
import type { FlowResultStatus } from '../flow/flow-result.js'
import type { Ordinal, Timestamp } from './common.js'
import type { PageJson } from './workloads.js'

/** A text file that travels with an event and lies in `trigger-context/` of the run's folder. */
export interface ContextFileJson {
  /** A plain file name. */
  name: string
  /** Text, 1 MiB at most as UTF-8. */
  content: string
}

/** What is sent to `POST /events`. */
export interface NewEventJson {
  /**
   * Names what happened: the same id again returns the first result.
   * @minLength 1
   * @maxLength 255
   */
  id: string
  /**
   * Flows match it.
   * @minLength 1
   * @maxLength 255
   */
  type: string
  /**
   * Who noticed it.
   * @minLength 1
   * @maxLength 255
   */
  source: string
  /** When the sender noticed it; absent: when it arrives. */
  receivedAt?: Timestamp
  /** Any JSON value, 1 MiB at most. */
  payload: unknown
  context?: { files: readonly ContextFileJson[] }
}

/** A context file of an event that is kept. */
export interface KeptContextFileJson {
  name: string
  /** Absent in lists and on the standard input of a step. */
  content?: string
}

/** An event as it is kept. */
export interface FlowEventJson {
  id: string
  type: string
  source: string
  receivedAt: Timestamp
  payload: unknown
  context: { files: readonly KeptContextFileJson[] }
  /** The flow that it was handed to; null: every flow that matches. */
  flow: string | null
  createdAt: Timestamp
  /** Why it started nothing; null: it started a run. */
  unmatched: string | null
}

/** What the commands of an attempt printed. */
export interface FlowOutputJson {
  /** Untrusted text. */
  stdout: string
  /** Untrusted text. */
  stderr: string
  /** Whether a part was cut; the text says where and how much. */
  truncated: boolean
}

/** What a flow says that it came to. */
export interface FlowResultJson {
  status: FlowResultStatus
  /** Untrusted text; empty: none. */
  message: string
  artifacts: readonly unknown[]
}

/** One step of an attempt. */
export interface FlowStepJson {
  status: FlowRunStatus
  startedAt: Timestamp | null
  endedAt: Timestamp | null
  /** What it came to; empty: nothing to say. */
  message: string
}

/** One execution of the steps of a flow. */
export interface FlowAttemptJson {
  id: string
  number: Ordinal
  status: FlowRunStatus
  isReplay: boolean
  startedAt: Timestamp | null
  endedAt: Timestamp | null
  steps: readonly FlowStepJson[]
  output: FlowOutputJson
  result: FlowResultJson | null
}

/** A flow that was started by an event. Status, result and output are those of its last attempt. */
export interface FlowRunJson {
  id: string
  eventId: string
  flow: string
  /** Number of the last attempt. */
  attempt: Ordinal
  status: FlowRunStatus
  result: FlowResultJson | null
  /** The process status unless that is `completed`; then the status of the result, if there is one. */
  effectiveStatus: EffectiveStatus
  needsAttention: boolean
  /** Why a person should look at it; null: nobody needs to. */
  attention: string | null
  attempts: readonly FlowAttemptJson[]
  output: FlowOutputJson
  createdAt: Timestamp
  startedAt: Timestamp | null
  endedAt: Timestamp | null
}

/** The answer of `POST /events`, and of a replay or a handoff. */
export interface DispatchedEventJson {
  event: FlowEventJson
  runs: readonly FlowRunJson[]
}

/** The answer of `GET /events`. */
export type FlowEventPageJson = PageJson<FlowEventJson>

/** The answer of `GET /runs`. */
export type FlowRunPageJson = PageJson<FlowRunJson>

/** What is sent to `POST /flows/:name/handoff`. */
export interface HandoffJson {
  /**
   * Absent: a new one is made, so that a repetition is another handoff.
   * @minLength 1
   * @maxLength 255
   */
  id?: string
  /** Absent: null. */
  payload?: unknown
  context?: { files: readonly ContextFileJson[] }
}

/** Events as `orch event list` prints them, newest first. */
export interface FlowEventListJson {
  items: readonly FlowEventJson[]
}

/** An event with its runs, as `orch event show` prints it. */
export interface FlowEventDetailJson {
  event: FlowEventJson
  runs: readonly FlowRunJson[]
}

/** Runs as `orch runs list` prints them, newest first. */
export interface FlowRunListJson {
  items: readonly FlowRunJson[]
}

/** A flow as `GET /flows` lists it. */
export interface FlowJson {
  name: string
  /** Its file, relative to the folder that contains `.orch`, `.codex` or `flows`. */
  file: string
  /** `invalid`: it was never valid; with `problems` but another state, its last valid version is used. */
  state: 'enabled' | 'disabled' | 'invalid' | 'shadowed'
  /** The file that is used instead; null: this one is used. */
  shadowedBy: string | null
  /** What starts it: `event`, `dispatch`, `schedule` and `poll`. */
  triggers: readonly string[]
  /** The kind of each step. */
  steps: readonly string[]
  concurrency: Ordinal
  /** What is wrong with its file, each with its place; empty: nothing. */
  problems: readonly string[]
}

/** The answer of `GET /flows`. */
export interface FlowListJson {
  items: readonly FlowJson[]
}

/** A flow with its runs, as `orch flows show` prints it. */
export interface FlowDetailJson {
  flow: FlowJson
  runs: readonly FlowRunJson[]
}

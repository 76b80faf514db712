import type { Json } from './flow-event.js'
import type { FlowTemplate, TemplateEntries } from './flow-template.js'

/** One step of a flow. */
export type FlowStep =
  /** Runs a command. */
  | {
      kind: 'exec'
      /** A text for a shell, or the program and its arguments. */
      command: { kind: 'shell'; script: string } | { kind: 'argv'; argv: readonly [string, ...string[]] }
      timeoutMs: number
      /** Names that it gets from the environment of the caller, besides those that every command needs. */
      env: readonly string[]
      /** Relative to the folder that contains `.orch`, `.codex` or `flows`. */
      workingDirectory: string
    }
  /** Sends a repository event (`repository_dispatch`). */
  | {
      kind: 'dispatch'
      repository: FlowTemplate
      eventType: FlowTemplate
      payload: TemplateEntries
      /** Whether the step waits for the runs that the event starts, and fails unless all of them succeed. */
      wait: boolean
    }
  /** Builds the change of this branch and waits for its end. */
  | { kind: 'run'; branch: FlowTemplate }
  /** Locks every change whose branch matches. */
  | { kind: 'invalidate'; pattern: FlowTemplate }
  /** Hands the event on to another flow; its payload and context files travel with it. */
  | { kind: 'handoff'; flow: string }

/** What starts a flow. */
export interface FlowTriggers {
  /** Null: no event from outside starts it. */
  event: {
    /** Patterns as in `branches` of the graph file; empty: every type. */
    types: readonly string[]
    /** Null: every source. */
    source: string | null
    /** A JSON Schema; null: every payload. */
    payload: { readonly [key: string]: Json } | null
  } | null
  /** Whether other flows and people may hand work to it. */
  dispatch: boolean
  schedule: readonly { cron: string; timeZone: string }[]
  poll: { everyMs: number; command: readonly [string, ...string[]] } | null
}

export interface Flow {
  name: string
  on: FlowTriggers
  /** How many runs of it execute at the same time; the others wait. */
  concurrency: number
  steps: readonly FlowStep[]
}

/** An input that a workflow declares under `on.workflow_dispatch.inputs`. */
export interface DeclaredInput {
  required: boolean
  hasDefault: boolean
  /** `text`: GitHub accepts any value, also for an environment, whose names only GitHub knows. */
  type: 'text' | 'boolean' | 'number' | 'choice'
  /** The values that a `choice` accepts; null: any, or it lists none. */
  options: readonly string[] | null
}

/** Whether and how a workflow file can be dispatched. */
export type WorkflowTriggers =
  /** `runName` is the text of `run-name`; absent: the file has none. */
  | { kind: 'dispatchable'; inputs: ReadonlyMap<string, DeclaredInput>; runName?: string }
  | { kind: 'not-dispatchable' }
  | { kind: 'invalid'; problem: string }

/** Reads the text of a workflow file. `src/config/workflow-file.ts` implements it; the engine receives it, because it may not import it. */
export type ReadWorkflowTriggers = (text: string) => WorkflowTriggers

/** How `repository_dispatch` starts a workflow. */
export interface EventTrigger {
  /** The event types that start it; null: every type. */
  types: readonly string[] | null
  /** The text of `run-name`; absent: the file has none. */
  runName?: string
}

/** Reads the text of a workflow file; null: no event starts it, or GitHub could not read the file. */
export type ReadEventTrigger = (text: string) => EventTrigger | null

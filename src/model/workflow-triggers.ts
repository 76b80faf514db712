/** An input that a workflow declares under `on.workflow_dispatch.inputs`. */
export interface DeclaredInput {
  required: boolean
  hasDefault: boolean
  /** The values a `choice` input takes; null: any. */
  options: readonly string[] | null
}

/** What a workflow file says about being dispatched. */
export type WorkflowTriggers =
  /** `runName` is the text of `run-name`; left out where the file has none. */
  | { kind: 'dispatchable'; inputs: ReadonlyMap<string, DeclaredInput>; runName?: string }
  | { kind: 'not-dispatchable' }
  | { kind: 'invalid'; problem: string }

/** Reads the text of a workflow file (`src/config/workflow-file.ts` does it; the engine, which may not import it, knows no YAML). */
export type ReadWorkflowTriggers = (text: string) => WorkflowTriggers

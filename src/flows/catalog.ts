import type { Flow } from '../model/flow/flow.js'

/** A flow file that was found. */
export interface FoundFlow {
  name: string
  /** Path of its file, relative to the folder that contains `.orch`, `.codex` or `flows`. */
  file: string
  /** The flow, or its last valid version where the file is invalid now; null: it never was valid. */
  flow: Flow | null
  /** What is wrong with the file now, each with its line; empty: nothing. */
  problems: readonly string[]
  /** The file of the same name that is used instead; null: this one is used. */
  shadowedBy: string | null
}

/** The flows as their files are now, in the order in which they are found. */
export type ReadFlows = () => Promise<readonly FoundFlow[]>

/** A flow that can be started. */
export interface UsableFlow {
  flow: Flow
  isDisabled: boolean
}

/** The flows that events can start, by name. */
export function usableFlows(found: readonly FoundFlow[], disabled: ReadonlySet<string>): Map<string, UsableFlow> {
  const usable = new Map<string, UsableFlow>()
  for (const { name, flow, shadowedBy } of found) {
    if (flow && shadowedBy === null) usable.set(name, { flow, isDisabled: disabled.has(name) })
  }
  return usable
}

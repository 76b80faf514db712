import type { OrchestrationOutcome } from '../build/orchestration.js'
import type { Count, Integer, JsonVersion, Milliseconds, Timestamp } from './common.js'

/** What `orch list --json` and `orch show --json` report of an orchestration whose journal could be read. */
export interface OrchestrationSummaryJson {
  /** Id of the orchestration. */
  id: string
  /** Path of its journal. */
  journal: string
  /** `running`: a living process drives it; `unfinished`: no process drives it, and it has no outcome. */
  state: 'running' | 'unfinished' | 'finished'
  /** The process that drives it; null: none does. */
  processId: Integer | null
  branch: string
  startedAt: Timestamp
  lastEventAt: Timestamp
  /** Until its end; until now while it runs; until its last event if no process drives it. */
  durationMs: Milliseconds
  outcome: OrchestrationOutcome | null
  reason: string | null
  /** True: another token would help, because this one was refused or lacks a permission (exit code 4). */
  isAuthFailure: boolean | null
}

/** How many jobs of an orchestration are in each state. */
export interface JobCountsJson {
  all: Count
  waiting: Count
  active: Count
  succeeded: Count
  failed: Count
  cancelled: Count
  skipped: Count
  notRun: Count
  leftRunning: Count
}

/** An orchestration in the list. */
export interface ReadableEntryJson extends OrchestrationSummaryJson {
  jobCounts: JobCountsJson
  problem: null
}

/** A journal in the list that is empty or unreadable. */
export interface UnreadableEntryJson extends Record<
  Exclude<keyof OrchestrationSummaryJson, 'id' | 'journal' | 'state'>,
  null
> {
  /** Id of the orchestration. */
  id: string
  /** Path of its journal. */
  journal: string
  state: 'unreadable'
  jobCounts: null
  /** Why the journal could not be read. */
  problem: string
}

export type HistoryEntryJson = ReadableEntryJson | UnreadableEntryJson

/** The document of `orch list --json`. */
export interface HistoryJson {
  version: JsonVersion
  /** Newest first. */
  orchestrations: readonly HistoryEntryJson[]
}

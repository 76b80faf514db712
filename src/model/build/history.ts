import type { Orchestration } from './orchestration.js'

/** A living process that drives an orchestration. */
export interface Driver {
  /** For a reader: `process 4711`. */
  name: string
  /** Its pid, if it runs on this machine; null: it runs elsewhere. */
  pid: number | null
}

/** An orchestration whose journal could be read. */
export interface RecordedOrchestration {
  id: string
  /** Where its journal is kept, as text for a reader. */
  location: string
  /** `running`: a living process drives it; `unfinished`: none does, and it has no ending. */
  state: 'running' | 'unfinished' | 'finished'
  /** The process that drives it; null: none. */
  driver: Driver | null
  orchestration: Orchestration
}

/** A journal that cannot be shown: of a newer version, damaged, unreadable, or empty. */
export interface UnreadableOrchestration {
  id: string
  location: string
  state: 'unreadable'
  /** One clause for a reader. */
  problem: string
  /** What to do about it, one sentence. */
  remedy: string
}

export type HistoryEntry = RecordedOrchestration | UnreadableOrchestration

/** The time as of which an orchestration is shown, ms, UTC: its last event, or now if a process drives it. */
export function shownAt({ state, orchestration }: RecordedOrchestration, now: number): number {
  return state === 'running' ? Math.max(now, orchestration.lastAt) : orchestration.lastAt
}

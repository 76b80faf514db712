import type { Orchestration } from './orchestration.js'

/** An orchestration whose journal could be read. */
export interface RecordedOrchestration {
  id: string
  /** Path of its journal. */
  path: string
  /** `running`: a living process drives it; `unfinished`: none does, and it has no ending. */
  state: 'running' | 'unfinished' | 'finished'
  /** The process that drives it; null: none. */
  pid: number | null
  orchestration: Orchestration
}

/** A journal that cannot be shown: of a newer version, damaged, unreadable, or empty. */
export interface UnreadableOrchestration {
  id: string
  path: string
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

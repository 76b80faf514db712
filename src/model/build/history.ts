import type { Orchestration } from './orchestration.js'

/** An orchestration whose journal could be read. */
export interface RecordedOrchestration {
  id: string
  /** Path of its journal. */
  path: string
  /** `running`: a living process drives it; `unfinished`: none does, and it has no ending. */
  state: 'running' | 'unfinished' | 'finished'
  /** The process that drives it; null: none does. */
  pid: number | null
  orchestration: Orchestration
}

/** A journal that tells nothing: of a newer version, damaged, not readable, or still empty. */
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

/** The moment that an orchestration is shown at, ms, UTC: of one that nobody drives nothing later than its last event is known. */
export function shownAt({ state, orchestration }: RecordedOrchestration, now: number): number {
  return state === 'running' ? Math.max(now, orchestration.lastAt) : orchestration.lastAt
}

import type { Event } from '../model/build/events.js'
import type { Driver } from '../model/build/history.js'
import type { Journal } from './journal.js'

/**
 * Keeps the journals of orchestrations and knows which process drives each of them. A method rejects only when the storage is
 * broken or cannot be reached; every other outcome is a value.
 */
export interface Store {
  /** Where the journals are kept, as text for a reader. */
  readonly location: string
  /** Where the journal of one orchestration is kept, as text for a reader. */
  locationOf(id: string): string
  /**
   * Ids of all journals, or of those of one branch, oldest first: an id begins with its time. A journal whose branch cannot be read belongs to
   * no branch.
   */
  list(branch?: string): Promise<string[]>
  read(id: string): Promise<StoredJournal>
  /**
   * A journal for a new orchestration of a branch, driven by this process until the journal is closed.
   * Rejects when there is a journal of this id already.
   */
  create(id: string, branch: string): Promise<CreatedJournal>
  /**
   * Makes this process the driver of an orchestration that no process drives. The events are read after this process has the lock, because
   * an earlier reading may lack the last ones. Every result except `opened` leaves the journal unchanged.
   */
  takeOver(id: string): Promise<TakenOverJournal>
  /**
   * Follows a journal from its first event on. Yields at once, then at the latest every `intervalMs`, whether or not anything was appended;
   * when `signal` aborts it yields once more and ends.
   */
  tail(id: string, options: TailOptions): AsyncIterable<TailedJournal>
  /** Creates a request to the driver of an orchestration to cancel its runs and end. `send` sends it. */
  cancelRequest(id: string): CancelRequest
  /** Removes the journals of finished orchestrations that have been kept long enough. Keeps unfinished, unreadable and driven ones. */
  prune(options: PruneOptions): Promise<Pruned>
}

/** Why a journal cannot be interpreted. */
export type JournalFault =
  /** A newer orch wrote it, in this version of the format. */
  | { kind: 'newer'; version: number }
  /** A line of it is not what orch writes: it was edited, or the disk lost data. */
  | { kind: 'damaged'; line: number; problem: string }

/** The content of a journal. */
export type JournalReading =
  | { kind: 'events'; events: readonly Event[] }
  /** It exists without any event yet. */
  | { kind: 'empty' }
  | { kind: 'absent' }
  | JournalFault

export interface StoredJournal {
  /**
   * Null: no living process drives the orchestration. Read before the journal: a process that ends in between leaves a finished journal,
   * not an abandoned one.
   */
  driver: Driver | null
  reading: JournalReading
}

/** `held`: another living process has the journal. */
export type CreatedJournal = { kind: 'opened'; journal: Journal } | { kind: 'held'; driver: Driver }

export type TakenOverJournal =
  | { kind: 'opened'; journal: Journal; events: readonly Event[] }
  | { kind: 'held'; driver: Driver }
  | { kind: 'absent' }
  | JournalFault

export interface TailOptions {
  intervalMs: number
  signal?: AbortSignal | undefined
}

/** What was appended to a journal since the previous reading. */
export type TailReading =
  | { kind: 'events'; events: readonly Event[] }
  | { kind: 'absent' }
  /** It is shorter than before, although journals only grow. */
  | { kind: 'truncated' }
  | JournalFault

export interface TailedJournal {
  /** As in `StoredJournal`. */
  driver: Driver | null
  reading: TailReading
}

export interface CancelRequest {
  /** Asks the driver, unless it was asked before: by this request, or by another one that is still open. */
  send(): Promise<CancelAnswer>
  /** Allows other requests. */
  close(): Promise<void>
}

export type CancelAnswer =
  /** The driver was asked now. */
  | { kind: 'sent'; driver: Driver }
  | { kind: 'sent-before'; driver: Driver }
  /** No living process drives the orchestration. */
  | { kind: 'not-driven' }
  /** The driver cannot be asked. `problem` and `why` are clauses and `remedy` is a sentence, for a reader. */
  | { kind: 'refused'; driver: Driver; problem: string; why: string; remedy: string }

export interface PruneOptions {
  /** ms since the epoch, UTC. */
  now: number
  /** When the orchestration with these events ended, ms, UTC; null: it has not, or no orchestration wrote them. */
  endedAt: (id: string, events: readonly Event[]) => number | null
}

export interface Pruned {
  /** Ids of the journals that were removed. */
  removed: readonly string[]
  /** What could not be removed, and why. */
  failures: readonly { location: string; error: unknown }[]
}

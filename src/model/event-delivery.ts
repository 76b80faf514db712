import type { EventReceiver } from './event-receiver.js'
import type { Failure } from './failure.js'
import type { RepoName } from './repo-name.js'

/**
 * What became of the request with an event. `planned`: a dry run; `unknown`: it may have been sent; `withheld`: it was interrupted before
 * it was sent.
 */
export type EventRequest =
  | { kind: 'planned' }
  | { kind: 'accepted' }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'unknown'; failure: Failure }
  | { kind: 'withheld' }

/** How the run that an event started ended. `unknown`: it was not found, or its end could not be read. */
export type EventRunOutcome = 'succeeded' | 'failed' | 'cancelled' | 'timed-out' | 'unknown'

/** A run that an event started, or would have started. */
export interface EventRun {
  /** File name below `.github/workflows/`. */
  workflow: string
  /** Null: no run was found. */
  runId: number | null
  url: string | null
  outcome: EventRunOutcome
  /** GitHub's conclusion; null: the run has none, or it is not known. */
  conclusion: string | null
  /** Why it has this outcome, as one clause. */
  reason: string
  /** The failed request that made it unknown; absent: none did. */
  failure?: Failure
}

/** What became of an event in one repository. */
export interface EventDelivery {
  repo: RepoName
  request: EventRequest
  /** The workflows that it starts; null: they were not read. */
  receivers: readonly EventReceiver[] | null
  /** One for each receiver, if their ends were awaited. */
  runs: readonly EventRun[]
}

/** An event that was sent to repositories, or would be. */
export interface EventDispatch {
  eventType: string
  isDryRun: boolean
  isAwaited: boolean
  deliveries: readonly EventDelivery[]
}

/** Whether the event reached this repository, and every run that was awaited succeeded. */
export function isDelivered({ request, runs }: EventDelivery): boolean {
  if (request.kind === 'planned') return true
  // An event without an answer was sent if its runs were found.
  const isSent = request.kind === 'accepted' || (request.kind === 'unknown' && runs.length > 0)
  return isSent && runs.every(({ outcome }) => outcome === 'succeeded')
}

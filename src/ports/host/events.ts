import type { Failure } from '../../model/failure.js'
import type { Json } from '../../model/flow/flow-event.js'
import type { RepoName } from '../../model/repo-name.js'

/** An event that starts the workflows of a repository that wait for its type (`repository_dispatch`). */
export interface RepositoryEvent {
  repo: RepoName
  eventType: string
  payload: { readonly [key: string]: Json }
}

/** `refused`: it was certainly not sent; `ambiguous`: it may have been; `withheld`: it was never sent. */
export type EventSending =
  | { kind: 'sent' }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'ambiguous'; failure: Failure }
  | { kind: 'withheld' }

/** Sends events to repositories. Expected failures are values; a rejection is a bug. */
export interface Events {
  /**
   * Sends an event once, and again only after a rate limit, which proves that it had no effect.
   * @param beforeSend awaited before each sending, when the limiter releases the request; if it resolves to false, nothing is sent
   */
  sendEvent(event: RepositoryEvent, beforeSend: () => Promise<boolean>): Promise<EventSending>
}

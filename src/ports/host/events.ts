import type { WorkflowText } from '../../model/event-receiver.js'
import type { Failure } from '../../model/failure.js'
import type { RepositoryEvent } from '../../model/repository-event.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

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
  /**
   * Reads whether a repository can receive events: it exists, has this name, is not archived, and the token's user may write to it.
   * Resolves to its default branch.
   */
  checkEventTarget(repo: RepoName): Promise<Read<{ defaultBranch: string }>>
  /** Reads the workflow files on the default branch whose workflows are enabled. */
  readEnabledWorkflows(repo: RepoName): Promise<Read<WorkflowText[]>>
}

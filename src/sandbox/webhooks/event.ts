import type { Account, Repository } from '../state/model.js'

/** Something that happened, for the webhooks that subscribe to it. */
export interface WebhookEvent {
  /** The X-GitHub-Event header, such as `pull_request`. */
  name: string
  /** `action` of the payload, for the events that have one. */
  action?: string
  sender: Account
  /** The hooks of this repository, of its organization and of the Apps installed on it receive the event. */
  repository?: Repository
  /** The organization of an event without a repository. */
  organization?: Account
  /** Only the hook of this App receives the event, such as `installation`. */
  installation?: { appId: number; id: number }
  /**
   * Returns the fields of the payload beside `action`, `repository`, `organization`, `sender` and `installation`. It is called only if a hook receives
   * the event, at once. What can change must be read before the first `await`.
   */
  payload(): Record<string, unknown> | Promise<Record<string, unknown>>
}

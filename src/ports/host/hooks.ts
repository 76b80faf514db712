import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** What a webhook belongs to. */
export type HookOwner =
  | { kind: 'app' }
  /** Login. */
  | { kind: 'organization'; login: string }
  | { kind: 'repository'; repo: RepoName }

export interface Hook {
  owner: HookOwner
  /** Null: an App has one hook, without an id. */
  id: number | null
  /** Where GitHub sends deliveries. */
  url: string
}

/** A delivery as a listing shows it. */
export interface HookDelivery {
  id: number
  /** The X-GitHub-Delivery header: the same for every delivery of one event, redeliveries included. */
  guid: string
  event: string
  /** ms, UTC, by GitHub's clock. */
  deliveredAt: number
  /** Status code of the answer of the receiver; one of 5xx, or 0, if there was none. */
  statusCode: number
}

/** Reads webhooks and what GitHub has delivered to them. Expected failures are values; a rejection is a bug. */
export interface Hooks {
  /** The hooks of an owner. An App without a webhook has none. */
  listHooks(owner: HookOwner): Promise<Read<Hook[]>>
  /** The deliveries of a hook, newest first, at least all since that time (ms, UTC). */
  listHookDeliveries(hook: Hook, since: number): Promise<Read<HookDelivery[]>>
  /** The payload of a delivery; null: it is not a JSON object. */
  readHookPayload(hook: Hook, deliveryId: number): Promise<Read<object | null>>
}

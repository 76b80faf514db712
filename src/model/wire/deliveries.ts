import type { RepositoryName, Timestamp } from './common.js'
import type { PageJson } from './workloads.js'

/** A webhook delivery that the service has accepted. */
export interface DeliveryJson {
  /** The X-GitHub-Delivery header, which a redelivery keeps. */
  id: string
  /** The X-GitHub-Event header. */
  event: string
  action: string | null
  repository: RepositoryName | null
  receivedAt: Timestamp
  /** null: it is not handled yet. */
  handledAt: Timestamp | null
  /** What was done, or why nothing was; null: it is not handled yet. */
  result: string | null
}

/** The answer of `GET /deliveries`. */
export type DeliveryPageJson = PageJson<DeliveryJson>

/** The answer of `POST /deliveries/:id/attempts`. */
export interface DeliveryAttemptJson {
  /** The delivery that is handled again. */
  delivery: string
}

/** A webhook delivery of GitHub, as it was stored. Times in ms since the epoch, UTC. */
export interface Delivery {
  /** The X-GitHub-Delivery header, which a redelivery keeps. */
  id: string
  /** The X-GitHub-Event header. */
  event: string
  /** `action` of the payload; null: it has none. */
  action: string | null
  /** `owner/name`; null: it concerns no repository. */
  repository: string | null
  receivedAt: number
  /** Null: not handled yet. */
  handledAt: number | null
  /** What was done, or why nothing was; null: not handled yet. */
  result: string | null
}

/** A delivery with the payload that is handled. */
export interface FullDelivery extends Delivery {
  payload: unknown
}

export interface DeliveryQuery {
  /** `nextCursor` of the page before. */
  cursor?: string
  /** 100 at most; absent: 50. */
  limit?: number
}

/** The deliveries that the service has accepted. */
export interface Deliveries {
  /** Newest first. */
  list(query: DeliveryQuery): Promise<{ items: Delivery[]; nextCursor: string | null }>
  read(id: string): Promise<FullDelivery | null>
  /** Handles a delivery again, as a new attempt. */
  redeliver(id: string): Promise<{ kind: 'started' | 'absent' }>
}

/**
 * How a fault replaces the normal response. `respond`, `disconnect`, `hang` and `secondary-limit` prevent the effect of the request; the kinds that end in
 * `-after` apply when the request has taken effect. A request that hangs gets no response until the sandbox closes or the client cancels it. `ms` is in time of
 * the sandbox clock.
 *
 * `stale-reads` and `late-runs` apply only to GET requests of the API and to GraphQL. `stale-reads` answers from the state `ms` ago, as a lagging replica does
 * (in memory only). `late-runs` answers as if the workflow runs of the last `ms` did not exist yet, in listings as well as by ID.
 *
 * Kinds that begin with `delivery` apply only to webhook deliveries, and no other kind does. They choose by `event` and by the `path` of the hook's URL.
 *
 * Kinds that begin with `graphql` apply only to GraphQL. While one is active, `times` counts every query, including those without the affected repository.
 */
export type FaultAction =
  | ({ kind: 'respond' | 'respond-after' } & GivenAnswer)
  | { kind: 'disconnect' | 'disconnect-after' }
  | { kind: 'delay'; ms: number }
  | { kind: 'hang' | 'hang-after' }
  /** The response when a client exceeds a secondary rate limit (default 403). `retryAfter` is in seconds; without it the header is missing. */
  | { kind: 'secondary-limit'; status?: 403 | 429; retryAfter?: number }
  | { kind: 'stale-reads' | 'late-runs'; ms: number }
  /** No GraphQL at all, as on a server without it (default: 404) or for a token that must not use it (403). */
  | { kind: 'graphql-refused'; status?: 404 | 403 }
  /** A 502 response to a query with more than `repositories` repositories and nodes, as after a timeout. */
  | { kind: 'graphql-too-large'; repositories: number }
  /** An error that replaces the data of one repository (`owner/name`) beside the data of the others. By default it has no type and GitHub's message. */
  | { kind: 'graphql-partial'; repository: string; type?: string; message?: string }
  /** A webhook delivery that is never sent nor listed, is sent twice, or is sent after the next one of its hook (or after 10 s). */
  | { kind: 'delivery-lost' | 'delivery-doubled' | 'delivery-reordered' }
  | { kind: 'delivery-delayed'; ms: number }

/** What faults do to a webhook delivery. */
export interface DeliveryTrouble {
  isLost: boolean
  isDoubled: boolean
  isReordered: boolean
  delayMs: number
}

/** The response of a fault. Without a body it is GitHub's `Server Error`. */
export interface GivenAnswer {
  status: number
  /** A string is sent unchanged; any other value is sent as JSON. */
  body?: unknown
  headers?: Record<string, string>
}

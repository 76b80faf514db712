/**
 * What happens to a request instead of its normal answer. `respond`, `disconnect`, `hang` and `secondary-limit` keep the request from having its effect;
 * the forms that end in `-after` come when it has had it. A request that hangs gets no answer until the sandbox closes or the client gives up. `ms` are of the
 * sandbox's clock.
 *
 * `stale-reads` and `late-runs` touch only GET requests of the API and GraphQL: the first answers from the state as it was `ms` ago, as a replica does that lags behind
 * (in memory only); the second answers as if the workflow runs of the last `ms` did not exist yet, in listings as well as by id.
 *
 * Those that begin with `graphql` touch only GraphQL, and `times` counts every query while they are set, whatever it asks for.
 */
export type FaultAction =
  | ({ kind: 'respond' | 'respond-after' } & GivenAnswer)
  | { kind: 'disconnect' | 'disconnect-after' }
  | { kind: 'delay'; ms: number }
  | { kind: 'hang' | 'hang-after' }
  /** The answer to who exceeds a secondary rate limit (default 403); `retryAfter` in seconds, without it the header is missing. */
  | { kind: 'secondary-limit'; status?: 403 | 429; retryAfter?: number }
  | { kind: 'stale-reads' | 'late-runs'; ms: number }
  /** No GraphQL at all, as on a server without it (default: 404) or for a token that may not use it (403). */
  | { kind: 'graphql-refused'; status?: 404 | 403 }
  /** 502 to a query that asks for more than so many repositories and nodes, as if it took too long. */
  | { kind: 'graphql-too-large'; repositories: number }
  /** An error in the place of one repository (`owner/name`), beside the data of the others. Default: one without a type, of GitHub's own making. */
  | { kind: 'graphql-partial'; repository: string; type?: string; message?: string }

/** An answer of a fault; without a body, GitHub's `Server Error`. */
export interface GivenAnswer {
  status: number
  /** Text as it is, anything else as JSON. */
  body?: unknown
  headers?: Record<string, string>
}

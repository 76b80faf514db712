import type { DeliveryTrouble, FaultAction, GivenAnswer } from './fault-actions.js'

/** How the response to a read deviates from the normal one. */
export interface ReadTrouble {
  /** The age of the whole state that the response shows (ms). */
  stateLag: number
  /** The age below which runs are missing from the response (ms). */
  runsLag: number
  graphql: GraphqlTrouble
}

export interface GraphqlTrouble {
  /** The maximum number of repositories and nodes in one query. */
  mostRepositories: number
  /** The repositories that fail, by `owner/name` in lower case. */
  failing: ReadonlyMap<string, RepositoryError>
}

/** An error that replaces the data of a repository. With `type` null the error has no type. */
export interface RepositoryError {
  type: string | null
  message: string
}

const GRAPHQL_FAILED =
  'Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug.'

/** Combines the actions on one request: the longest lag and the lowest limit apply. */
export function troubleOf(actions: FaultAction[]): ReadTrouble {
  const trouble = { stateLag: 0, runsLag: 0, mostRepositories: Infinity }
  const failing = new Map<string, RepositoryError>()
  for (const action of actions) {
    if (action.kind === 'stale-reads') trouble.stateLag = Math.max(trouble.stateLag, action.ms)
    if (action.kind === 'late-runs') trouble.runsLag = Math.max(trouble.runsLag, action.ms)
    if (action.kind === 'graphql-too-large') {
      trouble.mostRepositories = Math.min(trouble.mostRepositories, action.repositories)
    }
    if (action.kind === 'graphql-partial') {
      const { repository, type = null, message = GRAPHQL_FAILED } = action
      failing.set(repository.toLowerCase(), { type, message })
    }
  }
  const { stateLag, runsLag, mostRepositories } = trouble
  return { stateLag, runsLag, graphql: { mostRepositories, failing } }
}

/** The response of a server without GraphQL, or to a token that must not use it. */
export function graphqlRefused({ status = 404 }: { status?: 404 | 403 }): GivenAnswer {
  const message = status === 404 ? 'Not Found' : 'Resource not accessible by personal access token'
  return { status, body: { message, documentation_url: 'https://docs.github.com/graphql', status: String(status) } }
}

/** The response when a client exceeds a secondary rate limit. */
export function secondaryLimit({ status = 403, retryAfter }: { status?: 403 | 429; retryAfter?: number }): GivenAnswer {
  return {
    status,
    body: {
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      documentation_url:
        'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits',
    },
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  }
}

/** Combines the actions on one webhook delivery: the longest delay applies. */
export function deliveryTroubleOf(actions: FaultAction[]): DeliveryTrouble {
  const has = (kind: FaultAction['kind']): boolean => actions.some((action) => action.kind === kind)
  const delays = actions.map((action) => (action.kind === 'delivery-delayed' ? action.ms : 0))
  return {
    isLost: has('delivery-lost'),
    isDoubled: has('delivery-doubled'),
    isReordered: has('delivery-reordered'),
    delayMs: Math.max(0, ...delays),
  }
}

import type { FaultAction, GivenAnswer } from './fault-actions.js'

/** How the answer to a read is to go wrong. */
export interface ReadTrouble {
  /** How old it is to be (ms): the whole state. */
  stateLag: number
  /** How old it is to be (ms): the runs that it shows. */
  runsLag: number
  graphql: GraphqlTrouble
}

export interface GraphqlTrouble {
  /** Repositories and nodes that a query may ask for. */
  mostRepositories: number
  /** By `owner/name` in lower case. */
  failing: ReadonlyMap<string, RepositoryError>
}

/** An error in the place of a repository; `type` null: without one. */
export interface RepositoryError {
  type: string | null
  message: string
}

const GRAPHQL_FAILED =
  'Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug.'

/** What the actions on one request say together: of several lags the longest counts, and of several bounds the lowest. */
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

/** The answer of a server without GraphQL, or to a token that may not use it. */
export function graphqlRefused({ status = 404 }: { status?: 404 | 403 }): GivenAnswer {
  const message = status === 404 ? 'Not Found' : 'Resource not accessible by personal access token'
  return { status, body: { message, documentation_url: 'https://docs.github.com/graphql', status: String(status) } }
}

/** The answer to who exceeds a secondary rate limit. */
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

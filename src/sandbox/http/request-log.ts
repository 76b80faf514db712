import { isObject } from './body.js'

/** One request that reached the sandbox, for assertions such as that no POST was sent. */
export interface LoggedRequest {
  method: string
  /** Path with query, without `/api/v3`. */
  path: string
  /** Status of the answer that the client received; null before the answer, and if the connection was cut. */
  status: number | null
  /** Time of arrival on the sandbox's clock (ms, UTC). */
  time: number
  /** The parsed body if it is JSON, else its text; null without a body, and for git. */
  body: unknown
  /** Name of a GraphQL request's operation, null if it has none. Absent for every other request. */
  operation?: string | null
}

/** Path of GraphQL requests in the log, also for those to `/api/graphql`. */
export const GRAPHQL_PATH = '/graphql'

/** Returns the operation name in the body of a GraphQL request: its `operationName`, or the first named operation of its document. */
export function operationName(body: unknown): string | null {
  const { operationName: named, query } = isObject(body) ? body : {}
  if (typeof named === 'string') return named
  return typeof query === 'string' ? (/\b(?:query|mutation)\s+(\w+)/.exec(query)?.[1] ?? null) : null
}

/** Returns whether the document in the body of a GraphQL request holds a mutation. */
export function isMutation(body: unknown): boolean {
  const { query } = isObject(body) ? body : {}
  return typeof query === 'string' && /(?:^|[\s}])mutation\b/.test(query)
}

/** Parses a JSON text; returns any other text unchanged, and null for an empty one. */
export function loggedBody(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

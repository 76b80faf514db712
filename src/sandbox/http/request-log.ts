import { isObject } from './body.js'

/** One request that reached the sandbox, for assertions such as that no POST was sent. */
export interface LoggedRequest {
  method: string
  /** Path with query, without `/api/v3`. */
  path: string
  /** Status of the answer that the client got; null while there is none, or if the connection was cut. */
  status: number | null
  /** ms, UTC, of the sandbox's clock. */
  time: number
  /** The body as JSON where it is JSON, else as text; null without one, and for git. */
  body: unknown
  /** Of a GraphQL request: the name of its operation, null if it has none. Absent for every other request. */
  operation?: string | null
}

/** Where GraphQL is asked for, in the paths of the log: also for `/api/graphql`. */
export const GRAPHQL_PATH = '/graphql'

/** The name of the operation that the body of a GraphQL request asks for: the one it names, or the first of its document that has a name. */
export function operationName(body: unknown): string | null {
  const { operationName: named, query } = isObject(body) ? body : {}
  if (typeof named === 'string') return named
  return typeof query === 'string' ? (/\b(?:query|mutation)\s+(\w+)/.exec(query)?.[1] ?? null) : null
}

/** The value of a JSON text, or the text itself. */
export function loggedBody(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

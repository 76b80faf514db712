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

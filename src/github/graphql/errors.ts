/** One error of a GraphQL answer. */
export interface PathError {
  /** Aliases, field names and indices from the root; empty: it is about the whole answer. */
  path: readonly (string | number)[]
  /** GitHub's error type, such as NOT_FOUND or FORBIDDEN; null: the error has none. */
  type: string | null
  message: string
  /** The answer is incomplete because the query requested too much at once. */
  isExcess: boolean
}

type Body = Readonly<Record<string, unknown>>

/** The parts of a GraphQL answer; `data` is null if there is none. */
export function readErrors(body: object): { data: Body | null; errors: PathError[] } {
  const { data, errors } = body as { data?: unknown; errors?: unknown }
  return {
    data: typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Body) : null,
    errors: Array.isArray(errors) ? errors.map(toPathError) : [],
  }
}

/** "Rate limits and query limits for the GraphQL API": resource limits and node limits. */
const excessTypes: ReadonlySet<string> = new Set([
  'RESOURCE_LIMITS_EXCEEDED',
  'MAX_NODE_LIMIT_EXCEEDED',
  'ARGUMENT_LIMIT',
])
const failureTypes: ReadonlySet<string> = new Set([
  'TIMEOUT',
  'INTERNAL',
  'INTERNAL_SERVER_ERROR',
  'SERVICE_UNAVAILABLE',
])
const failureWords = /something went wrong|internal (?:server )?error|timed? ?out|timeout/iu

/**
 * GitHub's message that it failed to execute the query, in an answer whose status is 200 all the same; null: it did not fail.
 * A timeout has no type of its own. An answer without `data` reports a query that is not valid, unless it says otherwise.
 */
export function readServerFailure(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null
  const { errors } = readErrors(body)
  const failure = errors.find(({ path, type, message, isExcess }) => {
    if (path.length > 0 || isExcess) return false
    return type === null ? 'data' in body || failureWords.test(message) : failureTypes.has(type)
  })
  return failure?.message ?? null
}

function toPathError(error: unknown): PathError {
  const { path, type, message } = (typeof error === 'object' && error !== null ? error : {}) as Body
  const word = typeof type === 'string' ? type : null
  const errorMessage = typeof message === 'string' ? message : 'an error without a message'
  const keys = Array.isArray(path) ? path.filter(isKey) : []
  // At the path of one repository these words are about that repository alone.
  const isExcess = word === null ? keys.length === 0 && /resource limits/iu.test(errorMessage) : excessTypes.has(word)
  return { path: keys, type: word, message: errorMessage, isExcess }
}

function isKey(key: unknown): key is string | number {
  return typeof key === 'string' || typeof key === 'number'
}

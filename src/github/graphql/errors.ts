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

/** "Rate limits and query limits for the GraphQL API": resource limits, node limits, and a timeout, which has no type of its own. */
const excessTypes: ReadonlySet<string> = new Set([
  'RESOURCE_LIMITS_EXCEEDED',
  'MAX_NODE_LIMIT_EXCEEDED',
  'ARGUMENT_LIMIT',
  'TIMEOUT',
])
const excessWords = /something went wrong while executing your query|resource limits|timed? ?out|timeout/iu

function toPathError(error: unknown): PathError {
  const { path, type, message } = (typeof error === 'object' && error !== null ? error : {}) as Body
  const word = typeof type === 'string' ? type : null
  const errorMessage = typeof message === 'string' ? message : 'an error without a message'
  const keys = Array.isArray(path) ? path.filter(isKey) : []
  // At the path of one repository these words are about that repository alone.
  const isExcess = word === null ? keys.length === 0 && excessWords.test(errorMessage) : excessTypes.has(word)
  return { path: keys, type: word, message: errorMessage, isExcess }
}

function isKey(key: unknown): key is string | number {
  return typeof key === 'string' || typeof key === 'number'
}

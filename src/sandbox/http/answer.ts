/** An answer of the REST API, before the headers that every answer has are added. */
export interface Answer {
  status: number
  /** Sent as JSON. */
  body?: unknown
  /** Sent unchanged, with `content-type` from `headers`. */
  text?: string | Uint8Array
  headers?: Record<string, string>
}

/** A value, or the answer that reports why there is none. */
export type Result<Value> = { ok: true; value: Value } | { ok: false; answer: Answer }

/** One entry of `errors` in a 422 answer. */
export interface ValidationError {
  resource: string
  field?: string
  code: string
  message?: string
}

const DOCUMENTATION = 'https://docs.github.com/rest'

export function found<Value>(value: Value): Result<Value> {
  return { ok: true, value }
}

export function refuse(answer: Answer): { ok: false; answer: Answer } {
  return { ok: false, answer }
}

/** Returns an error in GitHub's format: `{message, documentation_url, status}`. */
export function failure(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return { status, body: { message, documentation_url: DOCUMENTATION, status: String(status) }, headers }
}

/** Returns 422 with `errors[]`. */
export function invalid(errors: ValidationError[], message = 'Validation Failed'): Answer {
  return { status: 422, body: { message, errors, documentation_url: DOCUMENTATION, status: '422' } }
}

/** Returns 422 for a body that does not match the endpoint's schema, worded like GitHub's schema validation. */
export function invalidRequest(problem: string): Answer {
  return failure(422, `Invalid request.\n\n${problem}`)
}

export function notFound(): Answer {
  return failure(404, 'Not Found')
}

/** Returns an answer without a body. */
export function empty(status: number): Answer {
  return { status }
}

export function json(body: unknown, status = 200): Answer {
  return { status, body }
}

/** Returns 201 with the `url` of the created resource in the `Location` header. */
export function created(body: Record<string, unknown>): Answer {
  const { url } = body
  return { status: 201, body, ...(typeof url === 'string' && { headers: { location: url } }) }
}

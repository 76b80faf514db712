import { failureText } from '../../lib/failure-text.js'

/** The database cannot be reached now. It may be back at the next attempt. */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable'

  constructor(location: string, cause: unknown) {
    super(`the database ${location} cannot be reached: ${reasonOf(cause)}`, { cause })
  }
}

const systemCodes = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/** Connection exceptions, a server that shuts down or starts, and one without a free connection. */
const sqlStates = /^(?:08...|57P0[1-3]|53300)$/u

/** Errors of `pg` that carry no code. */
const messages =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|connection error|client was closed/iu

/** Whether an error says that the server could not be reached, not that it refused a statement. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof DatabaseUnreachable) return true
  if (error instanceof AggregateError) return error.errors.some(isUnreachable)
  const code = codeOf(error)
  return systemCodes.has(code) || sqlStates.test(code) || (code === '' && messages.test(failureText(error)))
}

/** The SQLSTATE or the code of the system call; empty: none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** An error of several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(failureText).join('; ') : failureText(error)
}

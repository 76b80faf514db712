import { readMessage } from '../api/error-message.js'
import { readCount, type AnswerHeaders, type HttpAnswer } from '../http/answer.js'

/** An answer that reports that GitHub's rate limit was met. The request had no effect. */
export interface RateLimit {
  /** `primary`: the hourly limit of the token; `secondary`: too much at once. */
  kind: 'primary' | 'secondary'
  /** The wait that the answer requests, ms; null: it names no time. */
  waitMs: number | null
  /** Whether GitHub itself reports the limit, in a body of its own. An answer of a proxy proves nothing about the request. */
  isGitHubs: boolean
}

/** A reset is given in whole seconds: without one more second, the next request leaves too early, ms. */
const resetMargin = 1000

/**
 * The rate limit that an answer reports; null: none. Forms ("Rate limits for the REST API", "Rate limits and query limits for the
 * GraphQL API"): 403 or 429, or for GraphQL 200 with an error of the type RATE_LIMITED or in the words of a secondary limit.
 * @param serverTime GitHub's time when it answered, ms, UTC; null: not known. The reset is never compared with the local clock.
 */
export function readRateLimit(answer: HttpAnswer, serverTime: number | null, isGraphQL = false): RateLimit | null {
  const errorMessage = isGraphQL ? graphQLErrorMessage(answer.body) : readMessage(answer.body)
  if (!isLimited(answer, errorMessage ?? '', isGraphQL)) return null
  const { headers } = answer
  const isPrimary = headers['x-ratelimit-remaining'] === '0'
  const reset = readCount(headers, 'x-ratelimit-reset')
  const asked = readRetryAfter(headers, serverTime)
  const untilReset =
    isPrimary && reset !== null && serverTime !== null ? Math.max(0, reset * 1000 - serverTime) + resetMargin : null
  return { kind: isPrimary ? 'primary' : 'secondary', waitMs: asked ?? untilReset, isGitHubs: errorMessage !== null }
}

function isLimited({ status, headers, body }: HttpAnswer, errorMessage: string, isGraphQL: boolean): boolean {
  if (status === 429) return true
  const isNamedInMessage = limitWords.test(errorMessage)
  if (isGraphQL && status === 200)
    return isNamedInMessage || graphQLErrors(body).some(({ type }) => limitTypes.has(type))
  return (
    status === 403 &&
    (headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined || isNamedInMessage)
  )
}

const limitWords = /rate limit|abuse detection/iu
const limitTypes: ReadonlySet<unknown> = new Set(['RATE_LIMITED', 'RATE_LIMIT'])

/** The messages of the errors of a GraphQL answer, or the message of a REST-like answer, which GraphQL returns with a 403; null: neither. */
function graphQLErrorMessage(body: unknown): string | null {
  const messages = graphQLErrors(body).flatMap(({ message }) => (typeof message === 'string' ? [message] : []))
  return messages.length > 0 ? messages.join('; ') : readMessage(body)
}

function graphQLErrors(body: unknown): { type?: unknown; message?: unknown }[] {
  const errors: unknown = typeof body === 'object' && body !== null && 'errors' in body ? body.errors : undefined
  if (!Array.isArray(errors)) return []
  return errors.filter((error): error is object => typeof error === 'object' && error !== null)
}

/** `retry-after` (RFC 9110: seconds or a date) as ms to wait; null: absent, or a date and `serverTime` is not known. */
export function readRetryAfter(headers: AnswerHeaders, serverTime: number | null): number | null {
  const seconds = readCount(headers, 'retry-after')
  if (seconds !== null) return seconds * 1000
  const date = Date.parse(headers['retry-after'] ?? '')
  return Number.isNaN(date) || serverTime === null ? null : Math.max(0, date - serverTime)
}

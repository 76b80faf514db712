import { readCount, type AnswerHeaders } from './answer.js'

/** One HTTP exchange, for `--verbose`. It never holds the token. */
export interface RequestEntry {
  method: string
  /** Path and query for the API; host and path, without the query, for any other server. */
  path: string
  /** null: there was no answer. */
  status: number | null
  /** Whether the exchange counts against the primary rate limit. A 304 and a page of another server do not. */
  isCounted: boolean
  ms: number
  /** The remaining part of the primary rate limit, and its size; null: the answer does not report it. */
  remaining: number | null
  limit: number | null
  /** Why there was no answer. */
  failure?: string
}

/** The parts of a request that an entry shows. */
export interface ShownRequest {
  method: string
  path: string
  isOfApi: boolean
}

export function toEntry(
  { method, path, isOfApi }: ShownRequest,
  { status, headers }: { status: number | null; headers: AnswerHeaders },
  ms: number,
): RequestEntry {
  return {
    method,
    path,
    status,
    isCounted: isOfApi && status !== 304,
    ms,
    remaining: readCount(headers, 'x-ratelimit-remaining'),
    limit: readCount(headers, 'x-ratelimit-limit'),
  }
}

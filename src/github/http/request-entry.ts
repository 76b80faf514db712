import { readCount, type AnswerHeaders } from './answer.js'

/** One HTTP exchange, for `--verbose`. It never holds the token. */
export interface RequestEntry {
  method: string
  /** Path and query for the API; host and path, without the query, for any other server. */
  path: string
  /** null: no answer. */
  status: number | null
  /** Whether it counts against the primary rate limit: a 304 does not, nor does a page of another server. */
  isCounted: boolean
  ms: number
  /** What is left of the primary rate limit, and its size; null: the answer does not say. */
  remaining: number | null
  limit: number | null
  /** Why there was no answer. */
  failure?: string
}

/** What an entry shows of a request. */
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

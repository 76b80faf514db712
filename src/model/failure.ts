/** Why a request to GitHub got no usable answer. Only `src/github/api/classify.ts` decides it. */
export type FailureKind =
  | 'unauthorized' // 401: no token, or a refused one
  | 'forbidden' // 403: GitHub refuses this token, for want of a permission or for its account; another one would help
  | 'blocked' // 403 or 451: GitHub refuses for another reason, such as an IP allow list
  | 'not-found' // 404: absent, or invisible to this token
  | 'renamed' // the repository answers under another name
  | 'archived' // the repository is read-only
  | 'rate-limited' // a primary or secondary limit
  | 'invalid-request' // any other 4xx: GitHub understood and refused
  | 'server-error' // 5xx
  | 'network' // no answer: DNS, refused or cut connection, TLS
  | 'timeout' // no answer within the request's deadline
  | 'unexpected-answer' // an answer that is not what the endpoint documents

/** A failed request, described for a reader. */
export interface Failure {
  kind: FailureKind
  /** What happened, one sentence, without a final full stop. May contain text from GitHub: sanitize it before printing. */
  message: string
  /** What the reader can do about it, one sentence. */
  remedy?: string
  /** `owner/name` of the repository that was asked. */
  repo?: string
  httpStatus?: number
  /** The permission GitHub asked for, such as `statuses=write` (header `X-Accepted-GitHub-Permissions`). */
  permission?: string
}

/** Whether the same request may succeed soon, and may have taken effect. */
export function isTransientFailure({ kind }: Failure): boolean {
  return kind === 'server-error' || kind === 'network' || kind === 'timeout'
}

/** Whether GitHub denied the request to this token and will deny it again: waiting does not help. */
export function isDenied({ kind }: Failure): boolean {
  return kind === 'forbidden' || kind === 'blocked'
}

/** Whether another token would help: the orchestration then ends with exit code 4. */
export function isAuthFailure(failure: Failure): boolean {
  return failure.kind === 'unauthorized' || failure.kind === 'forbidden'
}

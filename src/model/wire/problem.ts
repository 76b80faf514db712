import type { Integer } from './common.js'

/** Why a command on a change stopped before it did what was asked. */
export interface CommandProblemJson {
  /** What happened. */
  message: string
  why: string
  /** What to do about it. */
  remedy: string
}

/** The body of an error (`application/problem+json`, RFC 9457). */
export interface ProblemJson {
  type: 'about:blank'
  /** The words of the HTTP status. */
  title: string
  status: Integer
  /** What happened, and what to do about it. */
  detail: string
  /** The id of the request, which the log of the service has too. */
  requestId: string
  /** The field of the request that it is about, such as `context.files[2].name`; absent: it is not about one. */
  field?: string
  /** The reason as a word for programs; absent: the status says it. `signature-used`: sign the request again, with another timestamp. */
  code?: 'signature-used'
  /** The single problems of a command; absent: it is not about one. */
  problems?: readonly CommandProblemJson[]
}

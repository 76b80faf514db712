import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Answered } from '../api/ask.js'
import { unexpectedAnswer, type Subject } from '../api/classify.js'
import type { Repeat } from '../limits/retry.js'
import type { Requests } from '../api/requests.js'
import { readErrors, type PathError } from './errors.js'

export type Variables = Readonly<Record<string, unknown>>

/** The outcome of a query. */
export type QueryResult =
  | {
      kind: 'answered'
      /** The data, unparsed. */
      data: Readonly<Record<string, unknown>>
      /** Each error with the path that it is about. */
      errors: readonly PathError[]
      /** The identity whose token was sent; null: no token was sent. */
      identity: string | null
    }
  /** This server or this token has no GraphQL: the REST API answers the same questions. */
  | { kind: 'refused' }
  /** The query may have requested more than GitHub does in one request. */
  | { kind: 'too-much'; failure: Failure }
  | { kind: 'failed'; failure: Failure }

/** GitHub's GraphQL API, as long as the server and the token allow it. */
export interface GraphQLEndpoint {
  /** False once GraphQL was refused: from then on no query is sent. */
  isUsable: () => boolean
  query: (ask: QueryAsk) => Promise<QueryResult>
}

export interface QueryAsk extends Subject {
  query: string
  variables: Variables
  /** `limits`: a transient failure is returned at once, so that the caller can request less. */
  repeat?: Repeat
}

/** @param onRefused called once, with the reason, when GraphQL is not used any more. */
export function createGraphQLEndpoint(
  requests: Pick<Requests, 'query'>,
  onRefused: (reason: string) => void,
): GraphQLEndpoint {
  let isUsable = true
  const refuse = (reason: string): QueryResult => {
    if (isUsable) onRefused(reason)
    isUsable = false
    return { kind: 'refused' }
  }
  return {
    isUsable: () => isUsable,
    query: async (ask) => {
      if (!isUsable) return { kind: 'refused' }
      const answer = await requests.query(ask)
      if (answer.ok) return readAnswer(ask, answer, refuse)
      const { failure } = answer
      const status = failure.httpStatus ?? 0
      if (answer.limit === null && refusals.has(status)) return refuse(failure.message)
      if (isFailureInside(failure) || status === 502 || status === 504) return { kind: 'too-much', failure }
      return { kind: 'failed', failure }
    },
  }
}

/** Whether GitHub failed inside an answer of status 200: its REST API may answer what its GraphQL API does not. */
export function isFailureInside(failure: Failure | null): boolean {
  return failure?.kind === 'server-error' && failure.httpStatus === 200
}

/** The statuses of a server without GraphQL, or of one that refuses it to the token. */
const refusals: ReadonlySet<number> = new Set([403, 404, 405, 410, 501])

function readAnswer(ask: QueryAsk, { body, identity }: Answered, refuse: (reason: string) => QueryResult): QueryResult {
  if (typeof body !== 'object' || body === null) return unexpected(ask, 'it is not an object')
  const { data, errors } = readErrors(body)
  const excess = errors.find(({ isExcess }) => isExcess)
  if (excess) return { kind: 'too-much', failure: tooMuch(ask.repo, excess.message) }
  if (data !== null) return { kind: 'answered', data, errors, identity }
  // An error in one non-null field nulls all the others, and so does an error about the whole query.
  if (errors.length > 0 && 'data' in body) return { kind: 'answered', data: {}, errors, identity }
  // Without any data the query was never executed: this server does not know a field of it.
  if (errors.length > 0) return refuse(errors.map(({ message }) => message).join('; '))
  return unexpected(ask, 'it has neither data nor errors')
}

function unexpected(ask: QueryAsk, problem: string): QueryResult {
  return { kind: 'failed', failure: unexpectedAnswer(ask, problem) }
}

function tooMuch(repo: RepoName, errorMessage: string): Failure {
  const message = `GitHub could not answer so much at once: ${errorMessage}`
  const remedy = 'try again; see githubstatus.com if it happens again'
  return { kind: 'server-error', message, remedy, repo, httpStatus: 200 }
}

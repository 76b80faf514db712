import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import { readConnectionError, type ConnectionError } from '../http/connection-error.js'
import type { HttpAnswer } from '../http/answer.js'
import { DeadlineExceeded } from '../http/deadline.js'
import { Withheld } from '../http/no-answer.js'
import { describePermission, type Need } from './permissions.js'
import { PauseTooLong, shortestSecondaryPause } from '../limits/pause.js'
import { readServerFailure } from '../graphql/errors.js'
import { readRateLimit, readRetryAfter, type RateLimit } from '../limits/rate-limit.js'
import { readMessage } from './error-message.js'
import { explainForbidden } from './explain-forbidden.js'
import { TokenUnavailable } from './token.js'

/** The subject of a request, which a failure has to name. */
export interface Subject {
  repo: RepoName
  need: Need
  /** The object of the request, worded so that "does not exist" can follow: `pull request #7 of acme/lib`. */
  thing: string
  /** Whether "do not exist" must follow: `the branches of acme/lib`. */
  isPlural?: boolean
}

/** A request without a usable answer, with the facts that decide whether it is sent again. */
export interface RequestFailure {
  failure: Failure
  /** Proof that nothing reached GitHub. */
  neverSent: boolean
  /** Whether the same request may succeed soon. */
  isTransient: boolean
  /** The wait that GitHub requests before this request is sent again, ms; null: it names none, or a limit delays all requests. */
  retryAfterMs: number | null
  /** The rate limit that was met; null: none. */
  limit: RateLimit | null
  /** The gate kept the request from being sent: GitHub did not fail. */
  isWithheld: boolean
  /** GitHub refused the token (401), and the provider now has another one. */
  isTokenReplaced: boolean
}

/** The facts about the token that a failure may mention, never its value. */
export interface SentToken {
  /** ms, UTC; null: not known. */
  expiresAt: number | null
}

export interface AnswerContext {
  /** ms since the epoch, by the local clock. */
  now: number
  /** GitHub's time when it answered, ms, UTC; null: not known. */
  serverTime: number | null
  host: string
  /** The facts about the token that was sent; null: no token was sent. */
  token: SentToken | null
  isGraphQL: boolean
}

/** Explains an answer with a status of 400 or more, or a GraphQL answer that reports a limit or a failure of GitHub. */
export function classifyAnswer(subject: Subject, answer: HttpAnswer, context: AnswerContext): RequestFailure {
  const limit = readRateLimit(answer, context.serverTime, context.isGraphQL)
  const queryFailure = context.isGraphQL && answer.status === 200 ? readServerFailure(answer.body) : null
  const errorAnswer = { subject, answer, errorMessage: readMessage(answer.body), ...context }
  const explanation = limit
    ? explainRateLimit(limit, context)
    : queryFailure === null
      ? explain(errorAnswer)
      : explainQueryFailure(subject, queryFailure)
  const failure = { ...explanation, repo: subject.repo, httpStatus: answer.status }
  const isTransient = limit !== null || queryFailure !== null || [500, 502, 503, 504].includes(answer.status)
  const retryAfterMs = isTransient && !limit ? readRetryAfter(answer.headers, context.serverTime) : null
  return { failure, neverSent: false, isTransient, retryAfterMs, limit, isWithheld: false, isTokenReplaced: false }
}

/** Explains a rejection of `fetch` or a passed deadline. */
export function classifyError(subject: Subject, error: unknown, host: string): RequestFailure {
  const { repo } = subject
  const plain = {
    neverSent: false,
    isTransient: true,
    retryAfterMs: null,
    limit: null,
    isWithheld: false,
    isTokenReplaced: false,
  }
  if (error instanceof Withheld) {
    const failure: Failure = { kind: 'network', message: 'the request was withheld', repo }
    return { ...plain, failure, neverSent: true, isTransient: false, isWithheld: true }
  }
  if (error instanceof TokenUnavailable) {
    const message = `no token for ${host} could be obtained: ${error.message}`
    const failure: Failure = { kind: 'unauthorized', message, remedy: 'check the source of the token', repo }
    return { ...plain, failure, neverSent: true, isTransient: error.isTransient }
  }
  if (error instanceof PauseTooLong) {
    const failure = { ...explainPause(error.limit, host, error.until), repo }
    return { ...plain, failure, neverSent: true, isTransient: false }
  }
  if (error instanceof DeadlineExceeded) {
    const message = `${host} gave ${error.message} when asked to ${subject.need.act} in ${repo}`
    return { ...plain, failure: { kind: 'timeout', message, remedy: tryAgain, repo } }
  }
  const connection = readConnectionError(error)
  const reason = connection.code ?? (error instanceof Error ? error.message : String(error))
  const failure = { ...explainConnection(connection, host, reason), repo }
  return { ...plain, failure, neverSent: connection.neverSent, isTransient: !connection.isCertificate }
}

function explainConnection({ neverSent, isCertificate }: ConnectionError, host: string, reason: string): Explanation {
  if (isCertificate) {
    const remedy = 'name the certificate authority of your network in NODE_EXTRA_CA_CERTS'
    return { kind: 'network', message: `the certificate of ${host} is not trusted (${reason})`, remedy }
  }
  const message = neverSent
    ? `there is no connection to ${host} (${reason})`
    : `the connection to ${host} broke (${reason})`
  return { kind: 'network', message, remedy: 'check the network, and HTTPS_PROXY if there is a proxy' }
}

const tryAgain = 'try again; see githubstatus.com if it happens again'

/** The failure for an answer that does not have the documented form. */
export function unexpectedAnswer(subject: Subject, problem: string, httpStatus?: number): Failure {
  return {
    kind: 'unexpected-answer',
    message: `GitHub answered unexpectedly about ${subject.thing}: ${problem}`,
    remedy: 'check that the address is that of a GitHub API and that no proxy changes its answers',
    repo: subject.repo,
    ...(httpStatus === undefined ? {} : { httpStatus }),
  }
}

interface ErrorAnswer {
  subject: Subject
  answer: HttpAnswer
  /** GitHub's own message; null: the body is not GitHub's. */
  errorMessage: string | null
  now: number
  serverTime: number | null
  host: string
  token: SentToken | null
  isGraphQL: boolean
}

type Explanation = Pick<Failure, 'kind' | 'message' | 'remedy' | 'permission'>

function explain(errorAnswer: ErrorAnswer): Explanation {
  const { answer, errorMessage, subject, host } = errorAnswer
  if (answer.status >= 500) {
    const message = `${host} answered ${answer.status} about ${subject.thing}`
    return { kind: 'server-error', message, remedy: tryAgain }
  }
  // A page of a proxy or a captive portal proves nothing about GitHub, least of all that something is absent.
  if (errorMessage === null) {
    return unexpectedAnswer(subject, `status ${answer.status} with a body that is not GitHub's`)
  }
  if (answer.status === 401) return explainUnauthorized(errorAnswer, errorMessage)
  const sso = answer.headers['x-github-sso']
  if (sso !== undefined) return explainSso(errorAnswer, sso)
  if (answer.status === 403 || answer.status === 451) {
    const acceptedPermissions = answer.headers['x-accepted-github-permissions'] ?? ''
    return explainForbidden({ subject, errorMessage, acceptedPermissions })
  }
  if (answer.status === 404) return explainNotFound(errorAnswer)
  return {
    kind: 'invalid-request',
    message: `GitHub refused to ${subject.need.act} in ${subject.repo}: ${errorMessage}`,
  }
}

function explainQueryFailure({ thing }: Subject, errorMessage: string): Explanation {
  const message = `GitHub failed to answer a GraphQL query about ${thing}: ${errorMessage.replace(/\.$/u, '')}`
  return { kind: 'server-error', message, remedy: tryAgain }
}

function explainRateLimit({ kind, waitMs }: RateLimit, { now, host }: AnswerContext): Explanation {
  return explainPause(kind, host, now + (waitMs ?? shortestSecondaryPause))
}

function explainPause(limit: RateLimit['kind'], host: string, until: number): Explanation {
  const end = formatTime(until)
  return limit === 'primary'
    ? {
        kind: 'rate-limited',
        message: `the token's rate limit on ${host} is used up until ${end}`,
        remedy: 'wait until then, or use a token with a higher limit',
      }
    : {
        kind: 'rate-limited',
        message: `${host} asks to slow down until ${end} (secondary rate limit)`,
        remedy: 'wait, and run fewer things with this token at the same time',
      }
}

function formatTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

function explainUnauthorized(
  { host, token, subject, serverTime, now }: ErrorAnswer,
  errorMessage: string,
): Explanation {
  const needed = `It needs ${describePermission(subject.need.permission)} on ${subject.repo}`
  const expiresAt = token?.expiresAt ?? Infinity
  const expiry = expiresAt <= (serverTime ?? now) ? `, which expired at ${formatTime(expiresAt)}` : ''
  return token
    ? {
        kind: 'unauthorized',
        message: `${host} refused the token${expiry} (${errorMessage})`,
        remedy: `${howToAuthenticate(host)} to a token that is valid. ${needed}`,
      }
    : {
        kind: 'unauthorized',
        message: `${host} requires a token to ${subject.need.act} in ${subject.repo}`,
        remedy: `${howToAuthenticate(host)}. ${needed}`,
      }
}

/** A token for github.com is never used for another server, nor the other way round (`authentication.ts`). */
function howToAuthenticate(host: string): string {
  if (host === 'api.github.com') return 'run "gh auth login" or set GH_TOKEN'
  const hostname = host.replace(/^api\./u, '')
  const variable = hostname.endsWith('.ghe.com') ? 'GH_TOKEN' : 'GH_ENTERPRISE_TOKEN'
  return `run "gh auth login --hostname ${hostname}" or set ${variable}`
}

function explainSso({ subject }: ErrorAnswer, header: string): Explanation {
  const organization = /\/orgs\/([\w-]+)\/sso/u.exec(header)?.[1] ?? subject.repo.split('/')[0] ?? subject.repo
  return {
    kind: 'forbidden',
    message: `the organization ${organization} requires single sign-on before this token may ${subject.need.act} in ${subject.repo}`,
    remedy: `authorize the token for SSO: on GitHub, Settings, Developer settings, the token, Configure SSO, ${organization}`,
  }
}

function explainNotFound({ subject: { repo, need, thing, isPlural }, isGraphQL }: ErrorAnswer): Explanation {
  // The address of GraphQL is that of no object.
  if (isGraphQL) return { kind: 'not-found', message: 'it has no GraphQL API that this token can see' }
  return {
    kind: 'not-found',
    message: isPlural
      ? `${thing} do not exist, or this token cannot see them`
      : `${thing} does not exist, or this token cannot see it`,
    remedy: `check the name; if it is right, give the token ${describePermission(need.permission)} on ${repo}`,
  }
}

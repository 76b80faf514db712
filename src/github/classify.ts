import type { Failure } from '../model/failure.js'
import type { RepoName } from '../model/repo-name.js'
import { readConnectionError, type ConnectionError } from './connection-error.js'
import { DeadlineExceeded } from './deadline.js'
import { describePermission, type Need } from './permissions.js'
import { NotSent } from './transport.js'
import { isRateLimited, readRetryAfter } from './rate-limit.js'

/** What was asked for: what a failure has to name. */
export interface Subject {
  repo: RepoName
  need: Need
  /** What the request is about, as it stands before "does not exist": `pull request #7 of acme/lib`. */
  thing: string
}

/** An HTTP answer, as Octokit hands it over. */
export interface HttpAnswer {
  status: number
  /** Lower-case names. */
  headers: Readonly<Record<string, unknown>>
  /** Parsed where it was JSON, else text. */
  body: unknown
}

/** A request that gave no usable answer, with what else the next decision needs. */
export interface RequestFailure {
  failure: Failure
  /** Proof that nothing reached GitHub. */
  neverSent: boolean
  /** Whether the same request may well succeed soon. */
  isTransient: boolean
  /** How long GitHub asks to wait, ms; null: it did not say. */
  retryAfterMs: number | null
  /** The gate kept the request from being sent: not a failure of GitHub's. */
  isWithheld: boolean
}

/** What an answer with a status of 400 or more means. `now`: ms since the epoch. */
export function classifyAnswer(
  subject: Subject,
  answer: HttpAnswer,
  context: { now: number; host: string; hasToken: boolean },
): RequestFailure {
  const told = { subject, answer, said: readMessage(answer.body), ...context }
  const failure = { ...explain(told), repo: subject.repo, httpStatus: answer.status }
  const isTransient = failure.kind === 'rate-limited' || [500, 502, 503, 504].includes(answer.status)
  const retryAfterMs = isTransient ? readRetryAfter(answer, context.now) : null
  return { failure, neverSent: false, isTransient, retryAfterMs, isWithheld: false }
}

/** What it means that `fetch` rejected, or that the deadline passed. */
export function classifyError(subject: Subject, error: unknown, host: string): RequestFailure {
  const { repo } = subject
  const plain = { neverSent: false, isTransient: true, retryAfterMs: null, isWithheld: false }
  if (error instanceof NotSent) {
    const failure: Failure = { kind: 'network', message: 'the request was withheld', repo }
    return { ...plain, failure, neverSent: true, isTransient: false, isWithheld: true }
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

/** An answer that is not what the endpoint documents. */
export function unexpectedAnswer(subject: Subject, problem: string, httpStatus?: number): Failure {
  return {
    kind: 'unexpected-answer',
    message: `GitHub answered unexpectedly about ${subject.thing}: ${problem}`,
    remedy: 'check that the address is that of a GitHub API and that no proxy changes its answers',
    repo: subject.repo,
    ...(httpStatus === undefined ? {} : { httpStatus }),
  }
}

interface Told {
  subject: Subject
  answer: HttpAnswer
  /** GitHub's own words; null: the body is not GitHub's. */
  said: string | null
  now: number
  host: string
  hasToken: boolean
}

type Explanation = Pick<Failure, 'kind' | 'message' | 'remedy' | 'permission'>

function explain(told: Told): Explanation {
  const { answer, said, subject, host } = told
  if (isRateLimited(answer, said ?? '')) return explainRateLimit(told)
  if (answer.status >= 500) {
    const message = `${host} answered ${answer.status} about ${subject.thing}`
    return { kind: 'server-error', message, remedy: tryAgain }
  }
  // A page of a proxy or a captive portal proves nothing about GitHub, least of all that something is absent.
  if (said === null) {
    return unexpectedAnswer(subject, `status ${answer.status} with a body that is not GitHub's`)
  }
  if (answer.status === 401) return explainUnauthorized(told, said)
  if (typeof answer.headers['x-github-sso'] === 'string') return explainSso(told, answer.headers['x-github-sso'])
  if (answer.status === 403) return explainForbidden(told, said)
  if (answer.status === 404) return explainNotFound(told)
  return { kind: 'invalid-request', message: `GitHub refused to ${subject.need.act} in ${subject.repo}: ${said}` }
}

function explainRateLimit({ answer, now, host }: Told): Explanation {
  const waitMs = readRetryAfter(answer, now)
  const until = waitMs === null ? 'for a while' : `until ${new Date(now + waitMs).toISOString().slice(0, 19)}Z`
  const isPrimary = answer.headers['x-ratelimit-remaining'] === '0'
  return isPrimary
    ? {
        kind: 'rate-limited',
        message: `the token's rate limit on ${host} is used up ${until}`,
        remedy: 'wait until then, or use a token with a higher limit',
      }
    : {
        kind: 'rate-limited',
        message: `${host} asks to slow down ${until} (secondary rate limit)`,
        remedy: 'wait, and run fewer things with this token at the same time',
      }
}

function explainUnauthorized({ host, hasToken, subject }: Told, said: string): Explanation {
  const needed = `It needs ${describePermission(subject.need.permission)} on ${subject.repo}`
  return hasToken
    ? {
        kind: 'unauthorized',
        message: `${host} refused the token (${said})`,
        remedy: `${howToAuthenticate(host)} to a token that is valid. ${needed}`,
      }
    : {
        kind: 'unauthorized',
        message: `${host} wants a token to ${subject.need.act} in ${subject.repo}`,
        remedy: `${howToAuthenticate(host)}. ${needed}`,
      }
}

/** A token for github.com is never taken for another server, nor the other way round (`authentication.ts`). */
function howToAuthenticate(host: string): string {
  if (host === 'api.github.com') return 'run "gh auth login" or set GH_TOKEN'
  const hostname = host.replace(/^api\./u, '')
  const variable = hostname.endsWith('.ghe.com') ? 'GH_TOKEN' : 'GH_ENTERPRISE_TOKEN'
  return `run "gh auth login --hostname ${hostname}" or set ${variable}`
}

function explainSso({ subject }: Told, header: string): Explanation {
  const organization = /\/orgs\/([\w-]+)\/sso/u.exec(header)?.[1] ?? subject.repo.split('/')[0] ?? subject.repo
  return {
    kind: 'forbidden',
    message: `the organization ${organization} wants single sign-on before this token may ${subject.need.act} in ${subject.repo}`,
    remedy: `authorize the token for SSO: on GitHub, Settings, Developer settings, the token, Configure SSO, ${organization}`,
  }
}

function explainForbidden({ answer, subject }: Told, said: string): Explanation {
  if (/archived/iu.test(said)) {
    const remedy = 'unarchive it in its settings, or take it out of the graph'
    return { kind: 'archived', message: `the repository ${subject.repo} is archived, so it is read-only`, remedy }
  }
  const accepted = answer.headers['x-accepted-github-permissions']
  const permission = typeof accepted === 'string' && accepted !== '' ? accepted : subject.need.permission
  return {
    kind: 'forbidden',
    message: `this token may not ${subject.need.act} in ${subject.repo} (${said})`,
    remedy: `give the token ${describePermission(permission)} on ${subject.repo} (a classic token: the scope repo)`,
    permission,
  }
}

function explainNotFound({ subject }: Told): Explanation {
  return {
    kind: 'not-found',
    message: `${subject.thing} does not exist, or this token cannot see it`,
    remedy: `check the name; if it is right, give the token ${describePermission(subject.need.permission)} on ${subject.repo}`,
  }
}

const maxSaidLength = 300

/** GitHub's `message`, with the messages of `errors` (POST answers of 422), on one line; null: not a body of GitHub's. */
export function readMessage(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('message' in body) || typeof body.message !== 'string') return null
  const errors: unknown = 'errors' in body ? body.errors : undefined
  const details = Array.isArray(errors) ? errors.map(readDetail).filter((detail) => detail !== '') : []
  const whole = [body.message, ...details].join('; ').replace(/\s+/gu, ' ').trim()
  return whole.length <= maxSaidLength ? whole : `${whole.slice(0, maxSaidLength)}…`
}

function readDetail(error: unknown): string {
  if (typeof error === 'string') return error
  if (typeof error !== 'object' || error === null) return ''
  if ('message' in error && typeof error.message === 'string') return error.message
  return ['resource', 'field', 'code']
    .map((key): unknown => (key in error ? error[key as keyof typeof error] : undefined))
    .filter((value): value is string => typeof value === 'string')
    .join(' ')
}

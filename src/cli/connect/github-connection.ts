import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Pause } from '../../ports/pause.js'
import { missingToken } from '../../github/api/authentication.js'
import { fixedToken } from '../../github/api/token.js'
import { createGitHub } from '../../github/github.js'
import type { GitHub } from '../../github/github.js'
import type { RequestEntry } from '../../github/http/request-entry.js'
import { sanitize } from '../../lib/sanitize.js'
import { pauseText } from '../../report/views/pause-view.js'
import type { Result } from '../../app/problem.js'
import { settingProblem, stop } from '../../app/problem.js'
import type { Messages } from '../output/messages.js'
import type { Requesting } from './app-connection.js'
import { findGitHub, keepsLimits } from './find-github.js'
import type { GitHubAccess } from './find-github.js'

/** A connected GitHub. */
export interface Connection {
  github: GitHub
  /** Root of GitHub's pages, without a slash at the end. */
  serverUrl: string
  /** Whether GitHub's limits on writes are kept. */
  keepsLimits: boolean
  /** Passes the pauses to a listener until the returned function is called. Without a listener they are written to stderr. */
  takePauses: (listener: (pause: Pause) => void) => () => void
  /** Releases the connection: it sends and awaits nothing more, and requests in flight are never answered. */
  close: () => Promise<void>
}

export interface ConnectionOptions {
  verbose: boolean
}

/** What a token is needed for; named where there is none. */
export interface TokenUse {
  repositories: readonly RepoName[]
  /** Such as `Contents: write`; absent: what building a change needs. */
  permissions?: string
}

/** Connects for a graph. */
export async function connect(
  access: GitHubAccess & { cwd: string },
  graph: Graph,
  messages: Messages,
  options: ConnectionOptions,
): Promise<Result<Connection>> {
  return connectFor(access, { repositories: repositoriesOf(graph) }, messages, options)
}

/** Connects to the GitHub that the environment names: as a GitHub App where it names one, else with the token of the environment or of `gh`. */
export async function connectFor(
  access: GitHubAccess & { cwd: string },
  { repositories, permissions }: TokenUse,
  messages: Messages,
  options: ConnectionOptions,
): Promise<Result<Connection>> {
  const found = await findGitHub(access)
  if (!found.ok) return found
  const { host, token, fetch, close: closeNetwork } = found.value
  if (token === null && !namesApp(access)) {
    await closeNetwork()
    const missing = missingToken(host, access.env, repositories.slice(0, 5), permissions)
    return stop(settingProblem(missing, 'no variable for this host holds one, and `gh auth token` gave none'))
  }
  const { requesting, ...rest } = prepareRequests(access, messages, options, { apiUrl: host.apiUrl, fetch })
  const close = async (): Promise<void> => {
    await rest.close()
    await closeNetwork()
  }
  const github = await logIn(access, { requesting, token, note: messages.note })
  if (github.ok) return { ok: true, value: { ...rest, github: github.value, serverUrl: host.serverUrl, close } }
  await close()
  return github
}

/** Whether the environment names a GitHub App. Its variables are for orch alone, so that they take precedence over a token. */
function namesApp({ env }: Pick<GitHubAccess, 'env'>): boolean {
  return ['ORCH_APP_ID', 'ORCH_APP_PRIVATE_KEY'].some((name) => (env[name] ?? '').trim() !== '')
}

async function logIn(
  access: GitHubAccess & { cwd: string },
  { requesting, token, note }: { requesting: Requesting; token: string | null; note: Messages['note'] },
): Promise<Result<GitHub>> {
  if (token !== null && !namesApp(access))
    return { ok: true, value: createGitHub({ ...requesting, token: fixedToken(token) }) }
  const { connectAsApp } = await import('./app-connection.js')
  return connectAsApp(access, requesting, note)
}

/** Connects to the GitHub at an address. */
export function open(
  access: GitHubAccess,
  messages: Messages,
  options: ConnectionOptions,
  { token, ...place }: { apiUrl: string; token: string; fetch: typeof globalThis.fetch | undefined },
): Omit<Connection, 'serverUrl'> {
  const { requesting, ...rest } = prepareRequests(access, messages, options, place)
  return { ...rest, github: createGitHub({ ...requesting, token: fixedToken(token) }) }
}

function prepareRequests(
  access: GitHubAccess,
  messages: Messages,
  { verbose }: ConnectionOptions,
  { apiUrl, fetch }: { apiUrl: string; fetch: typeof globalThis.fetch | undefined },
): Omit<Connection, 'serverUrl' | 'github'> & { requesting: Requesting } {
  const closing = new AbortController()
  const toStderr = (pause: Pause): void => messages.note(pauseText(pause))
  let report = toStderr
  const isLimited = keepsLimits(apiUrl)
  return {
    requesting: {
      apiUrl,
      clock: access.clock,
      random: access.random,
      ...(fetch ? { fetch } : {}),
      keepsLimits: isLimited,
      closed: closing.signal,
      onPause: (pause) => report(pause),
      onGraphQLRefused: (reason) => messages.note(refusedText(apiUrl, reason)),
      ...(verbose ? { onRequest: (entry: RequestEntry) => messages.note(requestLine(entry)) } : {}),
    },
    keepsLimits: isLimited,
    takePauses: (listener) => {
      report = listener
      return () => (report = toStderr)
    },
    close: () => {
      closing.abort()
      return Promise.resolve()
    },
  }
}

/** A note: everything still works, with more requests. */
function refusedText(apiUrl: string, reason: string): string {
  return `${new URL(apiUrl).host} does not answer GraphQL (${sanitize(reason)}): changes are read by the REST API, with more requests`
}

/** One request for `--verbose`. */
export function requestLine({ method, path, status, isCounted, ms, remaining, limit, failure }: RequestEntry): string {
  const free = status === 304 && !isCounted ? '  not counted' : ''
  const left = remaining === null ? '' : `  ${remaining} of ${limit ?? '?'} left`
  const answer = status === null ? `no answer: ${sanitize(failure ?? 'unknown')}` : String(status)
  return `  ${method.padEnd(4)} ${sanitize(path)}  ${answer}  ${Math.round(ms)} ms${free}${left}`
}

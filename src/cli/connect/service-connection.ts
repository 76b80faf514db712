import { join } from 'node:path'
import type { Result } from '../../app/problem.js'
import { settingProblem, stop } from '../../app/problem.js'
import type { RequestingOptions } from '../../github/api/requesting.js'
import type { RequestEntry } from '../../github/http/request-entry.js'
import { repositoriesOf } from '../../model/graph.js'
import type { Graph } from '../../model/graph.js'
import { connectApp } from '../../service/github-app/app-connection.js'
import { damagedFileProblem, readAppCredentials } from '../../service/github-app/app-credentials.js'
import type { AppCredentials } from '../../service/github-app/app-credentials.js'
import { appFileName, readAppFile } from '../../service/github-app/app-file.js'
import type { AppFile } from '../../service/github-app/app-file.js'
import type { Log } from '../../service/operations/log.js'
import type { ServiceHost } from '../../service/service-host.js'
import { missingToken } from '../../github/api/authentication.js'
import { fixedToken } from '../../github/api/token.js'
import { createGitHub } from '../../github/github.js'
import { createGitHubLogin } from '../../service/github-login.js'
import type { GitHubLogin } from '../../service/github-login.js'
import { findGitHub } from './find-github.js'
import type { FoundGitHub } from './find-github.js'
import type { GitHubAccess } from './find-github.js'

/** GitHub as the service uses it. */
export interface ServiceConnection {
  host: ServiceHost
  /** The login that statuses are posted as; null: GitHub names none. */
  login: string | null
  apiUrl: string
  /** Root of GitHub's pages, without a slash at the end. */
  serverUrl: string
  /** For requests with other tokens. */
  requesting: Omit<RequestingOptions, 'token' | 'clock' | 'random'>
  isApp: boolean
  githubLogin: GitHubLogin
  /** Reads the installations of the App again. */
  forget: () => void
  /** Sends and awaits nothing more. */
  close: () => Promise<void>
}

export interface ServiceConnectionOptions {
  access: GitHubAccess
  graph: Graph
  /** The folder of the service's state. */
  serviceDirectory: string
  /** The folder of the graph file. */
  directory: string
  log: Log
  onRequest: (entry: RequestEntry) => void
  /** Called with each secret, so that the log never shows it. */
  keepSecret: (secret: string) => void
  /** The embedded GitHub to use; absent: the GitHub that the environment names. */
  sandbox?: { url: string; token: string } | undefined
}

/** The App of `orch serve --setup`; null: there is none. */
export async function readStoredApp(serviceDirectory: string): Promise<Result<AppFile | null>> {
  const path = join(serviceDirectory, appFileName)
  const reading = await readAppFile(path)
  if (reading.kind === 'damaged') return stop(damagedFileProblem(path))
  return { ok: true, value: reading.kind === 'read' ? reading.file : null }
}

/** Connects as a GitHub App where one is configured, else with a token. */
export async function connectService(options: ServiceConnectionOptions): Promise<Result<ServiceConnection>> {
  const { access, graph, log, keepSecret, sandbox } = options
  if (sandbox) {
    const place = { apiUrl: `${sandbox.url}/api/v3`, serverUrl: sandbox.url, keepsLimits: false }
    return connectWithToken(options, place, { token: sandbox.token, fetch: access.fetch, close: closeNothing })
  }
  const found = await findGitHub(access)
  if (!found.ok) return found
  const { host, token, keepsLimits, ...network } = found.value
  const place = { apiUrl: host.apiUrl, serverUrl: host.serverUrl, keepsLimits }
  const { env } = access
  const appFile = join(options.serviceDirectory, appFileName)
  const credentials = await readAppCredentials({ env, directory: options.directory, appFile })
  if (credentials.ok && credentials.value)
    return connectAsApp(options, place, { ...network, credentials: credentials.value })
  if (credentials.ok && token !== null) {
    keepSecret(token)
    log.info({ api: host.apiUrl }, 'connecting to GitHub with a token')
    return connectWithToken(options, place, { ...network, token })
  }
  await network.close()
  if (!credentials.ok) return credentials
  const missing = missingToken(host, env, repositoriesOf(graph).slice(0, 5))
  return stop(settingProblem(missing, 'no GitHub App is configured, and no variable for this host holds a token'))
}

interface Place {
  apiUrl: string
  serverUrl: string
  keepsLimits: boolean
}

type Network = Pick<FoundGitHub, 'fetch' | 'close'>

const closeNothing = (): Promise<void> => Promise.resolve()

function requestingOf(
  { log, onRequest }: ServiceConnectionOptions,
  { apiUrl, keepsLimits }: Place,
  { fetch }: Network,
  closed: AbortSignal,
): ServiceConnection['requesting'] {
  return {
    apiUrl,
    keepsLimits,
    closed,
    onRequest,
    onPause: (pause) => log.warn({ pause }, 'requests to GitHub are paused'),
    ...(fetch ? { fetch } : {}),
  }
}

async function connectWithToken(
  options: ServiceConnectionOptions,
  place: Place,
  network: Network & { token: string },
): Promise<Result<ServiceConnection>> {
  const { access, graph, log } = options
  const closing = new AbortController()
  const requesting = requestingOf(options, place, network, closing.signal)
  const [repository] = repositoriesOf(graph)
  // A login that is refused at the start is a problem of its own.
  let githubLogin: GitHubLogin | null = null
  const connect = (): ServiceHost =>
    createGitHub({
      ...requesting,
      onRequest: (entry) => {
        requesting.onRequest?.(entry)
        if (githubLogin) noteAnswer(githubLogin, entry)
      },
      clock: access.clock,
      random: access.random,
      token: fixedToken(network.token),
      onGraphQLRefused: (reason) => log.warn({ reason }, 'GitHub does not answer GraphQL'),
    })
  const host = connect()
  const login = repository === undefined ? null : await host.login(repository)
  if (login && !login.ok) return stop(settingProblem(login.failure, 'GitHub must say who this token belongs to'))
  if (login?.value === null) {
    log.warn({}, 'GitHub does not name the login of this token: statuses that orch wrote are known by their text only')
  }
  githubLogin = createGitHubLogin({
    clock: access.clock,
    log,
    // A connection keeps the login that it has read.
    ask: async () => (repository === undefined ? null : connect().login(repository)),
    closed: closing.signal,
  })
  const close = async (): Promise<void> => {
    closing.abort()
    await network.close()
  }
  const { apiUrl, serverUrl } = place
  return {
    ok: true,
    value: {
      host,
      login: login?.value ?? null,
      apiUrl,
      serverUrl,
      requesting,
      isApp: false,
      githubLogin,
      forget: () => undefined,
      close,
    },
  }
}

/** With a token that is not replaced, each answer of the API shows whether GitHub accepts it. */
function noteAnswer(githubLogin: GitHubLogin, { path, status }: RequestEntry): void {
  if (!path.startsWith('/') || status === null) return
  if (status === 401) {
    const remedy = 'create a new token, give it to the service, and start it again'
    githubLogin.note({ kind: 'unauthorized', message: 'GitHub refuses the token of the service', remedy })
  } else if (status < 400) githubLogin.note(null)
}

async function connectAsApp(
  options: ServiceConnectionOptions,
  place: Place,
  network: Network & { credentials: AppCredentials },
): Promise<Result<ServiceConnection>> {
  const { access, graph, log, keepSecret } = options
  keepSecret(network.credentials.privateKey)
  const closing = new AbortController()
  const requesting = requestingOf(options, place, network, closing.signal)
  const { clock } = access
  // A key that is refused at the start is a problem of its own.
  let githubLogin: GitHubLogin | null = null
  const connected = await connectApp({
    ...requesting,
    clock,
    random: access.random,
    credentials: network.credentials,
    onLogin: (refusal) => githubLogin?.note(refusal),
    onLateRefresh: (owner, { message }) =>
      log.warn({ owner, problem: message }, 'a token could not be replaced in time'),
    onGraphQLRefused: (reason) => log.warn({ reason }, 'GitHub does not answer GraphQL'),
  })
  if (!connected.ok) return connected
  const { host, login, ask, check, forget } = connected.value
  const { problems, notes } = await check(repositoriesOf(graph))
  for (const note of notes) log.warn({}, note)
  if (problems.length > 0) return { ok: false, problems }
  log.info({ app: login }, 'connected to GitHub as an App')
  githubLogin = createGitHubLogin({ clock, log, ask, closed: closing.signal })
  const close = async (): Promise<void> => {
    closing.abort()
    await network.close()
  }
  const { apiUrl, serverUrl } = place
  return { ok: true, value: { host, login, apiUrl, serverUrl, requesting, isApp: true, githubLogin, forget, close } }
}

import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Hooks } from '../../ports/host/hooks.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { serviceNeeds } from '../api/permissions.js'
import { createRequesting, type RequestingOptions } from '../api/requesting.js'
import { interpret, isNotFound, listOf } from '../api/requests.js'
import type { Token } from '../api/token.js'
import { listHookDeliveries, listHooks, readHookPayload } from '../hooks/hooks.js'
import { repoPath } from '../http/path.js'
import { createRedaction, redactDeep } from '../../lib/redaction.js'
import { createAppJwt } from './app-jwt.js'
import { toApp, toInstallation, toInstallationToken, type App, type Installation } from './app-payload.js'

/** What a GitHub App may ask as itself, and not as one of its installations. Failures are values. */
export interface AppClient {
  /** The App itself. */
  readApp: () => Promise<Read<App>>
  /** Everywhere that it is installed, suspended installations included. */
  listInstallations: () => Promise<Read<Installation[]>>
  /** Whether it is installed on a repository. */
  hasRepository: (repo: RepoName) => Promise<Read<boolean>>
  /** The webhook of the App. */
  hooks: Hooks
  /** A new token of an installation, valid for an hour. */
  createToken: (installation: Installation) => Promise<Read<Token>>
}

export interface AppClientOptions extends Omit<RequestingOptions, 'token'> {
  app: { id: string; privateKey: string }
  /** Called with each answer that shows whether GitHub accepts the key; null: it does. */
  onLogin?: (refusal: Failure | null) => void
}

/** The GitHub App over the REST API, with its JSON Web Token. Neither the key nor a token is in any result or error. */
export function createAppClient({ app, onLogin, ...options }: AppClientOptions): AppClient {
  const redaction = createRedaction()
  let serverTime: () => number | null = () => null
  const jwt = createAppJwt(app, () => serverTime() ?? options.clock.now())
  const { requests, transport } = createRequesting({ ...options, token: jwt }, redaction)
  serverTime = transport.serverTime
  const about = (path: string, thing: string): Ask => ({ repo: thing, need: serviceNeeds.readApp, thing, path })
  const note = (read: Read<unknown>): void => {
    if (read.ok) onLogin?.(null)
    else if (read.failure.kind === 'unauthorized') onLogin?.(read.failure)
  }
  const explained = async <T>(work: Promise<Read<T>>): Promise<Read<T>> => {
    const read = redactDeep(await work, redaction.redact)
    const known: Read<T> = read.ok ? read : { ok: false, failure: explain(app.id, read.failure) }
    note(known)
    return known
  }
  return {
    readApp: () => {
      const ask = about('/app', `the GitHub App ${app.id}`)
      return explained(requests.get(ask).then((answer) => interpret(ask, answer, toApp)))
    },
    listInstallations: () => {
      const ask = about('/app/installations', `the installations of the GitHub App ${app.id}`)
      return explained(requests.getPages({ ...ask, isPlural: true }, listOf(toInstallation)))
    },
    hasRepository: (repo) => {
      const ask = { ...about(repoPath(repo, 'installation'), repo), repo }
      const answered = requests.get(ask).then((answer): Read<boolean> => {
        if (isNotFound(answer)) return { ok: true, value: false }
        return interpret(ask, answer, () => true)
      })
      return explained(answered)
    },
    hooks: {
      listHooks: (owner) => explained(listHooks(requests, owner)),
      listHookDeliveries: (hook, since) => explained(listHookDeliveries(requests, hook, since)),
      readHookPayload: (hook, deliveryId) => explained(readHookPayload(requests, hook, deliveryId)),
    },
    createToken: async ({ id, account }) => {
      const ask = about(`/app/installations/${id}/access_tokens`, `the installation of the GitHub App on ${account}`)
      // A second token does no harm, so that the request may be repeated. A new token must not be redacted from its own result.
      const answer = await requests.post(ask, { lane: 'urgent', repeat: 'failures' })
      const created = interpret(ask, answer, (body) => toInstallationToken(body, id))
      if (!created.ok) return explained(Promise.resolve(created))
      note(created)
      return created
    },
  }
}

/** A failure names the App and its key, where the usual words are about a token that a person gave. */
function explain(id: string, asked: Failure): Failure {
  const failure = { ...asked }
  // What the request was about is no repository.
  delete failure.repo
  if (failure.kind === 'unauthorized' || (failure.kind === 'not-found' && failure.message.includes('GitHub App'))) {
    return {
      ...failure,
      kind: 'unauthorized',
      message: `the GitHub App ${id} could not log in: ${failure.message}`,
      remedy: 'check ORCH_APP_ID, and if the key was deleted, create a new private key on the page of the App',
    }
  }
  return failure
}
